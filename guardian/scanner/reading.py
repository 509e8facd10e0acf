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
    """Never waits: a pipe or a device is not read. Raises UnreadableError."""
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        here = not isinstance(error, FileNotFoundError | NotADirectoryError)
        raise UnreadableError(getattr(error, "strerror", None) or "is no path", here=here) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnreadableError("is no regular file", here=True)
        source = _whole(handle, max_bytes + 1)
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be read", here=True) from None
    finally:
        os.close(handle)
    if len(source) > max_bytes:
        raise UnreadableError(f"is over {max_bytes} bytes", here=True)
    return source


def _whole(handle: int, most: int) -> bytes:
    found = bytearray()
    while len(found) < most and (block := os.read(handle, most - len(found))):
        found += block
    return bytes(found)
