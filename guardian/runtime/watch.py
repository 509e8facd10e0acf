"""The watch as a process: forked by `up`, or by itself as `guardian watch`. Imports no Celery.

In the state directory: `watch.json`, what was told and is not over; `watch-alive.json`, while it runs, its last whole
look, for a container's health probe.
"""

import json
import logging
import os
import select
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from guardian import services
from guardian.config import Config
from guardian.decide.blind import Blindness
from guardian.decide.occurrences import Occurrence
from guardian.engine.watch import Watch
from guardian.ports import Clock
from guardian.runtime import alive
from guardian.runtime.statedir import write_json

if TYPE_CHECKING:  # it brings requests along
    from guardian.notify.ping import Ping

TOLD, ALIVE = "watch.json", alive.file_of("watch")

logger = logging.getLogger(__name__)


class Wall:
    """This machine's clock, which somebody may set."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Steady:
    """The wall's time at the start, and from there on a clock that nobody sets and that stands while the machine
    sleeps."""

    def __init__(self) -> None:
        self._began, self._at = time.monotonic(), datetime.now(UTC)

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._began)


def run_watch(config: Config, redis_url: str, state: Path) -> int:
    """Watch until SIGTERM or SIGINT. Gives the exit code."""
    steady, ping = Steady(), services.ping(config)
    watch = services.watch(config, redis_url, Wall(), known=recalled(state), remember=partial(remembered, state))
    with _until_asked() as asked:
        while True:
            began = time.monotonic()
            try:
                look(watch, ping, steady)
                alive.sign(state, "watch")
            except Exception:
                logger.exception("the watch could not finish a look")
            if asked(config.watch.every.total_seconds() - (time.monotonic() - began)):
                break
    alive.end(state, "watch")
    return 0


def look(watch: Watch, ping: "Ping | None", clock: Clock) -> None:
    """One step of the watch, and the call to whoever waits for it outside, where all is well."""
    judged = watch.step(clock.now())
    if ping is not None and judged.all_well:
        ping.well(clock.now())


@contextmanager
def _until_asked() -> Iterator["_Asked"]:
    """Gives a sleep that SIGTERM and SIGINT cut short, and that says whether one came."""
    awake, wake = os.pipe()
    for descriptor in (awake, wake):
        os.set_blocking(descriptor, False)
    before_fd = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield _Asked(awake)
    finally:
        signal.set_wakeup_fd(before_fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(awake)
        os.close(wake)


class _Asked:
    def __init__(self, awake: int) -> None:
        self._awake = awake

    def __call__(self, seconds: float) -> bool:
        if not select.select([self._awake], [], [], max(0.0, seconds))[0]:
            return False
        asked = {signal.SIGTERM, signal.SIGINT}
        return not asked.isdisjoint(os.read(self._awake, 4096))


def remembered(state: Path, told: Sequence[Occurrence]) -> None:
    """Replaces the file whole; no file where there is nothing to remember. Raises OSError."""
    if told:
        write_json(state / TOLD, {"told": [_document(each) for each in told]})
    else:
        (state / TOLD).unlink(missing_ok=True)


def _document(each: Occurrence) -> dict[str, object]:
    found = asdict(each)
    times = {name: value.isoformat() for name, value in found.items() if isinstance(value, datetime)}
    return found | times | {"told": sorted(each.told)}


def recalled(state: Path) -> Sequence[Occurrence]:
    """A file that cannot be read is nothing but forgotten."""
    try:
        held = json.loads((state / TOLD).read_text(encoding="utf-8"))["told"]
        return [_occurrence(dict(each)) for each in held]
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        logger.warning("what was told cannot be recalled: %s", error)
        return ()


def _occurrence(held: dict[str, object]) -> Occurrence:
    for name in ("since", "over", "done_at"):
        if held[name] is not None:
            held[name] = datetime.fromisoformat(str(held[name]))
    told = held["told"]
    if not isinstance(told, list):
        raise TypeError("told is no list")
    changed = {"reason": Blindness(str(held["reason"])), "told": frozenset(map(str, told))}
    return Occurrence(**(held | changed))  # type: ignore[arg-type]  # a wrong value is found by the reader's eyes
