"""Beat: sends what is due, to the nodes that are alive. One per Guardian; keeps its schedule in memory."""

import logging
import time
import zlib
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from celery import Celery
from celery.beat import ScheduleEntry, Scheduler, SchedulingError

from guardian.config import Config
from guardian.engine.overview import live_nodes, live_queues
from guardian.runtime.node import say_once, sign
from guardian.store.store import Store
from guardian.tasks import schedule

REFRESH = timedelta(seconds=5)
"""How often the live nodes are read and the tick is written."""

FIRST_WITHIN = timedelta(seconds=10)
"""The first run of an entry comes within this, each at a moment of its own, so that not all are sent at once."""

_EXPIRES = 0.9
_CLOCK_JUMP = 5.0
_AWAY_PAUSE = 1.0

logger = logging.getLogger(__name__)


class LiveScheduler(Scheduler):
    """Celery's in-memory scheduler with entries that follow the live nodes.

    Redis away: says so once, goes on, and sends what is due when it is back. Wall clock set anew: starts its
    times afresh, where the plain scheduler would send nothing until the old time is reached again.
    """

    def __init__(self, *args: Any, config: Config, store: Store, **kwargs: Any) -> None:
        self._config, self._store = config, store
        self._refreshed = float("-inf")
        self._offset = time.time() - time.monotonic()
        self._away = self._unsent = False
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Starts empty; the first tick fills it."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if self._away or time.monotonic() - self._refreshed >= REFRESH.total_seconds():
            self._refreshed = time.monotonic()
            self._mind_the_clock()
            self._away = say_once(self._away, self._refresh)
        return _AWAY_PAUSE if self._away else float(super().tick(*args, **kwargs))

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            if not self._unsent:
                logger.warning("cannot send %s, nor perhaps what follows: %s", entry.name, error)
            self._unsent = True
        else:
            if self._unsent:
                logger.info("sending again")
            self._unsent = False

    def _refresh(self) -> None:
        now = self._store.clock.now()
        self._store.signs.beat_ticked(now)
        self._store.signs.process_seen(sign("beat", self._config.node))
        workers = self._store.signs.presences()
        wanted = schedule.entries(self._config, live_nodes(workers, now), live_queues(workers, now))
        for gone in self.schedule.keys() - wanted.keys():
            del self.schedule[gone]
        for name in wanted.keys() - self.schedule.keys():
            self.schedule[name] = self._entry(name, wanted[name])

    def _entry(self, name: str, wanted: Mapping[str, Any]) -> ScheduleEntry:
        entry = self.Entry(**dict(wanted), name=name, app=self.app)
        every = getattr(entry.schedule, "run_every", None)
        if every is not None:
            entry.options = {"expires": _EXPIRES * every.total_seconds(), **(entry.options or {})}
            if every <= timedelta(hours=1):
                entry.last_run_at = entry.default_now() - every + _offset(name, min(every, FIRST_WITHIN))
        return entry

    def _mind_the_clock(self) -> None:
        offset = time.time() - time.monotonic()
        if abs(offset - self._offset) > _CLOCK_JUMP:
            logger.warning("the clock was set by %+.0f s; the schedule starts afresh", offset - self._offset)
            self.schedule.clear()
            self._heap = None
        self._offset = offset


def _offset(name: str, within: timedelta) -> timedelta:
    return within * (zlib.crc32(name.encode()) % 1000 / 1000)


def run_beat(app: Celery, config: Config, store: Store) -> int:
    """Beat until SIGTERM. Gives the exit code."""
    app.Beat(
        scheduler=partial(LiveScheduler, config=config, store=store),  # type: ignore[arg-type]  # a factory does
        loglevel="WARNING",
        quiet=True,
    ).run()
    return 0
