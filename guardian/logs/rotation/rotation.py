"""`ports.LogRotation` on this machine's files: which log can be rotated in which way, and doing it."""

import errno
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from glob import iglob
from itertools import islice
from pathlib import Path

from guardian.errors import RemedyError
from guardian.logs.rotation import collapse, copy_truncate, kernel, reopen
from guardian.logs.rotation.archives import PARTIAL, hidden, is_ours, new_name, prune, publish
from guardian.logs.rotation.compress import bare, compress
from guardian.logs.rotation.note import Begun, Note, begun_at, held
from guardian.logs.rotation.writers import Writers, writers_of
from guardian.ports import CommandRunner, LogFile, NoCommands, Reopen, RotationOrder, Way

_MOST_LOGS = 2000
_COMPRESS_SECONDS = 15.0


@dataclass(frozen=True)
class Rotation:
    """Keeps nothing between calls. `commands` tells the writers whose reopening is a command."""

    commands: CommandRunner = field(default_factory=NoCommands)

    def look(self, patterns: Sequence[str], order: RotationOrder, over_bytes: int = -1) -> Sequence[LogFile]:
        found: dict[tuple[int, int], LogFile] = {}
        for path in islice(_named(patterns), _MOST_LOGS):
            try:
                state = path.lstat()
            except OSError as error:
                found[0, len(found)] = LogFile(str(path), error=error.strerror or str(error))
                continue
            if stat.S_ISREG(state.st_mode):
                found.setdefault((state.st_dev, state.st_ino), _looked(path, state, order, over_bytes))
        return list(found.values())

    def rotate(self, path: str, order: RotationOrder) -> str:
        log = Path(path)
        try:
            with held(log) as note:
                done = [self._rotated(log, order, note, note.begun())]
                gone = prune(log, order.keep, order.keep_bytes)
        except OSError as error:
            raise RemedyError(f"{path}: {error.strerror or error}", done=None) from error
        if gone:
            done.append(f"removed {', '.join(name for name, _ in gone)} ({sum(size for _, size in gone)} bytes)")
        if order.compress:
            done.append(_compressed(log))
        return "; ".join(part for part in done if part)

    def _rotated(self, log: Path, order: RotationOrder, note: Note, begun: Begun | None) -> str:
        now = datetime.now(UTC)
        if begun is not None and begun.way == Way.REOPEN:
            return reopen.resume(log, begun, order.reopen or Reopen(), self.commands, note)
        _publish_orphan(log, begun, now)
        with _opened(log) as handle:
            state = os.fstat(handle)
            if begun is not None and (state.st_dev, state.st_ino) == (begun.device, begun.inode):
                again = collapse.resume if begun.way == Way.COLLAPSE else copy_truncate.resume
                return again(log, handle, begun, note)
            if begun is not None:
                return _abandoned(log, begun, note)
            way, why = _way(log, state, order)
            match way:
                case Way.COLLAPSE:
                    return collapse.begin(log, handle, _block(handle), note, now)
                case Way.REOPEN if order.reopen is not None:
                    return reopen.begin(log, handle, order.reopen, self.commands, note, now)
                case Way.COPY_TRUNCATE:
                    return copy_truncate.begin(log, handle, note, now)
        raise RemedyError(f"{log.name}: {why}", done=False)


def _looked(path: Path, state: os.stat_result, order: RotationOrder, over_bytes: int) -> LogFile:
    try:
        way, why = _way(path, state, order) if state.st_size > over_bytes else (None, "")
        uncompressed = len(bare(path)) if order.compress else 0
    except OSError as error:
        return LogFile(str(path), state.st_size, error=f"{error.strerror or error}")
    return LogFile(str(path), state.st_size, way, why, begun_at(path), uncompressed)


def _way(path: Path, state: os.stat_result, order: RotationOrder) -> tuple[Way | None, str]:
    """The safest way that this log allows, and why; None, and why not, where there is none."""
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return None, f"its folder {path.parent} cannot be written to"
    if order.reopen is not None:
        return Way.REOPEN, "its writer is told to open it anew"
    writers = writers_of(state)
    cannot = _no_collapse(path, writers)
    if cannot is None:
        return Way.COLLAPSE, f"{_plain(len(writers.seen))}, the file system collapses"
    if order.may_lose and not writers.own_place:
        return Way.COPY_TRUNCATE, f"{cannot}; `may_lose_lines` is set"
    return None, f"{cannot}; give it a `reopen`, or allow `may_lose_lines`"


def _no_collapse(path: Path, writers: Writers) -> str | None:
    if writers.own_place:
        pids = ", ".join(str(writer.pid) for writer in writers.own_place[:3])
        return f"its writer (process {pids}) does not append: it would go on at its own place and leave a hole"
    if not writers.known or writers.blind:
        return "it cannot be seen who writes to it: Guardian would have to be the writer's user, or root"
    if not _collapses(str(path.parent), path.stat().st_dev):
        return "the file system cannot cut the head off a file (ext4 and xfs can)"
    return None


@lru_cache(maxsize=256)
def _collapses(folder: str, _device: int) -> bool:
    return kernel.collapses(Path(folder), os.statvfs(folder).f_bsize)


def _block(handle: int) -> int:
    return os.fstatvfs(handle).f_bsize


def _plain(count: int) -> str:
    if not count:
        return "nobody has it open"
    return "its writer appends" if count == 1 else f"its {count} writers append"


def _named(patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        for name in sorted(islice(iglob(pattern), _MOST_LOGS)):  # noqa: PTH207  the whole path is the pattern
            if not is_ours(name):
                yield Path(name)


@contextmanager
def _opened(log: Path) -> Iterator[int]:
    handle = os.open(log, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        yield handle
    finally:
        os.close(handle)


def _publish_orphan(log: Path, begun: Begun | None, now: datetime) -> None:
    """A copy without a note that can be read: nobody knows what became of it, and no line is to be lost."""
    part = hidden(log, PARTIAL)
    if begun is None and part.exists():
        publish(part, log.with_name(new_name(log, now)))


def _abandoned(log: Path, begun: Begun, note: Note) -> str:
    """The log is another file now. A copy that was whole may be all that is left of the old one."""
    part = hidden(log, PARTIAL)
    if begun.copied and part.exists():
        publish(part, log.parent / begun.archive)
    part.unlink(missing_ok=True)
    note.done()
    return f"{log.name} was replaced while it was rotated; what was copied of the old one is kept"


def _compressed(log: Path) -> str:
    until = time.monotonic() + _COMPRESS_SECONDS
    done = [archive.name for archive in bare(log) if compress(archive, until)]
    return f"compressed {', '.join(done)}" if done else ""
