"""Two files swap their names in one step: Linux's renameat2(RENAME_EXCHANGE). Nothing else is needed of writers that
hold no lock than that they rename whole files into place."""

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def exists() -> bool:
    """Whether this system has it. A file system may refuse it all the same."""
    return _renameat2() is not None


def exchange(one: Path, other: Path) -> None:
    """Raises OSError; EINVAL where the file system cannot do it."""
    call = _renameat2()
    if call is None:
        raise OSError(errno.ENOSYS, "this system cannot exchange two files")
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))


@cache
def _renameat2() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return call
