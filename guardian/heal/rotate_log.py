"""Rotate a log that is too large, or go on with a rotation that was begun. Repeated, it does the rest or nothing."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from guardian.errors import RemedyError
from guardian.heal.base import Done, Remedy
from guardian.model import RemedyKind
from guardian.ports import Ports, RotationOrder


def act(ports: Ports, target: str, order: RotationOrder | None = None) -> Done:
    if order is None:
        raise RemedyError(f"{target}: the configuration names it no more", done=False)
    return Done(changed=True, text=ports.rotation.rotate(target, order))


def already_done(_ports: Ports, _target: str, _claimed_at: datetime) -> bool | None:
    """It can be done again: what was begun is noted beside the log."""
    return False


def bind(order: RotationOrder | None) -> Remedy:
    return replace(REMEDY, act=partial(act, order=order))


REMEDY = Remedy(kind=RemedyKind.REPAIR, act=act, already_done=already_done, bind=bind)
