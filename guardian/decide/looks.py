"""From the last look and a new verdict to what is kept of a target."""

from datetime import datetime

from guardian.decide.flapping import LOOKS, is_flapping
from guardian.model import Status, TargetState, Verdict

_LETTERS = {Status.OK: "o", Status.FAIL: "f"}


def advance(
    before: TargetState | None, verdict: Verdict, now: datetime, *, begins: float, ends: float, healed: bool = False
) -> TargetState:
    """The target's state after one more look. `healed`: a cure came between the two looks, so that a change from
    fail to ok is Guardian's own doing and no flap."""
    history = _history(before.history if before else "", verdict.status, healed=healed)
    same = before is not None and before.status is verdict.status
    unknown = verdict.status is Status.UNKNOWN
    return TargetState(
        status=verdict.status,
        message=verdict.message,
        severity=verdict.severity,
        since=before.since if before is not None and same else now,
        at=now,
        history=history,
        flapping=is_flapping(history, before=before is not None and before.flapping, begins=begins, ends=ends),
        unknown_looks=(before.unknown_looks if before else 0) + 1 if unknown else 0,
    )


def _history(before: str, status: Status, *, healed: bool) -> str:
    letter = _LETTERS.get(status)
    if letter is None:
        return before
    if healed and before.endswith("f") and letter == "o":
        before = before[:-1] + "o"
    return (before + letter)[-(LOOKS + 1) :]
