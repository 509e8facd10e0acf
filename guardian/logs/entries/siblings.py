"""The files beside a log: under which name one is found again, which one is its copy, and what was written between."""

import errno
import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from guardian.logs.entries.place import Place
from guardian.logs.rotation.archives import is_hidden

COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
_MOST_SIBLINGS = 2000
_TRIES = 3
"""While one is looked for, it may be renamed once more."""
_ROTATED = re.compile(r"[._-]+(\d[\dT:._Z+-]*|old|prev|bak)", re.IGNORECASE)
"""What rotation puts behind a log's name, or between its name and its ending."""
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass
class Copy:
    key: str
    path: str
    handle: int
    size: int

    def close(self) -> None:
        os.close(self.handle)


def key_of(state: os.stat_result) -> str:
    return f"{state.st_dev}:{state.st_ino}"


def by_inode(key: str, folder: Path) -> Path | None:
    for _ in range(_TRIES):
        with suppress(OSError), os.scandir(folder) as found:
            for each in islice(found, _MOST_SIBLINGS):
                with suppress(OSError):
                    if str(each.inode()) == key.partition(":")[2] and key_of(each.stat(follow_symlinks=False)) == key:
                        return Path(each.path)
    return None


def copy_of(place: Place, key: str, path: Path) -> Copy | None:
    """The newest file beside it that begins as it did, and has what was read of it."""
    for _, name, _ in sorted(_beside(path, {key}), reverse=True):
        with suppress(OSError):
            handle = os.open(name, _FLAGS)
            state = os.fstat(handle)
            if place.is_copied_by(handle):
                return Copy(key_of(state), name, handle, state.st_size)
            os.close(handle)
    return None


def written_between(path: Path, after: int, known: Collection[str]) -> list[tuple[str, str]]:
    """(key, path) of the files that rotations made out of this log since it was looked at, the oldest first: they were
    written after that, and do not begin as the log itself does, of which they would be a copy."""
    found = []
    for written, name, key in sorted(_beside(path, known)):
        if written > after and is_rotated(Path(name).name, path.name):
            with suppress(OSError):
                if not _begin_alike(name, str(path)):
                    found.append((key, name))
    return found


def is_rotated(name: str, log: str) -> bool:
    """`app.log.1`, `app.log-20261125`, `app.log.old`, `app__2026-11-25_00-00-00.log`; not `app-eu.log`."""
    if name.startswith(log):
        return _ROTATED.fullmatch(name[len(log) :]) is not None
    stem, ending = os.path.splitext(log)  # noqa: PTH122
    between = name[len(stem) : len(name) - len(ending)]
    inside = name.startswith(stem) and name.endswith(ending) and between[-1:].isalnum()
    return bool(ending) and inside and between.strip("._-")[:1].isdigit() and _ROTATED.fullmatch(between) is not None


def _beside(path: Path, known: Collection[str]) -> Iterator[tuple[int, str, str]]:
    """(when it was written, path, key) of regular files that belong to a log, but those that are known."""
    with suppress(OSError), os.scandir(path.parent) as siblings:
        for each in islice(siblings, _MOST_SIBLINGS):
            own = each.name.startswith(path.name) or is_rotated(each.name, path.name)
            if not own or each.name.endswith(COMPRESSED) or is_hidden(each.name):
                continue
            with suppress(OSError):
                state = each.stat(follow_symlinks=False)
                if stat.S_ISREG(state.st_mode) and key_of(state) not in known:
                    yield state.st_mtime_ns, each.path, key_of(state)


def _begin_alike(one: str, other: str) -> bool:
    with opened(one) as first:
        head = os.pread(first, 256, 0)
    try:
        with opened(other) as second:
            return bool(head) and os.pread(second, len(head), 0) == head
    except FileNotFoundError:
        return False


@contextmanager
def opened(path: str) -> Iterator[int]:
    handle = os.open(path, _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        yield handle
    finally:
        os.close(handle)
