"""The files of a log's folder: which of them it was rotated to, and how one follows another."""

import errno
import os
import re
import stat
from bisect import bisect_left
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

from guardian.logs.entries import lines
from guardian.logs.entries.place import MARK, Place
from guardian.logs.rotation.archives import is_hidden

COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
_ROTATED = re.compile(r"[._-]+(\d[\dT:._Z+-]*|old|prev|bak)", re.IGNORECASE)
"""What rotation puts behind a log's name, or between its name and its ending."""
_DATE_DIGITS = 8
_BLOCK = 4096
_DIGITS = re.compile(r"(\d+)")
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


class MovedError(Exception):
    """A file is not what it was a moment ago: look anew."""


@dataclass(frozen=True)
class Found:
    """A regular file as a folder's list has it; times in nanoseconds since 1970."""

    key: str
    path: str
    size: int
    written: int
    changed: int

    @property
    def order(self) -> tuple[object, ...]:
        """Of rotations: by the last line in it, then by when it got its name."""
        numbers = [int(each) if each.isdigit() else each for each in _DIGITS.split(self.path)]
        return self.written, self.changed, *numbers


@contextmanager
def opened(path: str, key: str) -> Iterator[int]:
    """Raises MovedError when it is another file by now, or gone; OSError."""
    try:
        handle = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise MovedError from None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if key_of(state) != key:
            raise MovedError
        yield handle
    finally:
        os.close(handle)


def found(path: str, state: os.stat_result) -> Found:
    return Found(key_of(state), path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def key_of(state: os.stat_result) -> str:
    return f"{state.st_dev}:{state.st_ino}"


class Folder:
    """The names in it, as they are now. Raises OSError; one that is not there has none."""

    def __init__(self, path: str) -> None:
        self._entries: dict[str, os.DirEntry[str]] = {}
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(path or ".") as entries:
            self._entries = {each.name: each for each in entries}
        self._sorted = sorted(self._entries)

    def by_key(self, keys: Collection[str]) -> dict[str, Found]:
        """Those of the files that are still there, whatever they are called."""
        inodes = {int(key.partition(":")[2]) for key in keys}
        there = (self._file(each) for each in self._entries.values() if each.inode() in inodes)
        return {each.key: each for each in there if each is not None and each.key in keys}

    def names(self, log: str) -> frozenset[tuple[str, int]]:
        """Of a log and what it may have been rotated to, with their inodes."""
        names = [log] if log in self._entries else []
        return frozenset((name, self._entries[name].inode()) for name in [*names, *self._rotated(log)])

    def rotated(self, log: str) -> list[Found]:
        """What a log of that name may have been rotated to."""
        plain = [name for name in self._rotated(log) if not name.endswith(COMPRESSED) and not is_hidden(name)]
        return [each for each in (self._file(self._entries[name]) for name in plain) if each is not None]

    def _rotated(self, log: str) -> Iterator[str]:
        """All that begin as it does lie together."""
        stem = os.path.splitext(log)[0]  # noqa: PTH122
        for name in islice(self._sorted, bisect_left(self._sorted, stem), None):
            if not name.startswith(stem):
                return
            if is_rotated(name, log):
                yield name

    @staticmethod
    def _file(entry: os.DirEntry[str]) -> Found | None:
        with suppress(OSError):
            state = os.lstat(entry.path)  # not the entry's own, which may be an old one
            return found(entry.path, state) if stat.S_ISREG(state.st_mode) else None
        return None


def is_rotated(name: str, log: str) -> bool:
    """`app.log.1`, `app.log-20261125`, `app.log.old`, `app__2026-11-25_00-00-00.log`; not `app-eu.log`."""
    return bool(_added(name, log))


def is_surely_rotated(name: str, log: str) -> bool:
    """Not `app-2.log`, which may as well be another one's log."""
    added = _added(name, log)
    return bool(added) and (name.startswith(log) or sum(map(str.isdigit, added)) >= _DATE_DIGITS)


def _added(name: str, log: str) -> str:
    """What rotation put into the log's name; empty where it did not."""
    stem, ending = os.path.splitext(log)  # noqa: PTH122
    if name.startswith(log):
        added = name[len(log) :]
    elif ending and name.startswith(stem) and name.endswith(ending):
        added = name[len(stem) : len(name) - len(ending)]
        if not (added[-1:].isalnum() and added.strip("._-")[:1].isdigit()):
            return ""
    else:
        return ""
    return added if _ROTATED.fullmatch(added) else ""


def owners(paths: Collection[str]) -> dict[str, str]:
    """Of each path the log among them that it was surely rotated from; itself where it is none's."""
    return {path: min((each for each in _shorter(path, paths)), key=len, default=path) for path in paths}


def _shorter(path: str, paths: Collection[str]) -> Iterator[str]:
    folder, name = os.path.split(path)
    stem, ending = os.path.splitext(name)  # noqa: PTH122
    for length in range(1, len(name)):
        for log in (name[:length], stem[:length] + ending):
            if os.path.join(folder, log) in paths and is_surely_rotated(name, log):  # noqa: PTH118
                yield os.path.join(folder, log)  # noqa: PTH118


def is_part_of(handle: int, other: int) -> bool:
    """Whether another file begins with the whole of this one: a copy of it, perhaps not whole yet."""
    size = os.fstat(handle).st_size
    if not size or size > os.fstat(other).st_size:
        return False
    return all(
        os.pread(handle, MARK, at) == os.pread(other, min(MARK, size - at), at) for at in (0, max(size - MARK, 0))
    )


def behind_the_cut(place: Place, at: int, archive: int, following: int) -> int:
    """Where what was read ends in the file (a handle) that goes on after an archive, which ends with the line that was
    blanked there. 0, its begin, where that is not so."""
    archived, size = os.fstat(archive).st_size, os.fstat(following).st_size
    head = os.pread(following, lines.LONGEST * 8, 0)
    blank = head.find(b"\n") + 1 if not head[: head.find(b"\n") + 1].strip() else 0
    cut, begin = archived - blank, at - min(MARK, at)
    after = max(begin, archived)
    before = os.pread(archive, max(0, archived - begin), begin)
    if at - cut > size:  # behind that one as well; a cut leaves a blank line, or whole blocks
        return at - cut if blank or archived % _BLOCK == 0 else 0
    there = at - cut
    known = before + os.pread(following, max(0, there - (after - cut)), after - cut)
    return at - cut if place.ends_with(known) else 0
