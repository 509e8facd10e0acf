"""Processes under a supervisor that a test sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from guardian.model import OwnAct
from guardian.ports import Fleet, ProcessState, SupervisedProcess
from tests.checks.contract import NOW, World


@dataclass
class Processes:
    """A supervisor whose answers a test sets; keeps the orders it is given. And no acts of Guardian's own."""

    fleet: Fleet
    name: str = "made up"
    orders: list[str] = field(default_factory=list)

    def look(self) -> Sequence[Fleet]:
        return [self.fleet]

    def find(self, target: str) -> SupervisedProcess | None:
        raise NotImplementedError

    def restart(self, target: str) -> None:
        self.orders.append(target)

    def stop(self, target: str) -> None:
        self.orders.append(target)

    def recent(self) -> Sequence[OwnAct]:
        return ()


def processes(state: ProcessState, error: str | None = None, restarts: int = 0) -> Fleet:
    online = SupervisedProcess("api", state, 7, restarts, NOW - timedelta(hours=1), None, 1, autorestart=True)
    return Fleet("made up", () if error else [online], None if error else "daemon", error)


def set_fleet(world: World, fleet: Fleet) -> None:
    supervisor: Any = world.ports.supervisors[0]
    supervisor.fleet = fleet
