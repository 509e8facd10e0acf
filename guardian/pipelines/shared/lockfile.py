"""The lock of a folder of tasks, or of a file that holds many: whoever writes holds it, readers do not.

It is a file beside the tasks that nobody removes, locked by the system (flock; on Windows its first byte), so that the
lock of a process that died is free at once: there is nothing stale to clean up.
"""

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from guardian.errors import GuardianError

_PAUSE, _LONGEST_PAUSE = 0.001, 0.02
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class BusyError(GuardianError):
    """Somebody else held the lock for the whole time."""


def lock_of(place: Path) -> Path:
    """The lock file of a folder of task files, or of one file with many tasks."""
    return place / ".guardian.lock" if place.is_dir() else place.with_name(f".{place.name}.lock")


@contextmanager
def locked(place: Path, seconds: float = 2.0) -> Iterator[None]:
    """Raises BusyError after `seconds`, and OSError where the lock file cannot be used."""
    handle = _acquired(lock_of(place), time.monotonic() + seconds)
    try:
        yield
    finally:
        os.close(handle)


def _acquired(path: Path, end: float) -> int:
    pause = _PAUSE
    while True:
        handle = os.open(path, os.O_CREAT | _readable() | _FLAGS, 0o666)
        if _try(handle) and _still_there(path, handle):
            return handle
        os.close(handle)
        if time.monotonic() >= end:
            raise BusyError(f"{path} is held by somebody else")
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _readable() -> int:
    """A lock file that another user made can be read, and that is enough to lock it."""
    return os.O_RDWR if sys.platform == "win32" else os.O_RDONLY


def _try(handle: int) -> bool:
    with suppress(BlockingIOError, PermissionError):
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  Windows alone has it

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  Windows does not have it

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _still_there(path: Path, handle: int) -> bool:
    """A lock file that somebody removed meanwhile locks nobody out."""
    try:
        now, mine = path.stat(follow_symlinks=False), os.fstat(handle)
    except OSError:
        return False
    return stat.S_ISREG(mine.st_mode) and (now.st_dev, now.st_ino) == (mine.st_dev, mine.st_ino)
