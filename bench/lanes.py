"""Crashes, one after the other in each lane, and how long each took. What never came counts, as infinity."""

import itertools
import math
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.apps import App

_LIMIT = 60.0
"""Seconds until it counts as never."""
_POLL = 0.01
_SETTLED = 2.0
"""Seconds that an app has run before it is crashed (again): what dies sooner is another story to every supervisor."""
_WELL_LIMIT = 180.0


@dataclass(frozen=True)
class Down:
    """When an app was down for good, seconds since 1970, and how often it had started until then."""

    at: float
    starts: int


@dataclass(frozen=True)
class Crash:
    """Seconds from there: until anybody who asks the store finds its incident (asked each 10 ms), and until the app
    runs again by its own note."""

    recorded: float
    running: float

    @property
    def healed(self) -> float:
        """From recorded to running again."""
        return max(0.0, self.running - self.recorded) if math.inf not in (self.recorded, self.running) else math.inf


@dataclass(frozen=True)
class Lane:
    """Apps that are crashed in turn, the next one a pause (least, most) after the last one ran again.

    `crash` gives None where it did not come to that. An app with an `incident` is not crashed: within the cooldown
    there is no second restart, which is another story and not a slow first one.
    """

    apps: Sequence[App]
    crash: Callable[[App], Down | None]
    pause: tuple[float, float]
    incident: Callable[[App], bool] | None = None

    def run(self, count: int, dice: random.Random, over: threading.Event) -> Sequence[Crash]:
        turns, found = itertools.cycle(self.apps), list[Crash]()
        while len(found) < count and not over.wait(dice.uniform(*self.pause)):
            app = self._next(turns)
            down = self.crash(app)
            if down is not None:
                found.append(self._follow(app, down))
        return found

    def _next(self, turns: Iterator[App]) -> App:
        deadline = time.monotonic() + _WELL_LIMIT
        for app in turns:
            if app.runs_since(_SETTLED, time.time()) and not (self.incident and self.incident(app)):
                return app
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL)
        raise RuntimeError(f"no app is well within {_WELL_LIMIT:.0f} s")

    def _follow(self, app: App, down: Down) -> Crash:
        recorded = running = math.inf
        deadline = time.monotonic() + _LIMIT
        while time.monotonic() < deadline:
            if recorded == math.inf and self.incident and self.incident(app):
                recorded = time.time() - down.at
            if running == math.inf and len(starts := app.starts()) > down.starts:
                running = starts[down.starts].at - down.at
            if running < math.inf and (recorded < math.inf or not self.incident):
                break
            time.sleep(_POLL)
        return Crash(recorded, running)


def kill(app: App) -> Down:
    """`kill -9`."""
    starts = app.starts()
    at = time.time()
    os.kill(starts[-1].pid, signal.SIGKILL)
    return Down(at, len(starts))


def together(lanes: Sequence[Lane], count: int, dice: random.Random) -> Sequence[Crash]:
    """So many crashes, shared out among the lanes, which run at the same time."""
    return in_groups([lanes], count, dice)[0]


def in_groups(groups: Sequence[Sequence[Lane]], count: int, dice: random.Random) -> Sequence[Sequence[Crash]]:
    """So many crashes in each group of lanes, all at the same time. Where one fails, or a person has had enough, the
    others end after the crash that they are at."""
    over = threading.Event()
    with ThreadPoolExecutor(max(1, sum(map(len, groups)))) as pool:
        try:
            runs = [
                [
                    pool.submit(lane.run, len(range(number, count, len(lanes))), random.Random(dice.random()), over)
                    for number, lane in enumerate(lanes)
                ]
                for lanes in groups
            ]
            return [[crash for run in group for crash in run.result()] for group in runs]
        finally:
            over.set()
