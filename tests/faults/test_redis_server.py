"""Redis dies, comes back empty, hangs, or is slow."""

import time
from datetime import timedelta

import pytest

from guardian.model import Reason
from tests.faults import invariants
from tests.faults.teststand import Bench, bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400)]

POINTS = ["check record", "check plan", "heal claim", "heal act", "heal acted", "heal finish", "verify verified"]
IN_EVERY_RUN = "heal acted"


@pytest.mark.parametrize(
    "point", [pytest.param(each, marks=[] if each == IN_EVERY_RUN else pytest.mark.long) for each in POINTS]
)
def test_killed_and_back_with_its_data_the_app_is_restarted_once(running: Bench, app: str, point: str) -> None:
    before, started = len(running.of(app)), len(running.starts(app))
    running.arm(point, "server")
    running.crash(app)
    running.wait_fired()
    running.server.kill()
    running.start_server()
    running.wait_healed(app, before)
    running.wait_calm()
    assert len(running.starts(app)) == started + 1
    invariants.check(running)


@pytest.mark.long
@pytest.mark.parametrize("point", ["alert claim_telling", "alert send", "escalate write", "escalate written"])
def test_killed_and_back_with_its_data_each_step_is_told(running: Bench, app: str, point: str) -> None:
    before = len(running.of(app))
    running.arm(point, "server")
    running.lost_answers += point == "alert send"
    running.crash(app, for_good=True)
    running.wait_fired()
    running.server.kill()
    running.start_server()
    running.wait_escalated(app)
    running.start_by_hand(app)
    running.wait_healed(app, before)
    running.wait_calm()
    invariants.check(running)


@pytest.mark.long
def test_away_for_seconds_it_is_only_later(running: Bench, app: str) -> None:
    before, started = len(running.of(app)), len(running.starts(app))
    running.crash(app)
    running.server.kill()
    time.sleep(4)  # the fault itself
    running.start_server()
    running.wait_healed(app, before)
    running.wait_calm()
    assert len(running.starts(app)) == started + 1
    invariants.check(running)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [5, 12])
def test_hung_for_seconds_it_is_only_later(running: Bench, app: str, seconds: float) -> None:
    before, started = len(running.of(app)), len(running.starts(app))
    running.crash(app)
    running.server.hang()
    time.sleep(seconds)  # the fault itself
    running.server.resume()
    running.wait_healed(app, before)
    running.wait_calm()
    assert len(running.starts(app)) == started + 1
    invariants.check(running)


@pytest.mark.long
def test_back_empty_no_cure_comes_before_the_hold_is_over() -> None:
    hold = timedelta(seconds=40)
    away = {"url": "sqlite:////nowhere/history.db"}  # what was lost cannot be read back
    with bench(2, {"heal": {"cooldown": "40s"}, "history": away}) as made:
        first, second = made.apps
        made.arm("heal acted", "server")
        made.crash(first)
        made.wait_fired()
        made.server.kill()
        emptied = time.time()
        made.start_server(empty=True)
        made.crash(second)
        incident = wait_for("an incident of the new store", lambda: made.last(second), 60)
        wait_for("it is said", lambda: reason(made, incident.id) is Reason.RECOVERING, 60)
        made.wait_healed(second, 0, 90)
        made.wait_calm()
        assert made.starts(second)[-1] - emptied >= hold.total_seconds()
        assert len(made.starts(second)) == 2
        assert len(made.starts(first)) == 2
        assert made.receiver.steps(second) == ["alert", "resolved"]
        invariants.check(made)
        made.end()


def reason(made: Bench, id_: str) -> Reason | None:
    incident = made.store.incident(id_)
    return incident.reason if incident else None


@pytest.mark.long
def test_slow_by_five_seconds_nothing_is_done_twice_and_all_is_done_when_it_is_fast_again() -> None:
    limits = {"heal": {"lease": "60s"}, "worker": {"time_limit": "45s", "visibility_timeout": "60s"}}
    with bench(2, limits, slow=True) as made:
        healing, broken = made.apps
        made.slow_line.delay = 5
        made.crash(healing)
        made.crash(broken, for_good=True)
        time.sleep(30)  # the fault itself
        made.slow_line.delay = 0
        made.wait_healed(healing, 0, 90)
        made.wait_escalated(broken, 90)
        made.start_by_hand(broken)
        made.wait_healed(broken, 0)
        made.wait_calm()
        assert len(invariants.restarts_by_guardian(made, healing)) == 1
        invariants.check(made)
        made.end()
