"""From a crash to running again: real PM2 with thirty apps, a Guardian with its default patrols of 10 s.

Scenario A: `kill -9` where PM2 does not restart. B: an app that dies at each start until PM2 gave it up. An app notes
each of its starts itself; "seen" is the beginning of the look that opened the incident. Needs Linux (`date +%N`).

No app is crashed again before its last heal is verified: that is another story (the incident is still open, and within
the cooldown there is no second restart), not a slow first one. A crash not seen or not healed stays in the count.
"""

import itertools
import math
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import machine, noop
from guardian import services
from guardian.drill.sandbox import guardian
from guardian.runtime import statedir
from guardian.store.store import Store
from tests.real_pm2 import RealPm2, running_pm2, wait_for

CRASHES = 100
APPS = 30
PATROL, LOOK = 10.0, 0.5
"""Seconds from look to look, and what one look with its way through the queue is given."""
PER_PATROL = 3
AT_ONCE = 2.0
"""Seconds from seen to running again that count as at once."""

_DEFAULT_BUDGET = 5
_FAILURES = 3
_GIVE_UP_LIMIT = 3.0
_QUIET_LIMIT = 120
_MOST_INCIDENTS = 500

_SCRIPT = """
date +%s%N >> {folder}/{name}.starts
if [ -s {folder}/{name}.fails ]; then sed -i 1d {folder}/{name}.fails; exit 1; fi
exec sleep 1000000
"""


@dataclass(frozen=True)
class World:
    """What runs, and the folder in which the apps keep their notes."""

    pm2: RealPm2
    store: Store
    folder: Path

    def starts(self, app: str) -> Sequence[float]:
        """When it started, seconds since 1970."""
        return [int(line) / 1e9 for line in (self.folder / f"{app}.starts").read_text().split()]


@dataclass(frozen=True)
class Scenario:
    """`crash(world, app)` gives when the app was down for good, or None where it did not come to that."""

    title: str
    event: str
    options: Mapping[str, object]
    crash: Callable[[World, str], float | None]


@dataclass(frozen=True)
class Crash:
    app: str
    at: float


@dataclass(frozen=True)
class Times:
    """Seconds; None where it was not seen, or did not run again."""

    seen: float | None
    repair: float | None
    running: float | None


def _kill(world: World, app: str) -> float:
    pid = world.pm2.entry(app)["pid"]
    at = time.time()
    os.kill(pid, signal.SIGKILL)
    return at


def _use_up(world: World, app: str) -> float | None:
    """PM2 counts only the failures soon after a creation, hence the reset. The app fails as often as PM2 allows, so the
    next start, which is Guardian's, holds."""
    entry, before = world.pm2.entry(app), len(world.starts(app))
    world.pm2.call("resetMetaProcessId", entry["pm_id"])
    (world.folder / f"{app}.fails").write_text("fail\n" * _FAILURES)
    os.kill(entry["pid"], signal.SIGKILL)
    wait_for(f"{app} failed", lambda: len(world.starts(app)) >= before + _FAILURES, 20)
    return world.starts(app)[before + _FAILURES - 1] if _given_up(world, app) else None


def _given_up(world: World, app: str) -> bool:
    """False on a machine so slow that PM2 did not count the failures."""
    deadline = time.monotonic() + _GIVE_UP_LIMIT
    while time.monotonic() < deadline:
        if world.pm2.status(app) == "errored":
            return True
        time.sleep(0.02)
    return False


SCENARIOS = (
    Scenario("A: kill -9, autorestart false", "the kill", {"autorestart": False}, _kill),
    Scenario(f"B: max_restarts ({_FAILURES}) used up", "its last failed start", {"max_restarts": _FAILURES}, _use_up),
)


def run(count: int = CRASHES, seed: int | None = None) -> str:
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    dice = random.Random(seed)  # noqa: S311  nothing secret
    return "\n\n".join(measure(scenario, count, dice) for scenario in SCENARIOS) + f"\n  (seed {seed})"


def measure(scenario: Scenario, count: int, dice: random.Random) -> str:
    """A Guardian, a PM2 and apps of its own for each scenario."""
    budget = max(_DEFAULT_BUDGET, math.ceil(count / APPS) + 1)
    with running_pm2() as pm2, tempfile.TemporaryDirectory(prefix="gb-") as name:
        folder = Path(name)
        pm2.start_all({app: _SCRIPT.format(folder=folder, name=app) for app in _names()}, **scenario.options)
        with guardian(folder, _config(pm2, budget)):
            world = World(pm2, _store(folder), folder)
            url = statedir.client(folder / "state").url  # type: ignore[union-attr]  # it runs
            wait_for("Guardian has looked", lambda: _looked(world), 60)
            trips = noop.round_trips(url)
            crashes = _crash_all(scenario, world, count, dice)
            _wait_for_quiet(world)
            times = _times(world, crashes)
            facts = machine.facts(pm2)
    return table(scenario, times, trips, facts, budget)


