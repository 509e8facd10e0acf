"""The archives beside a log: `<log>.<UTC time>-<number>`, each name used once, so that their order is their names'."""

import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

_STAMP = r"\.\d{8}T\d{6}Z-\d{3,}"
_ARCHIVE = re.compile(rf"{_STAMP}(\.gz)?$")
PARTIAL = ".guardian-part"
"""How the name of a copy ends that is not whole yet."""
NOTE = ".guardian-rotation"
"""How the name of a note ends that says which rotation was begun."""


def is_ours(name: str) -> bool:
    """Whether a file is an archive, a copy or a note, and not a log."""
    return bool(_ARCHIVE.search(name)) or is_hidden(name)


def is_hidden(name: str) -> bool:
    """Whether it is a copy that is not whole yet, or a note."""
    return name.endswith((PARTIAL, NOTE))


def hidden(log: Path, end: str) -> Path:
    return log.with_name(f".{log.name}{end}")


def new_name(log: Path, now: datetime) -> str:
    """A name that is free, and after all the others."""
    taken = [archive.name.removesuffix(".gz") for archive in archives(log)]
    name = f"{log.name}.{now:%Y%m%dT%H%M%SZ}"
    name = max(name, max(taken, default="")[: len(name)])  # where the clock was set back, the order goes first
    numbers = [int(each[len(name) + 1 :]) for each in taken if each.startswith(f"{name}-")]
    return f"{name}-{max(numbers, default=0) + 1:03}"


def archives(log: Path) -> Sequence[Path]:
    """Oldest first; regular files only, never what a link points to."""
    pattern = re.compile(rf"{re.escape(log.name)}{_STAMP}(\.gz)?$")
    with os.scandir(log.parent) as entries:
        files = (entry for entry in entries if pattern.fullmatch(entry.name))
        found = [Path(entry.path) for entry in files if entry.is_file(follow_symlinks=False)]
    return sorted(found, key=lambda archive: archive.name.removesuffix(".gz"))


def publish(part: Path, final: Path) -> None:
    """Give a whole file its name, never over another. Repeated, it does nothing. Raises OSError."""
    try:
        os.link(part, final, follow_symlinks=False)
    except FileExistsError:
        if not os.path.samestat(os.lstat(part), os.lstat(final)):
            raise
    except FileNotFoundError:
        if not final.exists():
            raise
    with suppress(FileNotFoundError):
        part.unlink()
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def prune(log: Path, keep: int, keep_bytes: int) -> Sequence[tuple[str, int]]:
    """Remove the oldest archives that are too many or too much; the newest stays whatever its size. Gives name and size
    of each."""
    found = archives(log)
    sizes = {archive: _size(archive) for archive in found}
    gone = []
    while len(found) > 1 and (len(found) > keep or sum(sizes[each] for each in found) > keep_bytes):
        oldest, *found = found
        with suppress(FileNotFoundError):
            oldest.unlink()
            gone.append((oldest.name, sizes[oldest]))
    return gone


def _size(path: Path) -> int:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
