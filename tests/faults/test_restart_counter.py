"""An app that PM2 itself restarts and gives up: there PM2's own counter tells who restarted it.

Measured: `restart_time` counts PM2's restarts and not the one that takes an errored app up again. So of all starts,
those that are neither the first nor counted by PM2 are Guardian's.
"""

import pytest

from tests.faults import invariants
from tests.faults.teststand import Bench, bench

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

APP = "given-up"


def restarts_by_guardian(made: Bench) -> int:
    starts = made.pm2.log.read_text(errors="replace").count(f"App [{APP}:1] starting in")
    return starts - 1 - int(made.pm2.entry(APP)["pm2_env"]["restart_time"])


def test_given_up_by_pm2_it_is_restarted_once_in_a_cooldown_and_escalated() -> None:
    with bench(1) as made:
        made.pm2.start(APP, "sleep 0.1; exit 1", max_restarts=2, min_uptime=60_000)
        made.pm2.wait_status(APP, "errored")
        first = made.wait_escalated(APP)
        assert restarts_by_guardian(made) == 1
        assert made.receiver.steps(APP) == ["alert"]
        made.wait_calm()
        assert made.last(APP) is not None
        assert made.of(APP) == [made.store.incident(first.id)]
        assert restarts_by_guardian(made) == 1
        invariants.check(made)
        made.end()
