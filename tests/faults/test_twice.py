"""Every message is sent twice, to four workers."""

import pytest

from tests.faults import invariants, plugin
from tests.faults.teststand import Bench

pytestmark = [pytest.mark.timeout(400)]

WORKERS = ("all-1", "all-2", "all-3", "all-4")


def test_every_message_twice_each_step_still_happens_once() -> None:
    with Bench(apps=3) as bench:
        (bench.folder / plugin.TWICE).touch()
        bench.start(*WORKERS, "beat")
        healing, broken, stopped = bench.apps
        bench.crash(healing)
        bench.crash(broken, for_good=True)
        bench.wait_healed(healing, 0)
        bench.wait_escalated(broken)
        bench.start_by_hand(broken)
        bench.wait_healed(broken, 0)
        bench.wait_calm()
        assert len(invariants.restarts_by_guardian(bench, healing)) == 1
        assert len(invariants.restarts_by_guardian(bench, broken)) == 1
        assert bench.receiver.steps(healing) == []
        assert bench.receiver.steps(broken) == ["alert", "resolved"]
        assert len(bench.starts(stopped)) == 1
        invariants.check(bench)
        bench.end()
