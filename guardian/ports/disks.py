"""File systems of this node, and the clean-up of rotated logs on them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True)
class MountSeen:
    """A file system, once, whatever is mounted of it. `free_bytes` are those that programs without special rights may
    use. `inodes` is 0 where it has no fixed number. `error`: it could not be read; the rest then means nothing."""

    place: str
    kind: str = ""
    total_bytes: int = 0
    free_bytes: int = 0
    inodes: int = 0
    free_inodes: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Room:
    """How much has to be free: the larger of `free_bytes` (but no more than `most_share` of the size) and `free_share`
    of the size; and `inodes_share` of the inodes. All of it `times` as much."""

    free_bytes: int
    most_share: float = 1.0
    free_share: float = 0.0
    inodes_share: float = 0.0
    times: float = 1.0

    def least_bytes(self, total: int) -> int:
        return round(max(min(self.free_bytes, total * self.most_share), total * self.free_share) * self.times)

    def least_inodes(self, total: int) -> int:
        return round(total * self.inodes_share * self.times)


@dataclass(frozen=True)
class CleanUp:
    """What may go: regular files below `folders` whose names fit one of `patterns` (shell-style), not changed for
    `min_age`, on the file system of `mount`, until there is room."""

    mount: str
    folders: Sequence[str]
    patterns: Sequence[str]
    min_age: timedelta
    room: Room


@dataclass(frozen=True)
class Removable:
    """A file that may go."""

    path: str
    size_bytes: int


@dataclass(frozen=True)
class Cleaned:
    """`removed` is oldest first; of a dry run, what would be. `freed_bytes` by the files' own size on the disk. `left`:
    what may not go after all, or what could not be looked at, in words. `enough`: so much is free now as was wanted."""

    removed: Sequence[Removable] = ()
    freed_bytes: int = 0
    left: Sequence[str] = ()
    enough: bool = False


class Disks(Protocol):
    """Bounded in time. `named` are mount points to look at that are left out otherwise (in memory, over a network)."""

    def look(self, named: Collection[str]) -> Sequence[MountSeen]: ...

    def clean(self, order: CleanUp, *, dry_run: bool) -> Cleaned:
        """Never raises for what lies in the folders. A dry run opens nothing that it would remove, and changes
        nothing."""
        ...


class NoDisks:
    """guardian.ports.Disks of whoever has none."""

    def look(self, named: Collection[str]) -> Sequence[MountSeen]:  # noqa: ARG002
        return ()

    def clean(self, order: CleanUp, *, dry_run: bool) -> Cleaned:  # noqa: ARG002
        return Cleaned()
