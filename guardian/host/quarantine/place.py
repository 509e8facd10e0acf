"""Where the quarantined scripts are, and what is kept beside each."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from guardian.errors import GuardianError

SCRIPT, SIDECAR, AUDIT, LOCK = "script", "report.json", "audit.jsonl", ".lock"
_READ = ("O_RDONLY", "O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK")
_FOLDER = ("O_RDONLY", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC")
_BLOCK = 2**20


@dataclass(frozen=True)
class Entry:
    """`state`: moving (it may still be where it was), kept, or released. `mode` and `size` as they were. `other_names`:
    hard links to the same file elsewhere."""

    id: str
    state: str
    path: str
    sha256: str
    at: str
    node: str
    agent: str | None
    size: int
    mode: int
    other_names: int = 0
    report: Mapping[str, Any] = field(default_factory=dict)
    released: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Place:
    """The folder; made at first use. Only scripts inside `roots` go there; at most `files` of them, `bytes` in all."""

    folder: Path
    roots: Sequence[Path] = ()
    files: int = 1000
    bytes: int = 10**9

    def entries(self) -> Sequence[Entry]:
        """The oldest first; what is no entry is left out."""
        found = []
        with suppress(FileNotFoundError):
            for folder in self.folder.iterdir():
                with suppress(OSError, ValueError, TypeError):
                    found.append(read_sidecar(folder))
        return sorted(found, key=lambda each: (each.at, each.id))

    def of(self, id_: str) -> Path:
        return self.folder / id_

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One at a time, over all processes. Raises GuardianError where the folder cannot be used."""
        import fcntl  # noqa: PLC0415  POSIX alone has it

        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise GuardianError(f"{self.folder} cannot be the quarantine: {error.strerror or error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _flags(names: Sequence[str]) -> int:
    """Looked up where they are used: a system without them can still load this."""
    return sum(getattr(os, name) for name in names)


def opened(name: str, folder: int | None) -> int:
    """A descriptor for reading what has this name, and no link to it; never waits."""
    return os.open(name, _flags(_READ), dir_fd=folder)


def read_sidecar(folder: Path) -> Entry:
    return Entry(**json.loads((folder / SIDECAR).read_text(encoding="utf-8")))


def write_sidecar(folder: Path, entry: Entry) -> None:
    """Whole or not at all, and on the disk."""
    temporary = folder / f"{SIDECAR}.tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(entry), file, indent=2)
        file.flush()
        os.fsync(handle)
    temporary.replace(folder / SIDECAR)
    sync(folder)


def sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hash_at(name: str, folder: int | None) -> str | None:
    """Of a regular file; None for anything else. Waits for nothing."""
    try:
        handle = opened(name, folder)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def opened_below(root: str, folder: str) -> Iterator[int]:
    """A descriptor of `folder`, gone to from `root` step by step, so that no link leads elsewhere meanwhile."""
    handle = os.open(root, _flags(_FOLDER))
    try:
        for part in Path(folder).relative_to(root).parts:
            below = os.open(part, _flags(_FOLDER), dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)
