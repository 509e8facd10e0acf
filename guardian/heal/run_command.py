"""Run the operator's own restart command: the cure where no supervisor knows the target.

A command cannot be asked whether it was done. So whoever takes over from a worker that died never runs it again.
"""

import logging
from dataclasses import replace
from datetime import datetime
from functools import partial

from guardian.diagnose.plain import brief
from guardian.errors import RemedyError
from guardian.heal.base import Done, Remedy
from guardian.model import RemedyKind
from guardian.ports import Command, Ports

_LINE = 200

logger = logging.getLogger(__name__)


def act(ports: Ports, target: str, order: Command | None = None) -> Done:
    """Raises RemedyError; only what could not be started is known not to have been done."""
    if order is None:
        raise RemedyError(f"{target}: no command is given", done=False)
    ran, what = ports.commands.run(order), order.arguments[0]
    if not ran.started:
        raise RemedyError(str(ran.trouble), done=False)
    if ran.running:
        return Done(changed=True, text=f"{what} is {ran.trouble}; it goes on by itself")
    if ran.end:
        logger.info("%s: the end of what %s said:\n%s", target, what, _fit(ran.end))
    said = f": {ran.line}" if ran.line else ""
    if ran.code != 0:
        raise RemedyError(brief(f"{what} {ran.trouble or f'ended with exit code {ran.code}'}{said}", _LINE), done=None)
    return Done(changed=True, text=brief(f"ran {what}{said}", _LINE))


def _fit(output: str) -> str:
    """Several lines, each plain and without secrets."""
    return "\n".join(brief(line, _LINE) for line in output.splitlines())


def already_done(_ports: Ports, _target: str, _claimed_at: datetime) -> bool | None:
    """Nobody can tell."""
    return None


def bind(order: Command | None) -> Remedy:
    return replace(REMEDY, act=partial(act, order=order))


REMEDY = Remedy(kind=RemedyKind.CURE, act=act, already_done=already_done, bind=bind)
