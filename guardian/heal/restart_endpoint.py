"""Restart what stands behind a web address, as its endpoint says: by a command, or a supervised process by its name."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from guardian.errors import RemedyError
from guardian.heal import restart_process, run_command
from guardian.heal.base import Done, Remedy
from guardian.model import RemedyKind
from guardian.ports import Command, Ports

Order = Command | str | None
"""What to run, or the name of the process."""


def act(ports: Ports, target: str, order: Order = None) -> Done:
    """Raises RemedyError."""
    match order:
        case Command():
            return run_command.act(ports, target, order)
        case str():
            return restart_process.act(ports, order, also_running=True)
    raise RemedyError(f"{target}: neither a command nor a process is given", done=False)


def already_done(ports: Ports, _target: str, claimed_at: datetime, order: Order = None) -> bool | None:
    """Of a command nobody can tell."""
    return restart_process.already_done(ports, order, claimed_at) if isinstance(order, str) else None


def bind(order: Order) -> Remedy:
    process = order if isinstance(order, str) else ""
    return replace(
        REMEDY, act=partial(act, order=order), already_done=partial(already_done, order=order), acts_on=process
    )  # fmt: skip


REMEDY = Remedy(kind=RemedyKind.CURE, act=act, already_done=already_done, bind=bind)