def _names() -> Sequence[str]:
    return [f"agent-{number:02}" for number in range(APPS)]


def _config(pm2: RealPm2, budget: int) -> str:
    return (
        f"[brake]\nshare = 1.0\n[heal]\nbudget = {budget}\n[checks.process_health]\n"
        f'[supervisors.pm2]\nhomes = ["{pm2.home}"]\n'
    )


def _store(folder: Path) -> Store:
    config = services.load_config(folder / "guardian.toml")
    return services.open_store(config, statedir.redis_url(config, folder / "state"), None)


def _looked(world: World) -> bool:
    node = services.load_config(world.folder / "guardian.toml").node
    return len(world.store.last_look("process_health", node).states) == APPS


def _crash_all(scenario: Scenario, world: World, count: int, dice: random.Random) -> Sequence[Crash]:
    """A few in each patrol, at random moments; each app as often as any other, and only when it is well."""
    begin, turns, moments = time.monotonic(), _turns(dice), _moments(dice)
    crashes: list[Crash] = []
    while len(crashes) < count:
        time.sleep(max(0.0, begin + next(moments) - time.monotonic()))
        app = next(app for app in turns if _is_well(world, app))
        down = scenario.crash(world, app)
        if down is not None:
            crashes.append(Crash(app, down))
    return crashes


def _moments(dice: random.Random) -> Iterator[float]:
    for patrol in itertools.count():
        yield from sorted((patrol + dice.random()) * PATROL for _ in range(PER_PATROL))


def _turns(dice: random.Random) -> Iterator[str]:
    """Round after round in one order, so that an app's crashes are as far apart as can be."""
    names = list(_names())
    dice.shuffle(names)
    return itertools.cycle(names)


def _is_well(world: World, app: str) -> bool:
    being_healed = {incident.key.target for incident in world.store.open_incidents()}
    return app not in being_healed and world.pm2.status(app) == "online"


def _wait_for_quiet(world: World) -> None:
    """Until every incident is resolved; what is not by then counts as not healed."""
    deadline = time.monotonic() + _QUIET_LIMIT
    time.sleep(PATROL + LOOK)
    while world.store.open_incidents() and time.monotonic() < deadline:
        time.sleep(0.5)


def _times(world: World, crashes: Sequence[Crash]) -> Sequence[Times]:
    """Each crash with the first incident and the first start between it and the next crash of the same app."""
    incidents = [*world.store.open_incidents(), *world.store.closed_incidents(_MOST_INCIDENTS)]
    found = []
    for app in _names():
        own = [crash.at for crash in crashes if crash.app == app]
        opened = sorted(each.opened_at.timestamp() for each in incidents if each.key.target == app)
        for at, following in itertools.pairwise([*own, math.inf]):
            seen = next((moment for moment in opened if at - LOOK < moment < following), None)
            start = next((moment for moment in world.starts(app) if at < moment < following), None)
            found.append(
                Times(
                    seen=max(0.0, seen - at) if seen is not None else None,
                    repair=start - seen if None not in (start, seen) else None,  # type: ignore[operator]
                    running=start - at if start is not None else None,
                )
            )
    return found


def table(scenario: Scenario, times: Sequence[Times], trips: Sequence[float], facts: str, budget: int) -> str:
    line = "  {:<44} {:>5} {:>8} {:>8} {:>8}   {}".format
    seen = [each.seen for each in times]
    repair = [each.repair for each in times]
    running = [each.running for each in times]
    return "\n".join(
        (
            f"crash, {scenario.title}",
            f"  {facts}",
            f"  {APPS} apps, patrols of {PATROL:.0f} s, {PER_PATROL} crashes a patrol at random moments",
            f"  fleet brake off (share = 1.0), heal budget {budget}",
            line("seconds", "n", "p50", "p95", "max", ""),
            line(f"seen after {scenario.event}", *_figures(seen), _within(seen, PATROL + LOOK, "a patrol and a look")),
            line("running again after it was seen", *_figures(repair), _within(repair, AT_ONCE, "at once")),
            line(f"running again after {scenario.event}", *_figures(running), ""),
            line("floor: no-op Celery round trip, same server", *_figures(trips), ""),
        )
    )


def _figures(values: Sequence[float | None]) -> tuple[str, ...]:
    known = sorted(value for value in values if value is not None)
    if not known:
        return "0", "-", "-", "-"
    return str(len(known)), *(f"{value:.3f}" for value in (_rank(known, 0.5), _rank(known, 0.95), known[-1]))


def _rank(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: a value that was measured."""
    return ordered[math.ceil(share * len(ordered)) - 1]


def _within(values: Sequence[float | None], limit: float, words: str) -> str:
    good = sum(value is not None and value <= limit for value in values)
    return f"{good} of {len(values)} within {limit:g} s ({words})"
