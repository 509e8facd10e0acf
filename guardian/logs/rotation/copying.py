"""Copies of a part of a log: space taken first, on the disk when it returns, with the log's mode and owner."""

import os
from contextlib import suppress
from pathlib import Path

_CHUNK = 4 * 1024 * 1024


def copy_out(log: int, part: Path, length: int) -> None:
    """The first `length` bytes, into a new file in place of what is left of an earlier try. Raises OSError; then
    nothing is left of it."""
    with suppress(FileNotFoundError):
        part.unlink()
    target = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _reserve(target, length)
        _copy(log, target, 0, length)
        like(log, target)
        os.fsync(target)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    finally:
        os.close(target)


def append_rest(log: int, part: Path, begin: int) -> int:
    """What the log has beyond `begin`; gives the new end."""
    target = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        end = os.fstat(log).st_size
        _copy(log, target, begin, end - begin)
        os.fsync(target)
        return end
    finally:
        os.close(target)


def like(log: int, target: int) -> None:
    """Mode and owner of the log; a user who may not give a file away keeps it."""
    found = os.fstat(log)
    with suppress(PermissionError):
        os.fchown(target, found.st_uid, found.st_gid)
    os.fchmod(target, found.st_mode & 0o777)


def _reserve(target: int, length: int) -> None:
    if length and hasattr(os, "posix_fallocate"):
        os.posix_fallocate(target, 0, length)


def _copy(log: int, target: int, begin: int, length: int) -> None:
    at, end = begin, begin + length
    while at < end:
        data = os.pread(log, min(_CHUNK, end - at), at)
        if not data:
            raise OSError("the log became shorter while it was copied")
        view = memoryview(data)
        while view:
            written = os.pwrite(target, view, at)
            at, view = at + written, view[written:]


def same(log: int, part: int, length: int) -> bool:
    """Whether both begin with the same `length` bytes."""
    at = 0
    while at < length:
        ours, theirs = (os.pread(handle, min(_CHUNK, length - at), at) for handle in (log, part))
        if ours != theirs or not ours:
            return False
        at += len(ours)
    return True
