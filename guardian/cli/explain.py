"""`guardian explain`: the whole story of one incident, with the reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.engine.explain import Next
    from guardian.model import Evidence, Incident, Silence, Transition
    from guardian.store.store import Store

_LOG_LINES = 20


@dataclass(frozen=True)
class _Told:
    """All that there is to tell. `no_heal`: why it was not healed, where it was not."""

    incident: "Incident"
    story: Sequence["Transition"]
    silence: "Silence | None"
    cooldown: datetime | None
    now: datetime
    next: Sequence["Next"]
    no_heal: str | None


@click.command("explain")
@click.argument("incident")
@click.option("--log", "lines", type=click.IntRange(0, 100), default=_LOG_LINES, show_default=True, help="Log lines.")
@options.where
@options.as_json
def COMMAND(  # noqa: N802  found by this name
    incident: str, lines: int, config: Path | None, state: Path | None, as_json: bool
) -> None:
    """What was seen, decided, done and told, and why; and what is next.

    INCIDENT is an id, the beginning of one, or a target: then its newest incident.
    """
    from guardian.cli.shared.finding import find_incident
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json

    with reached(config, state) as guardian:
        told = _gathered(guardian.store, find_incident(guardian.store, incident))
    if as_json:
        show_json(_document(told))
        return
    for line in _text(told, lines):
        heading = line.endswith(":") and not line.startswith(" ")
        say(line, style="bold" if heading else "")


def _gathered(store: "Store", incident: "Incident") -> _Told:
    from guardian.engine.engine import silenced
    from guardian.engine.explain import what_next, why_no_heal

    now, story = store.clock.now(), store.story(incident.id)
    silence = silenced(incident.key, store.silences(now))
    cooldown = store.cooldowns([incident], now).get(incident.key)
    return _Told(
        incident, story, silence, cooldown, now, what_next(incident, silence), why_no_heal(incident, story)
    )  # fmt: skip


def _text(told: _Told, lines: int) -> Iterator[str]:
    from guardian.notify.texts import log_lines

    yield from _head(told)
    if told.no_heal:
        yield f"not healed: {told.no_heal}"
    yield from _under("What is next:", _next(told))
    yield from _under("What happened:", [_step(step, told.incident.opened_at) for step in told.story])
    evidence = told.incident.evidence
    if evidence:
        yield from _cause(evidence)
        yield from _under(f"Evidence, taken {_when(evidence.taken_at)}:", _facts(evidence.facts))
        yield from _under("Its log, last lines:", log_lines(evidence, lines))


def _head(told: _Told) -> Iterator[str]:
    from guardian.runtime.rows import ago
    from guardian.settings import rough_text

    incident, key = told.incident, told.incident.key
    yield f"{key.target}: {incident.message}"
    yield f"incident {incident.id}, check {key.check} on {key.node}, {incident.status}, severity {incident.severity}"
    since = f"since {_when(incident.opened_at)}"
    if incident.resolved_at:
        lasted = rough_text(incident.resolved_at - incident.opened_at)
        yield f"resolved {_when(incident.resolved_at)}, {since}, after {lasted}: {incident.resolution}"
    else:
        yield f"open {since} ({ago(incident.opened_at, told.now)})"
        yield f"seen {incident.failing_looks} times, last {_when(incident.seen_at)}"
    if incident.acked_by and incident.acked_at:
        yield f"acknowledged by {incident.acked_by} {_when(incident.acked_at)}"


def _next(told: _Told) -> Iterator[str]:
    from guardian.runtime.rows import due

    for step in told.next:
        yield due(step, told.now) + (f", at {_when(step.at)}" if step.at else "")
    if told.cooldown and told.incident.resolved_at is None:
        yield f"cooling down until {_when(told.cooldown)}"
    if told.silence and told.incident.resolved_at is None:
        heals = "no heals" if told.silence.no_heal else "heals go on"
        until, author = _when(told.silence.until), told.silence.author
        yield f"silenced until {until} by {author}, {heals} (silence {told.silence.id})"


def _step(step: "Transition", opened: datetime) -> str:
    from guardian.diagnose.redact import redact
    from guardian.settings import rough_text

    after = rough_text(step.at - opened)
    reason = f" (reason: {step.reason})" if step.reason else ""
    return f"{_when(step.at)}  +{after:<7} {step.kind}: {redact(step.text)}{reason}"


def _cause(evidence: "Evidence") -> Iterator[str]:
    if evidence.hypothesis:
        yield from _under("Likely cause:", [evidence.hypothesis.cause])
        yield from _under("What may help:", [evidence.hypothesis.fix_hint])


def _facts(facts: Mapping[str, object]) -> Iterator[str]:
    from guardian.diagnose.plain import plain_json

    shown = plain_json(facts)
    if isinstance(shown, dict):
        yield from (f"{name}: {value}" for name, value in sorted(shown.items()) if value is not None)


def _under(heading: str, lines: Sequence[str] | Iterator[str]) -> Iterator[str]:
    """Nothing where there is nothing to say."""
    indented = [f"  {line}" for line in lines]
    if indented:
        yield from ("", heading, *indented)


def _when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")


def _document(told: _Told) -> dict[str, object]:
    from guardian.cli.shared.documents import incident_document
    from guardian.diagnose.redact import redact

    incident = told.incident
    silences = [told.silence] if told.silence else []
    story = [
        {"at": step.at.isoformat(), "kind": step.kind, "text": redact(step.text), "reason": step.reason}
        for step in told.story
    ]
    return {
        "incident": {
            **incident_document(incident, silences),
            "seen_at": incident.seen_at.isoformat(),
            "looked_before": incident.looked_before.isoformat(),
            "failing_looks": incident.failing_looks,
            "healed_at": _iso(incident.healed_at),
            "acknowledged_at": _iso(incident.acked_at),
            "alerted_at": _iso(incident.alerted_at),
            "escalated_at": _iso(incident.escalated_at),
            "task_file": incident.task_file,
            "circuit_broken": incident.circuit_broken,
        },
        "not_healed_because": told.no_heal,
        "cooldown_until": _iso(told.cooldown),
        "silenced_until": _iso(told.silence.until if told.silence else None),
        "evidence": _evidence(incident.evidence) if incident.evidence else None,
        "story": story,
    }


def _evidence(evidence: "Evidence") -> dict[str, object]:
    from guardian.diagnose.plain import plain_json

    cause = evidence.hypothesis
    return {
        "taken_at": evidence.taken_at.isoformat(),
        "facts": plain_json(evidence.facts),
        "log_tail": list(evidence.log_tail),
        "hypothesis": {"signature": cause.signature, "cause": cause.cause, "fix_hint": cause.fix_hint}
        if cause
        else None,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
