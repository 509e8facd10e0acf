"""Log files that grow, and making them small again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from guardian.errors import RemedyError
from guardian.ports.commands import Command


class Way(StrEnum):
    """How a log is rotated while its writer keeps it open. COLLAPSE: what was copied is cut off its head. REOPEN: it is
    renamed, and the writer told to open it anew. COPY_TRUNCATE: copied, then emptied; lines that are written between
    the two are lost."""

    COLLAPSE = "collapse"
    REOPEN = "reopen"
    COPY_TRUNCATE = "copy and truncate"


@dataclass(frozen=True)
class Reopen:
    """How a writer is told to open its log anew: a signal to the process whose id is in a file, or a command."""

    signal: str | None = None
    pid_file: str | None = None
    command: Command | None = None
    within: timedelta = timedelta(seconds=10)


@dataclass(frozen=True)
class RotationOrder:
    """What becomes of the archives of one log, and which ways are allowed. `keep` archives, of at most `keep_bytes`."""

    keep: int
    keep_bytes: int
    compress: bool = False
    reopen: Reopen | None = None
    may_lose: bool = False


@dataclass(frozen=True)
class LogFile:
    """One log, as it is now. `way` is None where it cannot be rotated, and `why` says so; else why it is that way.
    `unfinished`: a rotation of it was begun and not ended. `error` says why it could not be looked at. `bare`: archives
    that are to be compressed still."""

    path: str
    size_bytes: int = 0
    way: Way | None = None
    why: str = ""
    unfinished: bool = False
    bare: int = 0
    error: str | None = None


class LogRotation(Protocol):
    """Rotates logs of this node. Whatever dies at any point, each line is somewhere, once."""

    def look(self, patterns: Sequence[str], order: RotationOrder, over_bytes: int = -1) -> Sequence[LogFile]:
        """The logs that the patterns (shell-style) name, each file once. The way is worked out for those larger than
        `over_bytes`. Changes nothing, never raises for a file."""
        ...

    def rotate(self, path: str, order: RotationOrder) -> str:
        """Finish what was begun, or rotate; then drop the oldest archives that are too many. Says what was done. Raises
        RemedyError; `done` is None where the next look goes on with it."""
        ...


class NoRotation:
    """guardian.ports.LogRotation of a Guardian that only looks at other things."""

    def look(self, patterns: Sequence[str], order: RotationOrder, over_bytes: int = -1) -> Sequence[LogFile]:  # noqa: ARG002
        return ()

    def rotate(self, path: str, order: RotationOrder) -> str:  # noqa: ARG002
        raise RemedyError(f"{path}: nothing rotates logs here", done=False)
