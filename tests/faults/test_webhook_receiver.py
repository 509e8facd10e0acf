"""The receiver reads an alert and hangs up before its answer: it is told again, and nothing else is."""

import pytest

from tests.faults import invariants
from tests.faults.teststand import bench

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]


def test_an_answer_that_was_lost_has_the_alert_told_again_and_the_escalation_follows() -> None:
    with bench(1) as made:
        (app,) = made.apps
        made.receiver.hang_up = 1
        made.crash(app, for_good=True)
        made.wait_escalated(app, 60)
        made.start_by_hand(app)
        made.wait_healed(app, 0)
        made.wait_calm()
        assert made.receiver.steps(app) == ["alert", "alert", "resolved"]
        invariants.check(made)
        made.end()
