"""Keeps the parts of one Guardian running: starts them in stages, restarts what dies, ends them in reverse.

The parent has one thread, so that it can fork at any time. A child has a session of its own: Ctrl-C reaches
the parent alone, and a child's whole group can be ended. Children notice a dead parent by the end of a pipe.
"""

import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import NoReturn, Protocol

from guardian.errors import GuardianError
from guardian.runtime.embedded import ending

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(seconds=30)
LIVED_WELL = timedelta(seconds=60)

STOP_LIMIT = timedelta(seconds=10)
"""How long the parts of one stage may take to end before they are killed."""

_ORPHAN_LIMIT = 4.0
_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}

logger = logging.getLogger(__name__)


class Part(Protocol):
    """A process that is kept running."""

    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Raises GuardianError when it cannot be started now."""
        ...

    def died(self) -> str | None:
        """Why it does not run, or None while it does."""
        ...

    def ask(self) -> None: ...

    def kill(self) -> None: ...


def next_delay(previous: timedelta | None, lived: timedelta) -> timedelta:
    """How long to wait before a part that died is started again: doubling, anew after it lived well."""
    if previous is None or lived >= LIVED_WELL:
        return FIRST_DELAY
    return min(previous * 2, LONGEST_DELAY)


class Lifeline:
    """A pipe whose end tells the children that the parent is gone. `private`: what a child must not keep."""

    def __init__(self, private: Sequence[int] = ()) -> None:
        self._read, self._write = os.pipe()
        self._private = (*private, self._write)

    def hold_in_child(self) -> None:
        for descriptor in self._private:
            os.close(descriptor)
        threading.Thread(target=self._watch, name="lifeline", daemon=True).start()

    def _watch(self) -> None:
        os.read(self._read, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_ORPHAN_LIMIT)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


@dataclass
class Forked:
    """A part that is a fork of this process. `run` gives its exit code."""

    name: str
    run: Callable[[], int]
    lifeline: Lifeline
    pid: int | None = None
    _reason: str | None = "not started"

    def start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self.pid = os.fork()
        if self.pid == 0:
            self._be(masked)
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        self._reason = None

    def died(self) -> str | None:
        if self.pid is not None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._signal_group(signal.SIGKILL)  # what it had forked in turn
                self.pid, self._reason = None, ending(os.waitstatus_to_exitcode(status))
        return self._reason

    def ask(self) -> None:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _be(self, masked: Iterable[int]) -> NoReturn:
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
            self.lifeline.hold_in_child()
            code = self.run()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            logger.exception("%s failed", self.name)
        finally:
            logging.shutdown()
            os._exit(code)


@dataclass
class _Watched:
    part: Part
    started: float = 0.0
    delay: timedelta | None = None
    due: float | None = None

    def start(self, now: float) -> None:
        self.started, self.due = now, None
        self.part.start()

    def keep(self, now: float) -> None:
        """Start it again when it died and its delay is over."""
        if self.due is None:
            reason = self.part.died()
            if reason is not None:
                self._fell(reason, now)
        elif now >= self.due:
            try:
                self.start(now)
                logger.info("%s started again", self.part.name)
            except GuardianError as error:
                self._fell(str(error), now)

    def _fell(self, reason: str, now: float) -> None:
        self.delay = next_delay(self.delay, timedelta(seconds=now - self.started))
        seconds = self.delay.total_seconds()
        self.due = now + seconds
        logger.error("%s ended (%s); starting it again in %.0f s", self.part.name, reason, seconds)


@dataclass
class Supervisor:
    """Runs parts in stages: a stage is started after the one before it, and ended before it."""

    stages: Sequence[Sequence[Part]]
    stop_limit: timedelta = STOP_LIMIT
    _orders: int = field(default=0, init=False)

    def run(self, tick: Callable[[], None], every: timedelta = timedelta(seconds=1)) -> None:
        """Until SIGINT, SIGTERM or SIGHUP; a second one ends everything at once. `tick` is called meanwhile.

        Raises GuardianError when a part cannot be started in the first place; the others are ended then.
        """
        watched = [_Watched(part) for stage in self.stages for part in stage]
        with self._signals() as wait:
            try:
                for each in watched:
                    if not self._orders:
                        each.start(time.monotonic())
                while not self._orders:
                    for each in watched:
                        each.keep(time.monotonic())
                    tick()
                    wait(every.total_seconds())
            finally:
                for stage in reversed(self.stages):
                    self._end(stage, wait)

    def _end(self, stage: Sequence[Part], wait: Callable[[float], None]) -> None:
        for part in stage:
            part.ask()
        deadline = time.monotonic() + self.stop_limit.total_seconds()
        while running := [part for part in stage if _runs(part)]:
            if self._orders > 1 or time.monotonic() > deadline:
                for part in running:
                    logger.warning("%s did not end in time; killed", part.name)
                    part.kill()
            wait(0.1)

    @contextmanager
    def _signals(self) -> Iterator[Callable[[float], None]]:
        """Gives a sleep that any of the signals cuts short."""
        awake, wake = os.pipe()
        for descriptor in (awake, wake):
            os.set_blocking(descriptor, False)

        def wait(seconds: float) -> None:
            if select.select([awake], [], [], seconds)[0]:
                with suppress(BlockingIOError):
                    os.read(awake, 4096)

        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        before_fd = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            yield wait
        finally:
            signal.set_wakeup_fd(before_fd)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(awake)
            os.close(wake)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._orders += 1


def _runs(part: Part) -> bool:
    return part.died() is None
