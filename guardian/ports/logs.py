"""Log files: their ends, and their entries from where a check stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from guardian.model import JSON


class LogReader(Protocol):
    """Reads the ends of log files."""

    def tail(self, paths: Sequence[str], lines: int) -> Sequence[str]:
        """The last lines of the files, newest last, decoded with replacement, bounded in bytes. A file that
        cannot be read is one line that says so."""
        ...


class LogEntry(NamedTuple):
    """One line of a JSON log. `data` is None where the line is no JSON object: `broken` then says why. `place` is
    the file and the line's first byte, `FILE:OFFSET`, so that a person finds it. A tuple: a backlog has millions.
    """

    place: str
    data: Mapping[str, Any] | None
    broken: str | None = None


@dataclass(frozen=True)
class Entries:
    """What was new in the log files that a check reads, oldest first within a file.

    `cursor` is where the next look goes on: JSON of bounded size, to be kept in the check's memory with what was
    counted, so that each line counts exactly once. `behind_bytes` were there and are left for the next look. `absent`:
    no such file was ever seen. `troubles`: what could not be read, in words, and lines that are known to be lost.
    """

    entries: Sequence[LogEntry]
    cursor: JSON
    behind_bytes: int = 0
    absent: bool = False
    troubles: Sequence[str] = ()


@dataclass(frozen=True)
class LastWritten:
    """The file that was written last of those that patterns name: `path` and `at` None where there is none. `troubles`:
    what could not be looked at, in words."""

    path: str | None = None
    at: datetime | None = None
    troubles: Sequence[str] = ()


class EntryReader(Protocol):
    """Reads JSON lines from where it stopped."""

    def read(self, patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
        """What came since `cursor` (None: the first look) in the files that the patterns (shell-style) name, of at most
        about `limit_bytes`. Never raises for what is in a file, nor for one that cannot be read."""
        ...

    def last_written(self, patterns: Sequence[str]) -> LastWritten:
        """Of the regular files that the patterns (shell-style) name, by the time that their file system has. Never
        raises."""
        ...


class NoEntries:
    """guardian.ports.EntryReader where there are no logs."""

    def read(self, patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:  # noqa: ARG002
        return Entries((), cursor, absent=True)

    def last_written(self, patterns: Sequence[str]) -> LastWritten:  # noqa: ARG002
        return LastWritten()
