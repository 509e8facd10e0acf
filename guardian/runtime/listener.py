"""The listener of a node: hears from its supervisors that a process ended, and has the look at it sent at once.

It hastens, nothing more: the periodic looks stay the truth, so one that dies, lags or hears nothing costs only time.
Each ear is emptied by a thread of its own, whatever becomes of the sending.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from celery import Celery
from kombu.exceptions import OperationalError

from guardian import services
from guardian.config import Config
from guardian.engine.queues import check_queue
from guardian.ports import Ear
from guardian.runtime import alive
from guardian.runtime.node import say_once
from guardian.store.store import Store
from guardian.tasks.check import task_name

SETTLE = 0.1
"""Seconds from the first event to the look, which takes in what ends together. A supervisor's own restart order passes
through `stopped` for a few milliseconds."""
REST = 0.5
"""Seconds at least between two hastened looks."""

PART = "listener"
"""Its name to `alive`."""

_EXPIRES = 5.0
_SIGN_EVERY = 5.0
_TURN = timedelta(seconds=1)

logger = logging.getLogger(__name__)


def run_listener(app: Celery, config: Config, store: Store, state: Path) -> int:
    """Listen until SIGTERM. Gives the exit code."""
    ended, heard = _until_told(), threading.Event()
    names = hastened(config)
    ears = [ear for supervisor in services.opened(config) for ear in supervisor.ears()] if names else []
    if not ears:
        logger.info("nothing to listen to")
    life = Life(state, len(ears))
    threads = []
    for number, ear in enumerate(ears):
        given = (ear, heard, ended, partial(life.turned, number))
        threads.append(threading.Thread(target=_listen, args=given, name="ear", daemon=True))
        threads[-1].start()
    _hasten(_Looks(app, names, config.node, store).send, heard, ended, life.sign)
    for thread in threads:
        thread.join(2 * _TURN.total_seconds())
    life.end()
    return 0


def hastened(config: Config) -> Sequence[str]:
    """The checks that are switched on and follow a supervisor's processes."""
    checks = services.checks_of(config)
    return [name for name, settings in config.checks.items() if settings.enabled and checks[name].follows_processes]


def _until_told() -> threading.Event:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _listen(ear: Ear, heard: threading.Event, ended: threading.Event, turned: Callable[[], None]) -> None:
    while not ended.is_set():
        try:
            if ear.wait(_TURN):
                heard.set()
        except Exception:
            logger.exception("an ear is broken; listening on")
            ended.wait(_TURN.total_seconds())
        turned()
    ear.close()


def _hasten(
    send: Callable[[], None], heard: threading.Event, ended: threading.Event, turned: Callable[[], None]
) -> None:
    """One look for all that is heard within SETTLE, at most one per REST: what comes meanwhile is the next one's."""
    while not ended.is_set():
        turned()
        if not heard.wait(_TURN.total_seconds()):
            continue
        ended.wait(SETTLE)
        heard.clear()
        send()
        ended.wait(REST)


class Life:
    """Its sign of life: as old as the oldest turn of an ear, and none while a look cannot be sent."""

    def __init__(self, state: Path, ears: int, steady: Callable[[], float] = time.monotonic) -> None:
        self._state, self._steady = state, steady
        self._turns = [steady()] * ears
        self._due = 0.0

    def turned(self, ear: int) -> None:
        self._turns[ear] = self._steady()

    def sign(self) -> None:
        now = self._steady()
        if now >= self._due:
            self._due = now + _SIGN_EVERY
            alive.sign(self._state, PART, now - min(self._turns, default=now))

    def end(self) -> None:
        alive.end(self._state, PART)


class _Looks:
    """Sends a look of each check to the node."""

    def __init__(self, app: Celery, names: Sequence[str], node: str, store: Store) -> None:
        self._app, self._names, self._node, self._store = app, names, node, store
        self._away = False

    def send(self) -> None:
        """Only while the server answers: sending would wait until it does, and the periodic look finds it then."""
        self._away = say_once(self._away, self._store.clock.now)
        if self._away:
            return
        try:
            for name in self._names:
                self._app.send_task(task_name(name), queue=check_queue(self._node), expires=_EXPIRES, retry=False)
        except OperationalError as error:
            logger.warning("could not hasten a look: %s", error)
