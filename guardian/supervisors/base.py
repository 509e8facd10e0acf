"""What a supervisor plug-in is: its settings, and how to open it. And how every adapter shows a name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guardian.ports import Supervisor
from guardian.settings import Model

_MAX_NAME = 200


@dataclass(frozen=True)
class SupervisorPlugin:
    """A kind of supervisor. `open(params)` does no I/O: whether a daemon is there is seen at each look."""

    params: type[Model]
    open: Callable[[Any], Supervisor]


def printable(name: object) -> str:
    """A name fit for keys, logs and screens: bounded, no control characters, no lone surrogates."""
    text = str(name) if isinstance(name, str | int) and name != "" else "(no name)"
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:_MAX_NAME])
