"""Reading a script's bytes once: what is scanned is what was read, whatever becomes of the file meanwhile."""

import os
import stat

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class UnreadableError(Exception):
    """Why, in words. `here`: it exists, so another machine would not read it either."""

    def __init__(self, reason: str, *, here: bool) -> None:
        super().__init__(reason)
        self.here = here


def read_script(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """A regular file, whole; never waits. Raises UnreadableError: also for what is too large or changes meanwhile."""
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        here = not isinstance(error, FileNotFoundError | NotADirectoryError)
        raise UnreadableError(getattr(error, "strerror", None) or "it is no path", here=here) from None
    try:
        return _whole(handle, max_bytes)
    except OSError as error:
        raise UnreadableError(error.strerror or str(error), here=True) from None
    finally:
        os.close(handle)


def _whole(handle: int, most: int) -> bytes:
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        raise UnreadableError("it is no regular file", here=True)
    if before.st_size > most:
        raise UnreadableError(f"it has {before.st_size} bytes, {most} are allowed", here=True)
    found = bytearray()
    while len(found) <= most and (block := os.read(handle, min(most + 1 - len(found), 1 << 20))):
        found += block
    if len(found) > most:
        raise UnreadableError(f"it has more than {most} bytes", here=True)
    after = os.fstat(handle)
    if (before.st_size, before.st_mtime_ns, len(found)) != (after.st_size, after.st_mtime_ns, after.st_size):
        raise UnreadableError("it changed while it was read", here=True)
    return bytes(found)
