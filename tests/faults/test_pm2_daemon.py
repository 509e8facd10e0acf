"""PM2's daemon dies, hangs, or comes back without its apps: nobody is healed by guess."""

import os
import signal

import pytest

from guardian.model import Status
from tests.faults import invariants
from tests.faults.teststand import Bench, bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]


def source(made: Bench) -> str:
    """The one target beside the apps: the daemon itself."""
    return next(iter({each.key.target for each in made.incidents()} - set(made.apps)), "")


def wait_blind(made: Bench) -> str:
    """Its incident is there, and told."""
    target: str = wait_for("the daemon has an incident", lambda: source(made), 60)
    incident = made.wait_escalated(target)
    assert incident.status is Status.UNKNOWN
    return target


def test_hung_it_is_unknown_and_after_it_what_crashed_meanwhile_is_healed() -> None:
    with bench(3) as made:
        pid = made.pm2.entry(made.apps[0])["pid"]
        made.pm2.signal_daemon(signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        target = wait_blind(made)
        assert made.of(made.apps[0]) == []
        made.pm2.signal_daemon(signal.SIGCONT)
        made.wait_healed(made.apps[0], 0)
        made.wait_healed(target, 0)
        made.wait_calm()
        assert [len(made.starts(app)) for app in made.apps] == [2, 1, 1]
        assert made.receiver.steps(target) == ["alert", "resolved"]
        invariants.check(made)
        made.end()


def test_dead_it_is_unknown_and_its_apps_that_live_on_are_not_started_again() -> None:
    with bench(3) as made:
        made.pm2.kill_daemon()
        target = wait_blind(made)
        assert [each.key.target for each in made.incidents()] == [target]
        assert [len(made.starts(app)) for app in made.apps] == [1, 1, 1]
        made.start_daemon()
        for app in made.apps:  # the new daemon does not know them: no cure can help
            made.wait_escalated(app)
        assert [len(made.starts(app)) for app in made.apps] == [1, 1, 1]
        made.start_apps()
        for app in [*made.apps, target]:
            made.wait_healed(app, 0)
        made.wait_calm()
        assert [made.receiver.steps(app) for app in made.apps] == [["alert", "resolved"]] * 3
        invariants.check(made)
        made.end()


def test_killed_while_it_restarts_an_app_the_attempt_is_not_repeated() -> None:
    with bench(2) as made:
        app = made.apps[0]
        made.arm("heal acted", "group")
        made.crash(app)
        made.wait_fired()
        made.pm2.kill_daemon()
        made.wait_escalated(app)
        assert len(made.starts(app)) == 2
        made.start_daemon()
        made.start_apps()
        made.wait_healed(app, 0)
        made.wait_calm()
        invariants.check(made)
        made.end()


def test_hung_between_the_look_and_the_order_it_carries_it_out_late_and_nobody_repeats_it() -> None:
    with bench(1) as made:
        (app,) = made.apps
        made.arm("heal order", "hang daemon")
        made.crash(app)
        made.wait_fired()
        wait_for("the order is given up", lambda: "perhaps" in story(made, app) or "nobody" in story(made, app), 60)
        assert len(made.starts(app)) == 1
        made.pm2.signal_daemon(signal.SIGCONT)
        made.wait_healed(app, 0, 60)
        made.wait_calm()
        assert len(made.starts(app)) == 2
        invariants.check(made)
        made.end()


def story(made: Bench, app: str) -> str:
    incident = made.last(app)
    return " ".join(step.text for step in made.store.story(incident.id)) if incident else ""
