"""What a person is told of an incident: one title and one text for every channel: plain, redacted, short.

The text answers, in this order: what is seen, what the cause may be, what was done, why no more was done,
what the log says, how to go on. When room is short the oldest log lines go first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from guardian.diagnose.blocks import blocks, share
from guardian.diagnose.plain import brief, cut, plain_json
from guardian.model import Action, Evidence, Incident, Severity, Status, Transition
from guardian.notify.shaping import FOOT, LOG_HEADING
from guardian.ports import Notification

MAX_TEXT = 3_500
MAX_TITLE = 200
LOG_LINES = 15
_LOG_LINE = 220
_STEPS_SHOWN = 8
DONE = frozenset({"healed", "heal failed", "circuit broken", "contained", "verified", "not verified", "taken over"})
"""The transitions that say what was tried, and how it went."""


def notification(incident: Incident, story: Sequence[Transition], step: str, at: datetime) -> Notification:
    """The message for `step`: alert, escalation, resolved or healed."""
    return Notification(
        step=step,
        incident=incident.id,
        title=title(incident, step),
        text=text(incident, story, step),
        severity="info" if step in {"resolved", "healed"} else incident.severity.value,
        check=brief(incident.key.check, 100),
        target=brief(incident.key.target, 200),
        node=brief(incident.key.node, 100),
        at=at,
        details=_details(incident),
    )


def trial(node: str, severity: Severity, at: datetime) -> Notification:
    """A message that proves that a channel works, and cannot be taken for trouble."""
    name = brief(node, 100)
    return Notification(
        step="test",
        incident="test",
        title=f"[TEST] Guardian on {name} reaches you here",
        text="This is a test (guardian notify test): nothing has happened, nothing is to be done.\n"
        f"Alerts of severity {severity.value} come this way.",
        severity=severity.value,
        check="test",
        target="test",
        node=name,
        at=at,
        details={},
    )


def title(incident: Incident, step: str) -> str:
    target, node = brief(incident.key.target, 80), brief(incident.key.node, 60)
    match step:
        case "escalation":
            whole = f"[SENTINEL] {target} needs attention"
        case "resolved":
            whole = f"{target} is well again on {node}"
        case "healed":
            whole = f"{target} failed on {node} and was healed"
        case _ if incident.status is Status.UNKNOWN:
            whole = f"{target} cannot be looked at on {node}: {brief(incident.message, MAX_TITLE)}"
        case _:
            whole = f"{target} fails on {node}: {brief(incident.message, MAX_TITLE)}"
    return cut(whole, MAX_TITLE)


def text(incident: Incident, story: Sequence[Transition], step: str) -> str:
    over = step in {"resolved", "healed"}
    head = [*_ending(incident), *_steady(story), *symptoms(incident), *_cause(incident.evidence), *_tried(story)]
    if not over and (why := why_not_healed(incident, story)):
        head.append(f"Not healed (any more): {why}")
    foot = [f"{FOOT}guardian explain {incident.id}"]
    if not over and incident.resolved_at is None:
        foot.append(f"I take it (no repeats, no escalation): guardian ack {incident.id}")
    room = MAX_TEXT - len("\n".join(["", *head, "", *foot]))
    log = [] if over else _log(incident.evidence, room)
    return cut("\n".join([*head, *log, "", *foot]), MAX_TEXT)


def symptoms(incident: Incident) -> Sequence[str]:
    """What is seen, one fact a line."""
    seen = [
        f"{incident.key.check}: {brief(incident.message, 400)}",
        f"Since {_when(incident.opened_at)}, severity {incident.severity.value}",
        f"Seen {incident.failing_looks} times, last {_when(incident.seen_at)}",
    ]
    facts = plain_json(incident.evidence.facts) if incident.evidence else None
    if incident.evidence and isinstance(facts, dict) and facts:
        shown = "; ".join(f"{key} {value}" for key, value in sorted(facts.items()) if value is not None)
        seen.append(f"Evidence of {_when(incident.evidence.taken_at)}: {brief(shown, 500)}")
    return seen


def why_not_healed(incident: Incident, story: Sequence[Transition]) -> str | None:
    """The reason of the last decision against a heal; None while a heal is what was decided."""
    if incident.reason is not None and incident.action is not Action.HEAL:
        return incident.reason.value
    decided = next((step for step in reversed(story) if step.kind in {"decided", "not verified"} and step.reason), None)
    if decided is None or decided.text == Action.HEAL.value:
        return None
    return brief(decided.reason or "", 200)


def log_lines(evidence: Evidence | None, count: int = LOG_LINES) -> Sequence[str]:
    """The last lines, shared among the files of the tail, so that a chatty one does not hide the errors."""
    parts = blocks(evidence.log_tail) if evidence else ()
    shares = share([len(part) for part in parts], count)
    return [brief(line, _LOG_LINE) for part, n in zip(parts, shares, strict=True) for line in part[len(part) - n :]]


def _ending(incident: Incident) -> Sequence[str]:
    if incident.resolved_at is None:
        return ()
    lasted = timedelta(seconds=int((incident.resolved_at - incident.opened_at).total_seconds()))
    how = brief(incident.resolution or "ok again", 200)
    return (f"Over since {_when(incident.resolved_at)}, after {lasted}: {how}",)


def _steady(story: Sequence[Transition]) -> Sequence[str]:
    since = [step.at for step in story if step.kind == "steady"]
    return (f"It was flapping, and fails without a break since {_when(since[-1])}",) if since else ()


def _cause(evidence: Evidence | None) -> Sequence[str]:
    if evidence is None or evidence.hypothesis is None:
        return ()
    return (
        f"Likely cause: {brief(evidence.hypothesis.cause, 300)}",
        f"What may help: {brief(evidence.hypothesis.fix_hint, 400)}",
    )


def _tried(story: Sequence[Transition]) -> Sequence[str]:
    steps = [step for step in story if step.kind in DONE][-_STEPS_SHOWN:]
    if not steps:
        return ("Guardian did nothing to it.",)
    return ("Guardian did:", *(f"  {_when(step.at)} {step.kind}: {brief(step.text, 120)}" for step in steps))


def _log(evidence: Evidence | None, room: int) -> Sequence[str]:
    lines = [f"  {line}" for line in log_lines(evidence)]
    heading = ["", LOG_HEADING]
    while lines and len("\n".join(["", *heading, *lines])) > room:
        del lines[0]
    return [*heading, *lines] if lines else []


def _details(incident: Incident) -> dict[str, object]:
    """The same as plain JSON, for receivers that are programs."""
    evidence = incident.evidence
    cause = evidence.hypothesis if evidence else None
    return {
        "status": incident.status.value,
        "message": brief(incident.message, 400),
        "opened_at": incident.opened_at.isoformat(),
        "seen_at": incident.seen_at.isoformat(),
        "resolved_at": incident.resolved_at.isoformat() if incident.resolved_at else None,
        "failing_looks": incident.failing_looks,
        "attempt": incident.attempt,
        "action": incident.action.value if incident.action else None,
        "reason": incident.reason.value if incident.reason else None,
        "facts": plain_json(evidence.facts) if evidence else {},
        "log_tail": list(log_lines(evidence)),
        "hypothesis": {
            "signature": cause.signature,
            "cause": brief(cause.cause, 300),
            "fix_hint": brief(cause.fix_hint, 400),
        }
        if cause
        else None,
    }


def _when(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")
