"""What a supervisor plug-in is: its settings, and how to open it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guardian.ports import Supervisor
from guardian.settings import Model


@dataclass(frozen=True)
class SupervisorPlugin:
    """A kind of supervisor. `open(params)` does no I/O: whether a daemon is there is seen at each look."""

    params: type[Model]
    open: Callable[[Any], Supervisor]
