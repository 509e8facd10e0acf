"""That a process of supervisord ended, from its process id: supervisord tells its events to programs of its own
configuration only, and nobody should have to edit that.

The ids are those of the last look. Where the system has process descriptors (Linux 5.3), an end is known within
milliseconds; elsewhere at the next look.
"""

import os
import select
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta

from guardian.supervisors.supervisord.wire import WireError

_WATCHED, _POLLED = 2.0, 0.5
"""Seconds from look to look, with and without descriptors. What starts and ends in between is the patrol's."""


class Exits:
    """See guardian.ports.Ear. `look` gives the ids of what runs, and raises WireError."""

    def __init__(self, look: Callable[[], Collection[int]]) -> None:
        self._look = look
        self._running: frozenset[int] = frozenset()
        self._descriptors: dict[int, int] = {}
        self._due = 0.0
        self._every = _WATCHED if hasattr(os, "pidfd_open") else _POLLED

    def wait(self, limit: timedelta) -> bool:
        end = time.monotonic() + limit.total_seconds()
        while (now := time.monotonic()) < end:
            if now >= self._due and self._refresh():
                return True
            if self._ended(min(end, self._due) - time.monotonic()):
                self._refresh()  # each question wakes supervisord, which then restarts at once what it is to restart
                return True
        return False

    def close(self) -> None:
        for pid in list(self._descriptors):
            self._forget(pid)

    def _refresh(self) -> bool:
        """Whether something that ran at the last look is gone. A daemon that is away changes nothing."""
        self._due = time.monotonic() + self._every
        try:
            running = frozenset(self._look())
        except WireError:
            return False
        gone = self._running - running
        for pid in self._descriptors.keys() - running:
            self._forget(pid)
        for pid in running - self._descriptors.keys():
            self._watch(pid)
        self._running = running
        return bool(gone)

    def _watch(self, pid: int) -> None:
        """Not where there are no descriptors, or no more of them; nor what ended just now: the next look misses it."""
        with suppress(AttributeError, OSError):
            self._descriptors[pid] = os.pidfd_open(pid)

    def _forget(self, pid: int) -> None:
        os.close(self._descriptors.pop(pid))

    def _ended(self, seconds: float) -> bool:
        poll = select.poll()
        for descriptor in self._descriptors.values():
            poll.register(descriptor, select.POLLIN)
        readable = {descriptor for descriptor, _ in poll.poll(max(0.0, seconds) * 1000)}
        for pid, descriptor in list(self._descriptors.items()):
            if descriptor in readable:
                self._forget(pid)
                self._running -= {pid}
        return bool(readable)
