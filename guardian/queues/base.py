"""What a kind of queue does, and what the kinds share."""

import hashlib
from typing import Protocol

from guardian.ports import QueueReading


class Queue(Protocol):
    """One queue. `look` and `move` are for one thread at a time."""

    def look(self) -> QueueReading:
        """Takes nothing out. May raise whatever its library does: that is unknown."""
        ...

    def move(self, to: "Queue", most: int) -> int:
        """As guardian.ports.WorkQueues has it; `to` is of the same place."""
        ...


def place_of(*parts: str) -> str:
    """The same for the same parts; tells nothing of an address."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
