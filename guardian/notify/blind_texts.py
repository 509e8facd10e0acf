"""What a person is told when Guardian is blind, and when it sees again."""

from collections.abc import Mapping
from datetime import datetime

from guardian.decide.blind import BEAT, CLOCK, REDIS, WORKERS, Blindness
from guardian.decide.occurrences import Occurrence
from guardian.diagnose.plain import brief
from guardian.model import GUARDIAN, Severity
from guardian.ports import Notification
from guardian.settings import rough_text

_MAX_TEXT, _MAX_TITLE, _MAX_NAME = 1_500, 200, 200

_ADVICE: Mapping[Blindness, str] = {
    Blindness.STORE_AWAY: "Start the Redis server; Guardian goes on by itself. Until then nothing is looked at.",
    Blindness.STORE_SILENT: "Look at the Redis server: stopped, swapping, busy? Until then nothing is looked at.",
    Blindness.STORE_REFUSES: "Look at the Redis server: memory full, read-only, or the password changed?",
    Blindness.BEAT_AWAY: "Start it again (`guardian up`, or `guardian beat`; one in all).",
    Blindness.NO_WORKER: "Start one (`guardian up`, or `guardian worker`).",
    Blindness.WORKER_AWAY: "Start it again (`guardian up`, `guardian worker`). Gone for good: forgotten in a day.",
    Blindness.QUEUE_STUCK: "Look at what its processes do, and end them; the worker starts others.",
    Blindness.CHECK_LATE: "Look at Guardian's log for this check, and at `guardian check run` for how long it takes.",
    Blindness.CLOCK_OFF: "Set the clocks by NTP: a message that seems too old is thrown away.",
}
_LESSER = frozenset({Blindness.CHECK_LATE, Blindness.CLOCK_OFF})
_WHOLE = frozenset({REDIS, BEAT, WORKERS, CLOCK})


def notification(each: Occurrence, node: str, now: datetime) -> Notification:
    """`node` is that of the watch."""
    severity = Severity.HIGH if each.reason in _LESSER else Severity.CRITICAL
    return Notification(
        step=each.telling,
        incident=f"watch-{each.id}" + (f"-{each.times + 1}" if each.times else ""),
        title=brief(_title(each), _MAX_TITLE),
        text=brief(_text(each, node), _MAX_TEXT) if each.over else _lines(each, node),
        severity=Severity.INFO if each.over else severity,
        check=GUARDIAN,
        target=brief(each.subject, _MAX_NAME),
        node=node,
        at=now,
        details={"reason": each.reason, "since": each.since.isoformat(), "told_before": each.times},
    )


def line(each: Occurrence) -> str:
    """For the log and `guardian status`."""
    return f"{_named(each)}: {each.text}"


def _title(each: Occurrence) -> str:
    if each.over is not None:
        return f"Guardian sees again: {each.subject}"
    return f"Guardian is {'still ' if each.times else ''}blind: {_named(each)}"


def _named(each: Occurrence) -> str:
    return each.reason if each.subject in _WHOLE else f"{each.reason} ({each.subject})"


def _text(each: Occurrence, node: str) -> str:
    lasted = rough_text((each.over or each.since) - each.since)
    return f"{each.ending}. {_named(each)}, since {each.since:%Y-%m-%d %H:%M:%S %Z}, for {lasted}. Seen from {node}."


def _lines(each: Occurrence, node: str) -> str:
    return "\n".join(
        [brief(each.text, _MAX_TEXT), _ADVICE[each.reason], f"Seen from {node}, {each.since:%Y-%m-%d %H:%M:%S %Z}."]
    )
