"""Restarts, followed from look to look by the supervisor's counter or the start time, Guardian's own taken off.

Times are milliseconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from guardian.checks.shared.processes import ms
from guardian.model import OwnAct
from guardian.ports import SupervisedProcess

ORDER_MS = 30_000
"""The longest that an order to a supervisor is under way: an act of Guardian's may show that much later."""


@dataclass(frozen=True)
class Rise:
    """What the counter did between two looks.

    `restarts` were not Guardian's. `reset`: the counter went down, so it began anew, and these are those since.
    `act` is Guardian's own restart that was taken off last.
    """

    restarts: int
    reset: bool
    act: int


def risen(
    before: int | None, began: int | None, process: SupervisedProcess, own: Sequence[int], *, seen: int, act: int
) -> Rise:
    """From the counter and the start as they were at the look at `seen`. `act`: the own restart taken off then.

    Where the supervisor keeps no counter, a changed start is one restart: those in between are not seen.
    """
    reset, rise = False, _started_anew(began, process)
    if process.restarts is not None and before is not None:
        reset = process.restarts < before
        rise = max(0, process.restarts) if reset else process.restarts - before
    fresh = [when for when in own if when > act and when >= seen - ORDER_MS]
    return Rise(max(0, rise - len(fresh)), reset, max([act, *fresh]) if rise else act)


def _started_anew(began: int | None, process: SupervisedProcess) -> int:
    now = started(process)
    return int(now is not None and began is not None and now != began)


def started(process: SupervisedProcess) -> int | None:
    return None if process.started_at is None else ms(process.started_at)


def own_restarts(acts: Sequence[OwnAct], target: str) -> list[int]:
    """When Guardian restarted it lately."""
    return sorted(ms(act.at) for act in acts if act.target == target and act.act == "restart")
