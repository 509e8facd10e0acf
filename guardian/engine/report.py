"""The report of a span of time: Markdown for people, a JSON document for programs. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from guardian.diagnose.plain import brief
from guardian.engine.numbers import Group, Numbers, Scans, Times, numbers, scans
from guardian.history.values import Gap, Past
from guardian.model import JSON
from guardian.settings import rough_text

SCHEMA_VERSION = 1
_MOST = 20
"""Targets, people's acts and gaps listed at most, in Markdown."""


def document(past: Past) -> dict[str, JSON]:
    found = numbers(past)
    return {
        "schema_version": SCHEMA_VERSION,
        "since": past.since.isoformat(),
        "until": past.until.isoformat(),
        "history_began": past.began.isoformat() if past.began else None,
        "incidents": {
            "opened": found.opened,
            "resolved": found.resolved,
            "healed": found.healed,
            "told": found.told,
            "open": [
                {"id": each.id, "check": each.check, "node": each.node, "target": each.target, "message": each.message}
                for each in found.still_open
            ],
        },
        "seconds_to_detect_at_most": _seconds(found.detect),
        "seconds_to_recover": _seconds(found.recover),
        "heals": {remedy: asdict(heals) for remedy, heals in found.heals.items()},
        "by_check": [asdict(group) for group in found.by_check],
        "by_target": [asdict(group) for group in found.by_target],
        "notifications": {"sent": dict(past.sent or {}), "failed": past.failed},
        "scans": _scans(past),
        "acts": [
            {"at": act.at.isoformat(), "by": act.author, "what": act.verb, "about": act.about} for act in past.acts
        ],
        "gaps": [
            {"after": gap.after.isoformat() if gap.after else None, "before": gap.before.isoformat(),
             "entries": gap.entries or None}
            for gap in past.gaps
        ],
    }  # fmt: skip


def _scans(past: Past) -> dict[str, JSON] | None:
    if past.scans is None:
        return None
    found = scans(past.scans)
    return {
        "first_day": past.scans.first.isoformat(),
        "last_day": past.scans.last.isoformat(),
        "scans": found.total.scans,
        "blocked": found.total.blocked,
        "reviewed": found.total.reviewed,
        "by_rule": dict(found.by_rule),
        "by_agent": [asdict(each) for each in found.by_agent],
        "not_allowed": [asdict(each) | {"at": each.at.isoformat()} for each in past.scans.newest],
    }


def _seconds(times: Times) -> dict[str, JSON]:
    return {
        "mean": round(times.mean.total_seconds(), 3) if times.mean is not None else None,
        "worst": round(times.worst.total_seconds(), 3) if times.worst is not None else None,
    }


def markdown(past: Past) -> str:
    found = numbers(past)
    return "\n".join(
        [
            f"# Guardian, {_day(past.since)} to {_day(past.until)}",
            "",
            *_summary(past, found),
            *_section("Heals by remedy", _HEALS, _heal_rows(found)),
            *_section("Incidents by check", _GROUPS, _group_rows(found.by_check)),
            *_section("Incidents by target", _GROUPS, _group_rows(found.by_target)),
            *_section("Open at the end", ("target", "check", "since", "what is seen"), _open_rows(found)),
            *_section("Who did what", ("when", "who", "what", "about"), _act_rows(past)),
            *_scan_sections(past),
            *_gaps(past),
        ]
    )


_HEALS = ("remedy", "tried", "held", "did not hold", "failed", "stopped for good", "open")
_SCANS = ("agent", "scans", "blocked", "for review")
_GROUPS = ("", "opened", "healed", "told", "still open")


def _summary(past: Past, found: Numbers) -> Iterator[str]:
    if past.began is not None and past.began > past.since:
        yield f"- The history begins at {_when(past.began)}."
    yield f"- Incidents: {found.opened} opened, {found.resolved} ended, {found.healed} of them by a heal that held."
    yield f"- A person was told of {found.told}; {len(found.still_open)} are open at the end."
    yield f"- Seen within (at most): {_both(found.detect)}. Over after: {_both(found.recover)}."
    sent = ", ".join(f"{count} by {channel}" for channel, count in (past.sent or {}).items())
    yield f"- Notifications: {sent or 'none'} sent, {past.failed} not delivered at once."


def _both(times: Times) -> str:
    if times.mean is None or times.worst is None:
        return "nothing to measure"
    return f"mean {_length(times.mean)}, worst {_length(times.worst)}"


def _length(length: timedelta) -> str:
    short = timedelta(minutes=1)
    return f"{length.total_seconds():.1f}s" if length < short else rough_text(length)


def _heal_rows(found: Numbers) -> Iterator[Sequence[str]]:
    for remedy, heals in found.heals.items():
        yield (remedy, *map(str, asdict(heals).values()))


def _group_rows(groups: Sequence[Group]) -> Iterator[Sequence[str]]:
    for group in groups[:_MOST]:
        yield tuple(map(str, asdict(group).values()))
    if len(groups) > _MOST:
        yield (f"and {len(groups) - _MOST} more", "", "", "", "")


def _open_rows(found: Numbers) -> Iterator[Sequence[str]]:
    for each in found.still_open[-_MOST:]:
        yield f"{each.target}@{each.node}", each.check, _when(each.opened_at), brief(each.message, 100)


def _act_rows(past: Past) -> Iterator[Sequence[str]]:
    for act in past.acts[-_MOST:]:
        yield _when(act.at), act.author, act.verb, brief(act.about, 80)


def _scan_sections(past: Past) -> Iterator[str]:
    """Nothing where nothing was scanned."""
    found = scans(past.scans) if past.scans else None
    if past.scans is None or found is None or not found.total.scans:
        return
    yield from _section("Scans by agent", _SCANS, _scan_rows(found))
    yield from ["", f"By whole days (UTC), {past.scans.first} to {past.scans.last}."]
    yield from _section(
        "Scans by rule", ("rule", "scripts"), [(rule, str(many)) for rule, many in found.by_rule.items()]
    )
    yield from _section(
        "Scripts that were blocked or are for review",
        ("when", "agent", "script", "scan verdict", "rules"),
        [
            (_when(each.at), each.agent, f"{brief(each.path, 80)}@{each.node}", each.verdict, " ".join(each.rules))
            for each in past.scans.newest[-_MOST:]
        ],
    )


def _scan_rows(found: Scans) -> Iterator[Sequence[str]]:
    for each in [*found.by_agent[:_MOST], *([found.total] if len(found.by_agent) > 1 else [])]:
        yield each.agent or "(none named)", str(each.scans), str(each.blocked), str(each.reviewed)


def _gaps(past: Past) -> Sequence[str]:
    return (
        ["", "## Gaps in this history", "", *(f"- {gap_text(gap)}" for gap in past.gaps[-_MOST:])] if past.gaps else []
    )


def gap_text(gap: Gap) -> str:
    began = _when(gap.after) if gap.after else "the beginning"
    lost = f"{gap.entries} entries are missing" if gap.entries else "Redis was lost; what it still held is not known"
    return f"{began} to {_when(gap.before)}: {lost}"


def _section(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Sequence[str]:
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    head = "| " + " | ".join(headings) + " |"
    return ["", f"## {title}", "", head, "|" + " --- |" * len(headings), *lines] if lines else []


def _cell(text: str) -> str:
    return brief(text, 200).replace("\\", "\\\\").replace("|", "\\|")


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%MZ}"
