"""Random parts of Guardian are killed while random apps die. `--seed` repeats a round that printed it;
`--count-factor` is the number of rounds, each with the next seed and a new bench."""

import contextlib
import random
import time

import psutil
import pytest

from tests.faults import invariants
from tests.faults.teststand import Bench, bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(0), pytest.mark.long]

KILLS, APPS = 50, 6
WORKERS = ("check", "act-1", "act-2")
SETTINGS = {"heal": {"cooldown": "6s", "takeovers": 1000}}


def test_after_any_kills_every_app_runs_and_each_incident_ended_once(request: pytest.FixtureRequest) -> None:
    given = request.config.getoption("--seed", None)
    first = random.randrange(10**9) if given is None else given
    for seed in range(first, first + request.config.getoption("--count-factor", 1)):
        print(f"--seed {seed}")
        one_round(random.Random(seed))


def one_round(dice: random.Random) -> None:
    with bench(APPS, SETTINGS, *WORKERS, "beat") as made:
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.1, 2))
            if dice.random() < 0.5:
                crash(made, dice.choice(made.apps))
            kill(made, dice)
        wait_for("every app runs", lambda: all(map(made.runs, made.apps)), 90)
        wait_for("Guardian sees it", made.all_seen_well, 60)
        made.wait_calm()
        assert made.store.open_incidents() == []
        assert made.incidents()
        invariants.check(made)
        made.end()


def crash(made: Bench, app: str) -> None:
    if made.runs(app):
        made.crash(app)


def kill(made: Bench, dice: random.Random) -> None:
    match dice.choices(("child", "worker", "beat", "server"), (4, 4, 1, 1))[0]:
        case "server":
            made.lost_answers += 1  # it may go before the note of one
            made.server.kill()
            time.sleep(dice.uniform(0, 1))
            made.start_server()
        case "beat":
            kill_process(made.part("beat"))
        case what:
            made.lost_answers += 1
            main = made.part(dice.choice(WORKERS))
            with contextlib.suppress(psutil.Error):
                pool = main.children() if main else []
                kill_process(dice.choice(pool) if what == "child" and pool else main)


def kill_process(victim: psutil.Process | None) -> None:
    """None, or gone meanwhile: it is just being started again."""
    with contextlib.suppress(psutil.Error):
        if victim is not None:
            victim.kill()
