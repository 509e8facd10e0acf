"""One file system."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from guardian.checks import disk_space
from guardian.ports import MountSeen, NoDisks
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World


@dataclass
class OneDisk(NoDisks):
    """A file system whose state a test sets."""

    mount: MountSeen = field(default_factory=lambda: MountSeen("/", "ext4", 10**12, 10**11))

    def look(self, named: Collection[str]) -> Sequence[MountSeen]:
        return [self.mount]


def laid_out(folder: Path) -> World:
    return World(folder, replace(plain_ports(), disks=OneDisk()), disk_space.Params())


def set_disk(world: World, **changes: Any) -> None:
    disks: Any = world.ports.disks
    disks.mount = replace(disks.mount, **changes)


CASE = Case(
    lambda _: disk_space.CHECK,
    laid_out,
    fails=lambda world: set_disk(world, free_bytes=1000),
    blind=lambda world: set_disk(world, error="it does not answer"),
)
