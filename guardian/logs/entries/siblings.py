"""The files beside a log: under which name it is found again, which is its copy, and what it was rotated to since."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from guardian.logs.entries import lines
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

    @property
    def written(self) -> int:
        return os.fstat(self.handle).st_mtime_ns

    def close(self) -> None:
        os.close(self.handle)


def key_of(state: os.stat_result) -> str:
    return f"{state.st_dev}:{state.st_ino}"


@contextmanager
def opened(path: str) -> Iterator[int]:
    handle = os.open(path, _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        yield handle
    finally:
        os.close(handle)


def by_inode(key: str, folder: Path) -> Path | None:
    for _ in range(_TRIES):
        with suppress(OSError), os.scandir(folder) as found:
            for each in islice(found, _MOST_SIBLINGS):
                with suppress(OSError):
                    if str(each.inode()) == key.partition(":")[2] and key_of(each.stat(follow_symlinks=False)) == key:
                        return Path(each.path)
    return None


def copy_of(place: Place, key: str, path: Path) -> Copy | None:
    """The oldest file beside it that begins as it did, and has what was read of it."""
    for _, name in sorted(_siblings(path)):
        with suppress(OSError):
            handle = os.open(name, _FLAGS)
            state = os.fstat(handle)
            if key_of(state) != key and place.is_copied_by(handle):
                return Copy(key_of(state), name, handle, state.st_size)
            os.close(handle)
    return None


def written_since(since: int, path: Path, known: str) -> list[Copy]:
    """Files beside a log that were written since then, oldest first, but for the one that is known."""
    found = []
    for written, name in sorted(_siblings(path)):
        if written >= since:
            with suppress(OSError):
                handle = os.open(name, _FLAGS)
                state = os.fstat(handle)
                if key_of(state) == known:
                    os.close(handle)
                else:
                    found.append(Copy(key_of(state), name, handle, state.st_size))
    return found


def _siblings(path: Path) -> Iterator[tuple[int, str]]:
    """(written at, path) of the regular files that the log may have been rotated to."""
    with suppress(OSError), os.scandir(path.parent) as siblings:
        for each in islice(siblings, _MOST_SIBLINGS):
            if is_rotated(each.name, path.name) and not each.name.endswith(COMPRESSED) and not is_hidden(each.name):
                with suppress(OSError):
                    state = each.stat(follow_symlinks=False)
                    if stat.S_ISREG(state.st_mode):
                        yield state.st_mtime_ns, each.path


def is_rotated(name: str, log: str) -> bool:
    """`app.log.1`, `app.log-20261125`, `app.log.old`, `app__2026-11-25_00-00-00.log`; not `app-eu.log`."""
    if name.startswith(log):
        return _ROTATED.fullmatch(name[len(log) :]) is not None
    stem, ending = os.path.splitext(log)  # noqa: PTH122
    between = name[len(stem) : len(name) - len(ending)]
    inside = name.startswith(stem) and name.endswith(ending) and between[-1:].isalnum()
    return bool(ending) and inside and between.strip("._-")[:1].isdigit() and _ROTATED.fullmatch(between) is not None


def behind_the_cut(place: Place, at: int, archive: Copy, following: Copy) -> int:
    """Where what was read ends in the file that goes on after an archive, which ends with the line that was blanked
    there. 0, its begin, where that is not so."""
    head = os.pread(following.handle, lines.LONGEST * 8, 0)
    blank = head.find(b"\n") + 1 if not head[: head.find(b"\n") + 1].strip() else 0
    cut, begin = archive.size - blank, at - place.tail_bytes
    after = max(begin, archive.size)
    before = os.pread(archive.handle, max(0, archive.size - begin), begin)
    there = min(at - cut, following.size)
    known = before + os.pread(following.handle, there - (after - cut), after - cut)
    return at - cut if at - cut > following.size or place.ends_with(known) else 0
