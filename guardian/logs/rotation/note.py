"""The note beside a log that says which rotation was begun: written before the first step, gone after the last. Who
holds it rotates; everybody else keeps away."""

import fcntl
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from guardian.errors import RemedyError
from guardian.logs.rotation.archives import NOTE, hidden

_LENGTH = 4096
"""One write of this length: whoever is killed has written all of it or nothing."""
_TRIES = 5


@dataclass(frozen=True)
class Begun:
    """`length` bytes of the log go to `archive`, the first `cut` of them by cutting them off. `size` was the log's size
    then. `copied`: the copy is whole and on the disk."""

    way: str
    device: int
    inode: int
    archive: str
    size: int = 0
    cut: int = 0
    length: int = 0
    copied: bool = False


class Note:
    """Held while it exists."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    def begun(self) -> Begun | None:
        """None: nothing, or something that cannot be read (the machine went down in the middle of writing it)."""
        text = os.pread(self._handle, _LENGTH, 0).strip()
        check, _, body = text.partition(b" ")
        try:
            return Begun(**json.loads(body)) if int(check, 16) == zlib.crc32(body) else None
        except (ValueError, TypeError):
            return None

    def write(self, begun: Begun) -> None:
        body = json.dumps(asdict(begun)).encode()
        text = b"%08x %s" % (zlib.crc32(body), body)
        if len(text) > _LENGTH:
            raise RemedyError(f"{self._path.name}: its name is too long to note its rotation", done=False)
        os.pwrite(self._handle, text.ljust(_LENGTH), 0)
        os.fsync(self._handle)

    def done(self) -> None:
        self._path.unlink(missing_ok=True)


@contextmanager
def held(log: Path) -> Iterator[Note]:
    """Raises RemedyError where another process holds it, or where the folder takes no file."""
    path = hidden(log, NOTE)
    try:
        handle = _taken(path)
    except BlockingIOError:
        raise RemedyError(f"{log.name} is being rotated by another process", done=None) from None
    except OSError as error:
        raise RemedyError(f"{path}: {error.strerror or error}", done=False) from None
    note = Note(path, handle)
    try:
        yield note
    finally:
        if note.begun() is None:
            note.done()
        os.close(handle)


def begun_at(log: Path) -> bool:
    """Whether a rotation was begun and not ended, by a look from outside."""
    return hidden(log, NOTE).exists()


def _taken(path: Path) -> int:
    """Raises BlockingIOError where somebody has it."""
    for _ in range(_TRIES):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), path.lstat()):
                return handle
        except FileNotFoundError:
            pass  # its holder has ended, and taken it away, meanwhile
        except OSError:
            os.close(handle)
            raise
        os.close(handle)
    raise BlockingIOError
