"""A disk fills up, and a folder on it is full of rotated logs."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Scene
from guardian.settings import size_text

_LOGS, _MB = 16, 1_000_000
_LEAST, _MOST = 10 * _MB, 150 * _MB
"""Bytes of a log: so much that what others write meanwhile changes nothing, and little of what is free."""
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.disk_space]
interval = "10s"
ignore = [{others}]
clean_folders = ["{logs}"]
clean_min_age = "1s"
[checks.disk_space.mounts."{mount}"]
min_free = {least}
"""
)


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    """On the file system of the temporary folder. The limit is below what is free then by a third of what the rotated
    logs take, and two thirds are filled up."""
    logs, mount, size = folder / "logs", _mount_of(folder), _size(folder)
    logs.mkdir()
    for number in range(_LOGS):
        _filled(logs / f"agent.log.{number}", size)
    (logs / "agent.log").write_text("the log of today\n")
    fill = _LOGS * size * 2 // 3
    least = psutil.disk_usage(str(folder)).free - fill // 2
    if least < fill:
        raise SandboxError(f"{mount} has not {size_text(fill * 3)} to spare for it")
    others = ", ".join(f'"{glob.escape(each)}"' for each in _mounts() if each != mount)
    config = _CONFIG.format(others=others, logs=logs, mount=mount, least=least)
    words = f"{_LOGS} rotated logs of {size_text(size)} on {mount}, where {size_text(fill)} more are too much"
    yield Staged(config, words, lambda: _filled(folder / "data", fill), lambda: _cleaned(folder))


def _size(folder: Path) -> int:
    """A share of what is free; where that is memory, the least."""
    part = next(part for part in psutil.disk_partitions(all=True) if part.mountpoint == _mount_of(folder))
    in_memory = part.fstype in ("tmpfs", "ramfs")
    some = psutil.disk_usage(str(folder)).free // 400 // _MB * _MB
    return _LEAST if in_memory else min(max(some, _LEAST), _MOST)


def _filled(path: Path, size: int) -> None:
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)


def _mount_of(folder: Path) -> str:
    return next(str(each) for each in (folder, *folder.parents) if each.is_mount())


def _mounts() -> list[str]:
    return sorted({part.mountpoint for part in psutil.disk_partitions(all=True)})


def _cleaned(folder: Path) -> str:
    left = sorted(path.name for path in (folder / "logs").iterdir())
    if not (folder / "data").exists() or "agent.log" not in left:
        raise SandboxError("something else than rotated logs was removed")
    if len(left) > _LOGS:
        raise SandboxError("no rotated log was removed")
    return f"{_LOGS - len(left) + 1} rotated logs removed, the oldest first; the log of today and all else are there"


SCENE = Scene("A disk fills up, and rotated logs make room", "disk_space", stage)
