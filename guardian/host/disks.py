"""Room on the file systems of this machine."""

from dataclasses import dataclass
from pathlib import Path

import psutil

IN_MEMORY = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True)
class Disk:
    """The file system that a path is on. `device` tells two of them apart; `kind` is empty where it is not known."""

    device: int
    total_bytes: int
    free_bytes: int
    kind: str = ""


def disk_of(path: Path) -> Disk:
    """Of the nearest folder that is there. Raises OSError."""
    place = next(each for each in (path, *path.parents) if each.exists())
    usage = psutil.disk_usage(str(place))
    return Disk(place.stat().st_dev, usage.total, usage.free, _kind(place.resolve()))


def _kind(place: Path) -> str:
    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[str(each)] for each in (place, *place.parents) if str(each) in mounts), "")
