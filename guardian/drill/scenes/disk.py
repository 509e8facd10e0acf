"""A disk fills up, and a folder on it is full of rotated logs."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Scene

_LOGS, _LOG_MB, _FILL_MB, _LEFT_MB = 16, 10, 120, 60
_MB = 1_000_000
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
    """On the file system of the temporary folder, whose limit is a little below what is free now."""
    logs, mount = folder / "logs", _mount_of(folder)
    logs.mkdir()
    for number in range(_LOGS):
        _filled(logs / f"agent.log.{number}", _LOG_MB)
    (logs / "agent.log").write_text("the log of today\n")
    least = psutil.disk_usage(str(folder)).free - _LEFT_MB * _MB
    if least < _FILL_MB * _MB:
        raise SandboxError(f"{mount} has no {_LEFT_MB + 2 * _FILL_MB} MB to spare for it")
    others = ", ".join(f'"{glob.escape(each)}"' for each in _mounts() if each != mount)
    config = _CONFIG.format(others=others, logs=logs, mount=mount, least=least)
    words = f"{_LOGS} rotated logs of {_LOG_MB} MB on {mount}, where {_FILL_MB} MB more leave less than the limit"
    yield Staged(config, words, lambda: _filled(folder / "data", _FILL_MB), lambda: _cleaned(folder))


def _filled(path: Path, megabytes: int) -> None:
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, megabytes * _MB)


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
