"""Rename a log, and have its writer open it anew. Until it has, it goes on writing to the archive: no line is lost, and
the rotation is not ended."""

import os
import signal
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from guardian.errors import RemedyError
from guardian.logs.rotation.archives import new_name, publish
from guardian.logs.rotation.copying import like
from guardian.logs.rotation.note import Begun, Note
from guardian.logs.rotation.writers import writers_of
from guardian.ports import CommandRunner, Reopen, Way

_POLL = 0.05


class _GoneError(RemedyError):
    """There is no writer any more."""


def begin(log: Path, handle: int, order: Reopen, runner: CommandRunner, note: Note, now: datetime) -> str:
    """Raises RemedyError and OSError."""
    found = os.fstat(handle)
    begun = Begun(Way.REOPEN, found.st_dev, found.st_ino, new_name(log, now), size=found.st_size)
    note.write(begun)
    return _renamed(log, handle, begun, order, runner, note)


def resume(log: Path, begun: Begun, order: Reopen, runner: CommandRunner, note: Note) -> str:
    """Go on with what was begun: renamed or not, told or not, it is told once more."""
    archive = log.parent / begun.archive
    source = archive if archive.exists() else log
    handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(handle).st_ino != begun.inode:
            note.done()
            return f"{log.name}: it was moved away by somebody else"
        return _renamed(log, handle, begun, order, runner, note)
    finally:
        os.close(handle)


def _renamed(log: Path, handle: int, begun: Begun, order: Reopen, runner: CommandRunner, note: Note) -> str:
    archive = log.parent / begun.archive
    if not archive.exists() or _is(log, begun):
        publish(log, archive)
    _new(log, handle)
    try:
        told = tell(order, runner)
    except _GoneError:
        if not _is_free(os.fstat(handle)):
            raise
        told = "has ended"  # whoever writes next opens the new one
    if not _let_go(os.fstat(handle), order.within.total_seconds()):
        raise RemedyError(
            f"{log.name}: its writer {told} and still writes to {begun.archive}: nothing is lost, told again later",
            done=None,
        )
    note.done()
    return f"{archive.stat().st_size} bytes of {log.name} are in {begun.archive}; its writer {told}"


def _is(log: Path, begun: Begun) -> bool:
    try:
        found = log.lstat()
    except FileNotFoundError:
        return False
    return (found.st_dev, found.st_ino) == (begun.device, begun.inode)


def _new(log: Path, handle: int) -> None:
    """An empty log with the old one's mode and owner, unless the writer was faster."""
    with suppress(FileExistsError):
        made = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            like(handle, made)
        finally:
            os.close(made)


def tell(order: Reopen, runner: CommandRunner) -> str:
    """In words. Raises RemedyError: it was not told."""
    if order.command is not None:
        ran = runner.run(order.command)
        if ran.code != 0:
            why = ran.trouble or f"ended with exit code {ran.code}"
            raise RemedyError(f"{order.command.arguments[0]} {why}: the writer was not told to reopen", done=None)
        return f"was told by {order.command.arguments[0]}"
    pid, name = _pid(order), str(order.signal)
    try:
        os.kill(pid, getattr(signal, f"SIG{name}"))
    except ProcessLookupError:
        raise _GoneError(f"there is no process {pid}, which should reopen it", done=None) from None
    except OSError as error:
        raise RemedyError(f"process {pid} took no {name}: {error.strerror}", done=None) from None
    return f"(process {pid}) was sent {name}"


def _pid(order: Reopen) -> int:
    path = Path(str(order.pid_file))
    try:
        pid = int(path.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError) as error:
        raise RemedyError(f"{path} holds no process id: {error}", done=None) from None
    if pid <= 1:
        raise RemedyError(f"{path} holds {pid}, which is no writer", done=None)
    return pid


def _let_go(state: os.stat_result, seconds: float) -> bool:
    """Whether nobody writes to the archive any more. Where the system does not tell, the time is waited."""
    until = time.monotonic() + seconds
    while True:
        if _is_free(state):
            return True
        if time.monotonic() >= until:
            return not writers_of(state).seen
        time.sleep(_POLL)


def _is_free(state: os.stat_result) -> bool:
    """Whether it is sure that nobody writes to it."""
    found = writers_of(state)
    return found.known and not found.seen and not found.blind
