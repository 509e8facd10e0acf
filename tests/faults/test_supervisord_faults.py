"""Under supervisord in place of PM2: a share of the deaths, and its daemon dead, hung, or started anew."""

import os
import signal
from collections.abc import Iterator

import pytest

from guardian.model import Status
from tests.faults import invariants
from tests.faults.supervised import UnderSupervisord
from tests.faults.teststand import Bench, bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

POINTS = ["check plan", "heal begin", "heal claim", "heal act", "heal order", "heal acted", "heal over", "verify end"]


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    """One for the deaths; each takes an app of its own."""
    with bench(len(POINTS), kind=UnderSupervisord) as made:
        yield made
        made.end()


@pytest.mark.parametrize("point", POINTS)
def test_cut_off_on_the_way_to_health_the_app_is_restarted_once_and_nobody_is_told(running: Bench, point: str) -> None:
    app = running.apps[POINTS.index(point)]
    running.arm(point)
    running.crash(app)
    running.wait_fired()
    incident = running.wait_healed(app, 0)
    running.wait_calm()
    assert running.runs(app)
    assert len(running.starts(app)) == 2, running.report()
    assert incident.alerted_at is None, running.report()
    invariants.check(running)


def source(made: Bench) -> str:
    """The one target beside the apps: the daemon itself."""
    return next(iter({each.key.target for each in made.incidents()} - set(made.apps)), "")


def wait_blind(made: Bench) -> str:
    target: str = wait_for("the daemon has an incident", lambda: source(made), 60)
    assert made.wait_escalated(target).status is Status.UNKNOWN
    return target


def test_a_hung_daemon_is_unknown_and_what_crashed_meanwhile_is_healed_after_it() -> None:
    with bench(2, kind=UnderSupervisord) as made:
        pid = made.supervised.pid(made.apps[0])
        made.supervised.signal_daemon(signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        target = wait_blind(made)
        assert made.of(made.apps[0]) == []
        made.supervised.signal_daemon(signal.SIGCONT)
        made.wait_healed(made.apps[0], 0)
        made.wait_healed(target, 0)
        made.wait_calm()
        assert [len(made.starts(app)) for app in made.apps] == [2, 1]
        assert made.receiver.steps(target) == ["alert", "resolved"]
        invariants.check(made)
        made.end()


def test_a_dead_daemon_is_unknown_and_guardian_starts_neither_it_nor_its_apps() -> None:
    with bench(2, kind=UnderSupervisord) as made:
        made.supervised.kill_daemon()
        target = wait_blind(made)
        assert [each.key.target for each in made.incidents()] == [target]
        assert [len(made.starts(app)) for app in made.apps] == [1, 1]
        for app in made.apps:  # the new daemon starts what its configuration has, a second time
            made.record_start(app)
        made.start_daemon()
        made.wait_healed(target, 0)
        wait_for("the new daemon's apps are seen", made.all_seen_well)
        made.wait_calm()
        assert [each.key.target for each in made.incidents()] == [target]
        assert [len(made.starts(app)) for app in made.apps] == [2, 2]
        invariants.check(made)
        made.end()


def test_a_daemon_that_hangs_between_the_look_and_the_order_is_not_given_it_twice() -> None:
    with bench(1, kind=UnderSupervisord) as made:
        (app,) = made.apps
        made.arm("heal order", "hang daemon")
        made.crash(app)
        made.wait_fired()
        wait_for("the order is given up", lambda: "perhaps" in story(made, app) or "nobody" in story(made, app), 60)
        assert len(made.starts(app)) == 1
        made.supervised.signal_daemon(signal.SIGCONT)
        made.wait_healed(app, 0, 60)
        made.wait_calm()
        assert len(made.starts(app)) == 2
        invariants.check(made)
        made.end()


def story(made: Bench, app: str) -> str:
    incident = made.last(app)
    return " ".join(step.text for step in made.store.story(incident.id)) if incident else ""
