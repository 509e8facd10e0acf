"""Move the newest items from the deepest to the shallowest queue of a group, until the group is even.

Looks again first, and moves only what is too much by that look; each item moves in one step, so that whatever dies,
none is lost and none is there twice. Done a second time it finds the group even.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from guardian.decide.balance import moves_to_even, uneven
from guardian.errors import RemedyError
from guardian.heal.base import Done, Remedy
from guardian.model import RemedyKind
from guardian.ports import Ports


class Order(Protocol):
    """The group, when it is uneven, and the most items to move."""

    @property
    def queues(self) -> Sequence[str]: ...
    @property
    def times(self) -> float: ...
    @property
    def least(self) -> int: ...
    @property
    def most(self) -> int: ...


def act(ports: Ports, target: str, order: Order | None = None) -> Done:
    if order is None:
        raise RemedyError(f"{target} is in no group", done=False)
    readings = {each.queue: each for each in ports.queues.look(order.queues) if each.error is None}
    own = readings.get(target)
    if own is None or own.place is None:
        raise RemedyError(f"nothing can be moved out of {target}", done=False)
    depths = {name: each.depth for name, each in readings.items() if each.place == own.place}
    if uneven({name: (depth, depth) for name, depth in depths.items()}, times=order.times, least=order.least) is None:
        return Done(changed=False, text="the group is even again")
    return _moved(ports, depths, order.most)


def _moved(ports: Ports, depths: dict[str, int], most: int) -> Done:
    told: list[str] = []
    for move in moves_to_even(depths, most):
        try:
            count = ports.queues.move(move.source, move.to, move.count)
        except RemedyError as error:
            if not told:
                raise
            raise RemedyError(f"{'; '.join(told)}; then {error}", done=True) from error
        if count:
            told.append(f"{count} of the newest from {move.source} to {move.to}")
    return Done(changed=bool(told), text=f"moved {'; '.join(told)}" if told else "nothing was left to move")


def already_done(_ports: Ports, _target: str, _claimed_at: datetime) -> bool | None:
    """Whatever was moved is: what is left to do is seen by looking again."""
    return False


def bind(order: Order | None) -> Remedy:
    return replace(REMEDY, act=partial(act, order=order))


REMEDY = Remedy(kind=RemedyKind.REPAIR, act=act, already_done=already_done, bind=bind)
