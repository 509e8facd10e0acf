"""Writing the configuration file: whole or not at all, and never over another one by accident."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from guardian.errors import GuardianError

_MODE = 0o644


class WriteError(GuardianError):
    """The file could not be written, and is as it was."""


def create(path: Path, text: str) -> None:
    """Raises WriteError, also where there is one already."""
    with _beside(path, text, None) as fresh:
        os.link(fresh, path)  # unlike a rename, refuses to replace


def replace(path: Path, text: str, *, backup_at: datetime | None = None) -> Path | None:
    """In place of the file at the path, with its mode and owner; where it is a link, of what that points to. With a
    time, the old one is kept beside it: gives where. Raises WriteError."""
    real = path.resolve()
    kept = real.with_name(f"{real.name}.{backup_at:%Y%m%dT%H%M%S.%fZ}.bak") if backup_at else None
    with _beside(real, text, real) as fresh:
        if kept is not None:
            os.link(real, kept)
        fresh.replace(real)
    return kept


@contextmanager
def _beside(path: Path, text: str, like: Path | None) -> Iterator[Path]:
    """A finished file in the same folder, gone afterwards unless it was moved."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        fresh = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _dress(fresh, like)
            yield fresh
        finally:
            fresh.unlink(missing_ok=True)
    except FileExistsError:
        raise WriteError(f"{path} is there already") from None
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror or error}") from None


def _dress(fresh: Path, like: Path | None) -> None:
    if like is None:
        fresh.chmod(_MODE)
        return
    known = like.stat()
    with suppress(PermissionError):
        os.chown(fresh, known.st_uid, known.st_gid)
    fresh.chmod(known.st_mode & 0o7777)
