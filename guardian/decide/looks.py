"""From the last look and a new verdict to what is kept of a target."""

from datetime import datetime

from guardian.decide.flapping import LOOKS, is_flapping
from guardian.model import Status, TargetState, Verdict

_LETTERS = {Status.OK: "o", Status.FAIL: "f"}


def advance(
    before: TargetState | None,
    verdict: Verdict,
    now: datetime,
    *,
    begins: float,
    ends: float,
    healed: bool = False,
    looks: int = 1,
) -> TargetState:
    """The target's state after one more look. `healed`: a cure came since it began to fail, so that a change from
    fail to ok is Guardian's own doing and no flap. `looks` in a row must fail before that counts."""
    history = _history(before.history if before else "", verdict.status, healed=healed)
    same = before is not None and before.status is verdict.status
    unknown = verdict.status is Status.UNKNOWN
    failing, hard_since = _failing(before, verdict, now, looks)
    return TargetState(
        status=verdict.status,
        message=verdict.message,
        severity=verdict.severity,
        since=before.since if before is not None and same else now,
        at=now,
        history=history,
        flapping=is_flapping(history, before=before is not None and before.flapping, begins=begins, ends=ends),
        unknown_looks=(before.unknown_looks if before else 0) + 1 if unknown else 0,
        failing_looks=failing,
        hard_since=hard_since,
    )


def _failing(before: TargetState | None, verdict: Verdict, now: datetime, looks: int) -> tuple[int, datetime | None]:
    """How many looks in a row failed, and since when that counts. One that could not see does not begin anew."""
    count, since = (before.failing_looks, before.hard_since) if before else (0, None)
    match verdict.status:
        case Status.FAIL:
            counts = count + 1 >= looks or verdict.notice
            return count + 1, since or (now if counts else None)
        case Status.UNKNOWN:
            return count, since
    return 0, None


def _history(before: str, status: Status, *, healed: bool) -> str:
    letter = _LETTERS.get(status)
    if letter is None:
        return before
    if healed and letter == "o":
        well = before.rstrip("f")
        before = well + "o" * (len(before) - len(well))
    return (before + letter)[-(LOOKS + 1) :]
