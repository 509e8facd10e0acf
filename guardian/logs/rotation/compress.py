"""Compress archives in slices, each a gzip member of its own, so that a kill costs one slice. The archive goes when its
compressed copy is whole and on the disk."""

import gzip
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from guardian.logs.rotation.archives import PARTIAL, archives, hidden, publish
from guardian.logs.rotation.copying import like

_SLICE = 4 * 1024 * 1024
_PROGRESS = ".guardian-gzip"


def bare(log: Path) -> Sequence[Path]:
    """Archives that are not compressed, oldest first."""
    return [archive for archive in archives(log) if archive.suffix != ".gz"]


def compress(archive: Path, until: float) -> bool:
    """False: the time (`until`, monotonic seconds) was over; the next call goes on. Raises OSError."""
    final = archive.with_name(f"{archive.name}.gz")
    part, progress = hidden(final, PARTIAL), hidden(archive, _PROGRESS)
    if not final.exists():
        if not _slices(archive, part, progress, until):
            return False
        publish(part, final)
    archive.unlink(missing_ok=True)
    progress.unlink(missing_ok=True)
    return True


def _slices(archive: Path, part: Path, progress: Path, until: float) -> bool:
    with archive.open("rb") as source, _opened(part) as target:
        read, written = _place(progress)
        read, written = (read, written) if target.seek(0, os.SEEK_END) >= written else (0, 0)
        target.truncate(written)
        target.seek(written)
        source.seek(read)
        while data := source.read(_SLICE):
            if time.monotonic() >= until:
                return False
            target.write(gzip.compress(data, 6, mtime=0))
            target.flush()
            os.fsync(target.fileno())
            _remember(progress, source.tell(), target.tell())
        like(source.fileno(), target.fileno())
        os.fsync(target.fileno())
        return True


def _opened(part: Path):  # type: ignore[no-untyped-def]
    return os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "r+b")


def _place(progress: Path) -> tuple[int, int]:
    with suppress(OSError, ValueError, TypeError):
        read, written = json.loads(progress.read_bytes())
        return int(read), int(written)
    return 0, 0


def _remember(progress: Path, read: int, written: int) -> None:
    fresh = progress.with_name(f"{progress.name}{PARTIAL}")
    fresh.write_text(json.dumps([read, written]), encoding="ascii")
    fresh.replace(progress)
