"""The busy scene for a short while, and for as long as `make soak` asks: thirteen checks look, and nothing is said."""

from datetime import timedelta

import pytest

from bench import busy
from guardian.model import Status
from tests.real_pm2 import RealPm2

pytestmark = [pytest.mark.timeout(3600), pytest.mark.long]


def test_over_a_busy_scene_thirteen_checks_look_in_time_and_raise_no_false_alarm(
    pm2_home: RealPm2, pytestconfig: pytest.Config
) -> None:
    duration = timedelta(minutes=pytestconfig.getoption("busy_minutes"))
    outcome = busy.observed(pm2_home, duration)
    print(busy.table(outcome, duration))
    assert outcome.false == []
    statuses = {each.last.check: each.status for each in outcome.view.checks}
    assert statuses.keys() == set(busy.CHECKS)
    del statuses["log_rotation"]  # it may be due just now
    assert set(statuses.values()) == {Status.OK}
    assert not outcome.view.blind
    assert outcome.rotations
    due = duration / timedelta(seconds=10)
    assert min(outcome.looks.values()) >= due / 2, outcome.looks
