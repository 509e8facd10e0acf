"""Guardian is blind: the watch, a process of its own, says so in time, once, and says when it is over."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil
import pytest

from guardian.runtime.watch import ALIVE
from tests.faults.teststand import Bench
from tests.faults.teststand import bench as running_bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

BLIND_AFTER = 30
"""Half of the default, to save time."""
CHECKS, ACTS, TELLS, HEALS = "worker check@n1", "worker act@n1", "queue tell", "queue heal.n1"


@pytest.fixture(scope="module")
def made() -> Iterator[Bench]:
    settings = {
        "watch": {"blind_after": f"{BLIND_AFTER}s", "every": "2s", "ping_every": "1s"},
        "worker": {"check_processes": 1, "act_processes": 1},
    }
    with running_bench(1, settings, "check", "act", "beat", "watch") as bench:
        yield bench
        assert bench.receiver.targets() == {"beat", CHECKS, ACTS, TELLS, HEALS, "Redis"}, "nothing else was told"
        bench.end()


def until(made: Bench, what: str, condition: Callable[[], object]) -> None:
    try:
        wait_for(what, condition, 60)
    except AssertionError:
        print(made.report())
        raise


def told(made: Bench, step: str, *targets: str, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Each of the targets is told this step last, within a minute."""
    began = time.monotonic()

    def all_told() -> bool:
        meanwhile()
        return all(made.receiver.steps(target)[-1:] == [step] for target in targets)

    until(made, f"{step} of {targets}", all_told)
    print(f"{step} of {', '.join(targets)} after {time.monotonic() - began:.1f} s")


def pinged(made: Bench) -> None:
    before = made.receiver.pings
    until(made, "outside is called, since all is well", lambda: made.receiver.pings > before)


def last_look(made: Bench) -> str:
    return (made.folder / "state" / ALIVE).read_text()


def blind_then_well(made: Bench, *targets: str, end: Callable[[], None]) -> None:
    """Told already; it is silent outside meanwhile, and each trouble and its end were told once."""
    pings, looks = made.receiver.pings, set()
    until(made, "the watch looks on", lambda: looks.add(last_look(made)) or len(looks) > 2)
    assert made.receiver.pings == pings
    end()
    told(made, "resolved", *targets)
    for target in targets:
        assert made.receiver.steps(target) == ["alert", "resolved"], made.report()
    pinged(made)


def test_a_dead_beat(made: Bench) -> None:
    pinged(made)
    made.hold("beat")
    told(made, "alert", "beat")
    blind_then_well(made, "beat", end=lambda: made.let_go("beat"))


def test_a_dead_worker_and_one_that_hangs(made: Bench) -> None:
    pinged(made)
    hung = made.part("check")
    assert hung is not None
    hung.suspend()
    made.hold("act")
    told(made, "alert", CHECKS, ACTS)

    def end() -> None:
        hung.resume()
        made.let_go("act")

    blind_then_well(made, CHECKS, ACTS, end=end)


def test_a_worker_that_lives_and_works_on_nothing(made: Bench) -> None:
    pinged(made)

    def pool() -> list[psutil.Process]:
        main = made.part("act")
        assert main is not None
        return main.children()

    def suspend() -> None:
        """Again and again: one that had a task at that moment is ended at its time limit, and another forked."""
        for child in pool():
            with suppress(psutil.NoSuchProcess):
                child.suspend()

    told(made, "alert", TELLS, HEALS, meanwhile=suspend)
    blind_then_well(made, TELLS, HEALS, end=lambda: [child.resume() for child in pool()] and None)


def test_a_dead_redis(made: Bench) -> None:
    pinged(made)
    made.server.kill()
    told(made, "alert", "Redis")
    blind_then_well(made, "Redis", end=made.start_server)
