"""Remove rotated logs, oldest first, from the configured folders, until enough is free on a file system.

A repair: what is gone is gone, and doing it again finds the room there already.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import PurePath

from guardian.diagnose.plain import brief
from guardian.errors import RemedyError
from guardian.heal.base import Done, Remedy
from guardian.model import RemedyKind
from guardian.ports import Cleaned, CleanUp, Ports, Removable

_TEXT, _NAMES = 500, 5


def act(ports: Ports, target: str, order: CleanUp | None = None) -> Done:
    """Raises RemedyError where nothing could be freed."""
    if order is None:
        raise RemedyError(f"{target}: no folders are given to clean up", done=False)
    cleaned = ports.disks.clean(order, dry_run=False)
    if cleaned.removed:
        return Done(changed=True, text=brief(f"removed {_said(cleaned)}", _TEXT))
    if cleaned.enough:
        return Done(changed=False, text="enough is free already")
    raise RemedyError(brief(f"nothing could be removed{_left(cleaned.left)}", _TEXT), done=False)


def _said(cleaned: Cleaned) -> str:
    count = len(cleaned.removed)
    files = "1 file" if count == 1 else f"{count} files"
    not_enough = "" if cleaned.enough else ", which is not enough"
    return f"{files}, {cleaned.freed_bytes / 1e6:.1f} MB{not_enough}: {_names(cleaned.removed)}{_left(cleaned.left)}"


def _names(removed: Sequence[Removable]) -> str:
    more = f" and {len(removed) - _NAMES} more" if len(removed) > _NAMES else ""
    return ", ".join(PurePath(each.path).name for each in removed[:_NAMES]) + more


def _left(left: Sequence[str]) -> str:
    return f"; left: {', '.join(left[:_NAMES])}" if left else ""


def already_done(_ports: Ports, _target: str, _claimed_at: datetime) -> bool | None:
    """To go on where the other stopped does no harm."""
    return False


def bind(order: CleanUp | None) -> Remedy:
    return replace(REMEDY, act=partial(act, order=order))


REMEDY = Remedy(kind=RemedyKind.REPAIR, act=act, already_done=already_done, bind=bind)
