"""Who has a log open for writing, and whether it appends: a writer that keeps a place of its own would go on there, far
beyond the end of a file that became small, and leave a hole."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True)
class Writer:
    pid: int
    appends: bool


@dataclass(frozen=True)
class Writers:
    """`blind`: processes of the file's owner whose open files this user may not see, so that there may be more. A
    stranger's are not counted: on every machine there are some, and they write to files of their own."""

    seen: Sequence[Writer]
    blind: int = 0
    known: bool = True

    @property
    def own_place(self) -> Sequence[Writer]:
        """Those that do not append."""
        return [writer for writer in self.seen if not writer.appends]


def writers_of(file: os.stat_result) -> Writers:
    """Not `known` where the system does not tell (it is not Linux)."""
    if not sys.platform.startswith("linux"):
        return Writers((), known=False)
    seen, blind = [], 0
    for process in _processes():
        try:
            seen += list(_opened(process, file))
        except PermissionError:
            blind += _owner(process) == file.st_uid
        except OSError:
            continue  # it ended meanwhile
    return Writers(seen, blind)


def _processes() -> Iterator[Path]:
    with os.scandir(_PROC) as entries:
        for entry in entries:
            if entry.name.isdecimal() and entry.name != str(os.getpid()):
                yield Path(entry.path)


def _owner(process: Path) -> int | None:
    try:
        return process.stat().st_uid
    except OSError:
        return None


def _opened(process: Path, file: os.stat_result) -> Iterator[Writer]:
    with os.scandir(process / "fd") as handles:
        for handle in handles:
            with suppress(OSError):
                if os.path.samestat(handle.stat(), file) and (flags := _flags(process, handle.name)):
                    yield Writer(int(process.name), appends=bool(flags & os.O_APPEND))


def _flags(process: Path, handle: str) -> int:
    """How it was opened, as open(2) has it; 0 where it is only read."""
    for line in (process / "fdinfo" / handle).read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "flags":
            flags = int(value.strip(), 8)
            return flags if flags & _ACCESS else 0
    return 0
