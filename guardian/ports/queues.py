"""The users' work queues: how much waits in them, and moving it from one to its like."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from guardian.errors import RemedyError


@dataclass(frozen=True)
class QueueReading:
    """One look at one queue. `error` says why it could not be read; the rest then means nothing.

    `oldest`: when the item that waits longest came, None where nobody can tell or nothing waits. `place`: queues of one
    place can hand items to each other, each in one step; None where that cannot be.
    """

    queue: str
    depth: int = 0
    oldest: datetime | None = None
    place: str | None = None
    error: str | None = None


class WorkQueues(Protocol):
    """The queues that are configured, by name. All calls are bounded in time."""

    def look(self, only: Collection[str] | None = None) -> Sequence[QueueReading]:
        """Each of them, or those named. Takes nothing out and never raises: a queue that is away or slow has an
        `error`."""
        ...

    def move(self, source: str, to: str, most: int) -> int:
        """Up to so many of the newest items, each in one step: it is in the one queue or in the other, whatever dies.
        Gives how many. Raises RemedyError; `done` is None when some may have been moved."""
        ...


class NoQueues:
    """guardian.ports.WorkQueues where none is configured."""

    def look(self, only: Collection[str] | None = None) -> Sequence[QueueReading]:  # noqa: ARG002
        return ()

    def move(self, source: str, to: str, most: int) -> int:  # noqa: ARG002
        raise RemedyError(f"there is no queue {source}", done=False)
