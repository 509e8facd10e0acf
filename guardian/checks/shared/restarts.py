"""A supervisor's restart counter, followed from look to look, with Guardian's own restarts taken off.

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


def risen(before: int, process: SupervisedProcess, own: Sequence[int], *, seen: int, act: int) -> Rise:
    """From the counter as it was at the look at `seen`. `act`: the own restart that was taken off then."""
    reset = process.restarts < before
    rise = max(0, process.restarts) if reset else process.restarts - before
    fresh = [when for when in own if when > act and when >= seen - ORDER_MS]
    return Rise(max(0, rise - len(fresh)), reset, max([act, *fresh]) if rise else act)


def own_restarts(acts: Sequence[OwnAct], target: str) -> list[int]:
    """When Guardian restarted it lately."""
    return sorted(ms(act.at) for act in acts if act.target == target and act.act == "restart")
