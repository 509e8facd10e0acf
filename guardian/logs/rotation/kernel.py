"""What Linux offers that Python's `os` does not: cutting the head off a file while others append to it.

Elsewhere nothing is offered, and that is said.
"""

import ctypes
import errno
import os
import sys
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

_COLLAPSE_RANGE = 0x08  # FALLOC_FL_COLLAPSE_RANGE, linux/falloc.h
_NOT_HERE = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    return libc


def collapse(handle: int, length: int) -> None:
    """Remove the first `length` bytes, a multiple of the file system's block, at once. Raises OSError."""
    if not sys.platform.startswith("linux"):
        raise OSError(errno.EOPNOTSUPP, "only Linux cuts the head off a file")
    if _libc().fallocate(handle, _COLLAPSE_RANGE, 0, length) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def collapses(folder: Path, block: int) -> bool:
    """Whether the file system of a folder can do that, tried on a file of its own. Raises OSError where the folder
    takes no file."""
    with closing(_nameless(folder)) as file:
        file.write(b"\n" * (2 * block))
        file.flush()
        try:
            collapse(file.fileno(), block)
        except OSError as error:
            if error.errno in _NOT_HERE:
                return False
            raise
        return True


def _nameless(folder: Path) -> "tempfile._TemporaryFileWrapper[bytes]":
    return tempfile.TemporaryFile(dir=folder)  # type: ignore[return-value]
