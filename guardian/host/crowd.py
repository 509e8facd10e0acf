"""Much waiting at once: each job in a thread, with a limit of its own that holds whatever the other side does.

A limit is kept by shutting the job's sockets. A thread that waits for something else (a name server) is left to itself
and counted out; the job is over all the same.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from guardian.sockets import Sockets

WITHIN = 25.0
"""Seconds for all: well below a task's time limit."""

_AT_FIRST, _MORE, _MOST = 8, 8, 128
"""Threads. More are added only while jobs wait, so that quick answers need few."""
_SLICE = 0.05

T = TypeVar("T")


class Line(Sockets):
    """What a job holds open. `stage` says how far it is, for whoever has to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = "waiting to begin"


@dataclass(frozen=True)
class Job(Generic[T]):
    """`work` never raises; `late` makes its result where it did not come in time, from how far it was."""

    work: Callable[[Line], T]
    late: Callable[[str], T]
    limit: float


class _Crowd(Generic[T]):
    def __init__(self, jobs: Sequence[Job[T]]) -> None:
        self._jobs = jobs
        self._waiting = list(range(len(jobs)))[::-1]
        self._running: dict[int, tuple[Line, float]] = {}
        self._results: dict[int, T] = {}
        self._changed = threading.Condition()
        self._threads = 0

    def results(self, within: float) -> list[T]:
        end = time.monotonic() + within
        self._add(_AT_FIRST)
        while len(self._results) < len(self._jobs) and (now := time.monotonic()) < end:
            with self._changed:
                self._changed.wait(min(self._patience(now), end - now))
            self._end_late(time.monotonic())
            self._add(_MORE)
        self._end_late(float("inf"))
        with self._changed:
            for at in self._waiting:
                self._results[at] = self._jobs[at].late("not begun: there was no time left")
            self._waiting.clear()
            return [self._results[at] for at in range(len(self._jobs))]

    def _patience(self, now: float) -> float:
        """Until something may have to be done."""
        if self._waiting and self._threads < _MOST:
            return _SLICE
        return max(min((over for _, over in self._running.values()), default=now) - now, 0.001)

    def _add(self, more: int) -> None:
        with self._changed:
            count = min(more, len(self._waiting), _MOST - self._threads)
            self._threads += max(count, 0)
        for _ in range(count):
            threading.Thread(target=self._work, name="guardian-look", daemon=True).start()

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            at, line = taken
            result = self._jobs[at].work(line)
            line.shut()
            with self._changed:
                if self._running.pop(at, None) is None:
                    return  # it was late, and this thread was counted out
                self._results[at] = result
                self._changed.notify()
        with self._changed:
            self._threads -= 1

    def _take(self) -> tuple[int, Line] | None:
        with self._changed:
            if not self._waiting:
                return None
            at, line = self._waiting.pop(), Line()
            self._running[at] = line, time.monotonic() + self._jobs[at].limit
            return at, line

    def _end_late(self, now: float) -> None:
        with self._changed:
            over = [at for at, (_, limit) in self._running.items() if limit <= now]
            lines = [self._running.pop(at)[0] for at in over]
            for at, line in zip(over, lines, strict=True):
                self._results[at] = self._jobs[at].late(line.stage)
            self._threads -= len(over)
        for line in lines:
            line.shut()


def together(jobs: Sequence[Job[T]], within: float = WITHIN) -> list[T]:
    """The results in order. Never longer than `within`."""
    return _Crowd(jobs).results(within) if jobs else []
