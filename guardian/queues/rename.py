"""A rename that never takes another file's place, in one step: Linux (renameat2) and macOS (renamex_np)."""

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

_HERE = -100  # AT_FDCWD
_NO_REPLACE, _EXCLUSIVE = 1, 4  # RENAME_NOREPLACE, RENAME_EXCL


@cache
def _call() -> Callable[[bytes, bytes], int] | None:
    if sys.platform == "linux":
        linux = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        return linux and (lambda source, to: linux(_HERE, source, _HERE, to, _NO_REPLACE))
    if sys.platform == "darwin":
        mac = getattr(ctypes.CDLL(None, use_errno=True), "renamex_np", None)
        return mac and (lambda source, to: mac(source, to, _EXCLUSIVE))
    return None


def known() -> bool:
    """Whether this system has it. A file system may refuse all the same."""
    return _call() is not None


def never_over(source: Path, to: Path) -> None:
    """Raises OSError: EEXIST where there is a file of that name."""
    call = _call()
    if call is None:
        raise OSError(0, "no rename here leaves other files alone")
    if call(os.fsencode(source), os.fsencode(to)):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(source))
