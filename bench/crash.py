"""From a crash to its record and to running again: Guardian on a real PM2 and a real supervisord, beside what these and
Monit do by themselves, in one run.

In Guardian's rows its supervisor does not restart, so Guardian is who heals, hastened by its listener; then the
same with the listener killed, and for PM2 with an app that dies at each start until PM2 gave it up.
"""

import math
import random
from collections.abc import Callable, Sequence
from importlib.metadata import version

from bench import machine, noop, peers
from bench.apps import App
from bench.figures import ALL, MEDIAN, MOST, Limit, Row, table
from bench.lanes import Crash, Down, kill, together
from bench.watched import APPS, MAX_CRASHES, PM2, SUPERVISORD, Kind, Watched, watched
from tests.real_pm2 import RealPm2, wait_for

CRASHES = 100
PATROL, LOOK = 10.0, 0.5
"""Seconds from look to look, and what one look with its way through the queue is given."""

_SLOW_SHARE = 5
"""The rows that wait for patrols, or for PM2 to give up, have a fifth of the crashes."""
_ONE_BY_ONE = (0.3, 0.8)
"""Seconds between two crashes. The listener rests for half a second, so a crash does not wait for the last one's."""
_ANY_MOMENT = (0.0, PATROL)
_DEAF_LANES = 5
_QUITTERS, _FAILURES = 6, 3
_DEFAULT_BUDGET = 5

_SOON = (Limit(MEDIAN, 0.5), Limit(MOST, 1.5)), (Limit(MEDIAN, 1.5),)
_IN_A_PATROL = (Limit(ALL, PATROL + LOOK),), ()
_AT_ONCE = (Limit(ALL, 2.0),)


def run(count: int = CRASHES, seed: int | None = None) -> str:
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    dice = random.Random(seed)
    notes: list[str] = []
    rows = [
        *guarded(PM2, count, dice, notes.append),
        *guarded(SUPERVISORD, count, dice, notes.append),
        *peers.rows(count, dice),
    ]
    notes += [
        f"supervisord {version('supervisor')}; {APPS} apps each",
        f"Guardian with its defaults (patrols of {PATROL:.0f} s), but for brake.share = 1.0 (off),",
        f"heal.budget = {_budget(count)} and max_crashes = {MAX_CRASHES}",
        f"load average at the end {machine.load()}, seed {seed}",
    ]
    return table("crash: kill -9 until its incident is recorded, and until it runs again", rows, notes)


def guarded(kind: Kind, count: int, dice: random.Random, note: Callable[[str], None]) -> Sequence[Row]:
    """Guardian's rows under one kind of supervisor."""
    quitters = _QUITTERS if kind is PM2 else 0
    few = max(1, count // _SLOW_SHARE)
    with watched(kind, APPS - quitters, _budget(count)) as world:
        rows = list[Row]()
        if kind is PM2:
            note(machine.facts(world.supervisor))
            rows.append(Row("floor: no-op Celery round trip, same server", noop.round_trips(world.url)))
        found = together([world.lane(world.apps, kill, _ONE_BY_ONE)], count, dice)
        rows += _rows(f"{kind.name} ({kind.left_alone})", found, *_SOON)
        if quitters:
            found = _given_up(world, quitters, few, dice)
            rows += _rows(f"PM2, max_restarts ({_FAILURES}) used up", found, *_IN_A_PATROL)
        with world.no_listener():
            lanes = [world.lane(world.apps[number::_DEAF_LANES], kill, _ANY_MOMENT) for number in range(_DEAF_LANES)]
            found = together(lanes, few, dice)
        rows += _rows(f"{kind.name}, listener killed", found, *_IN_A_PATROL)
    return rows


def _budget(count: int) -> int:
    """No app is to run out of heals here."""
    return max(_DEFAULT_BUDGET, math.ceil(2 * count / _QUITTERS))


def _rows(title: str, found: Sequence[Crash], recorded: Sequence[Limit], running: Sequence[Limit]) -> Sequence[Row]:
    return (
        Row(f"{title}: recorded", [crash.recorded for crash in found], recorded),
        Row(f"{title}: running again", [crash.running for crash in found], running),
        Row("  from recorded to running again", [crash.healed for crash in found], _AT_ONCE),
    )


def _given_up(world: Watched, apps: int, count: int, dice: random.Random) -> Sequence[Crash]:
    quitters = [App(f"quitter-{number}", world.folder) for number in range(apps)]
    world.add(quitters, max_restarts=_FAILURES)
    return together([world.lane(quitters, lambda app: _use_up(world.supervisor, app), _ONE_BY_ONE)], count, dice)


def _use_up(pm2: RealPm2, app: App) -> Down | None:
    """PM2 counts only the failures soon after a creation, hence the reset. The app fails as often as PM2 allows, so the
    next start, which is Guardian's, holds. None on a machine so slow that PM2 did not count the failures."""
    known = _gave_up(pm2, app)
    pm2.call("resetMetaProcessId", pm2.entry(app.name)["pm_id"])
    app.fail_at_start(_FAILURES)
    starts = kill(app).starts + _FAILURES
    wait_for(f"{app.name} failed", lambda: len(app.starts()) >= starts, 20)
    try:
        wait_for("PM2 gave it up", lambda: _gave_up(pm2, app) > known, 3)
    except AssertionError:
        return None
    return Down(app.starts()[starts - 1].at, starts)


def _gave_up(pm2: RealPm2, app: App) -> int:
    """How often, by PM2's log: Guardian may be faster than a look at its state."""
    script = pm2.entry(app.name)["pm2_env"]["pm_exec_path"]
    return pm2.log.read_text(errors="replace").count(f"Script {script} had too many unstable restarts")
