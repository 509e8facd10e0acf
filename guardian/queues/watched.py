"""Every configured queue at once: none keeps the others waiting, and one that hangs is asked nothing more until it is
back."""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from guardian.diagnose.plain import brief
from guardian.errors import RemedyError
from guardian.ports import QueueReading
from guardian.queues.base import Queue
from guardian.settings import duration_text

_REASON = 160


class Watched:
    """`guardian.ports.WorkQueues`. A look is a thread for each queue: what a library waits for, whatever its own limits
    are, ends at `answer`."""

    def __init__(self, queues: Mapping[str, Queue], answer: timedelta) -> None:
        self._queues, self._answer = queues, answer
        self._hanging: dict[str, threading.Thread] = {}

    def look(self, only: Collection[str] | None = None) -> Sequence[QueueReading]:
        found: dict[str, QueueReading] = {}
        names = [name for name in self._queues if only is None or name in only]
        self._hanging = {name: thread for name, thread in self._hanging.items() if thread.is_alive()}
        looks = {name: self._begun(name, found) for name in names if name not in self._hanging}
        end = time.monotonic() + self._answer.total_seconds()
        for name, thread in looks.items():
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                self._hanging[name] = thread
        there = dict(found)  # what comes late is not taken in between
        return [there.get(name) or QueueReading(name, error=self._late(name, looks)) for name in names]

    def _begun(self, name: str, found: dict[str, QueueReading]) -> threading.Thread:
        thread = threading.Thread(target=self._look, args=(name, found), name=f"queue {name}", daemon=True)
        thread.start()
        return thread

    def _look(self, name: str, found: dict[str, QueueReading]) -> None:
        try:
            found[name] = self._queues[name].look()
        except Exception as error:  # noqa: BLE001 - whatever the library of that kind raises
            found[name] = QueueReading(name, error=reason(error))

    def _late(self, name: str, looks: Collection[str]) -> str:
        if name in looks:
            return f"no answer within {duration_text(self._answer)}"
        return "it still does not answer an earlier look"

    def move(self, source: str, to: str, most: int) -> int:
        if source not in self._queues or to not in self._queues:
            raise RemedyError(f"there is no queue {to if source in self._queues else source}", done=False)
        try:
            return self._queues[source].move(self._queues[to], most)
        except RemedyError:
            raise
        except Exception as error:
            raise RemedyError(f"{source}: {reason(error)}", done=None) from error


def reason(error: Exception) -> str:
    """Of a library's error, without the statement and the address that some put into it."""
    cause = getattr(error, "orig", None) or error
    first = next(iter(str(cause).splitlines()), "")
    return brief(f"{type(cause).__name__}: {first}" if first else type(cause).__name__, _REASON)
