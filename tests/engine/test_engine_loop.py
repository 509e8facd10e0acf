"""The slow crash loop: an app that lives long enough to be verified, and dies again, for ever."""

import pytest

from guardian.model import Reason
from tests.engine.drive import Drive
from tests.engine.test_engine_heal import most_in

THREE_HOURS = 3 * 3600


@pytest.mark.parametrize("lives", [15, 45])
def test_a_slow_crash_loop_uses_up_the_budget_and_is_escalated_once(drive: Drive, lives: int) -> None:
    drive.world.start("writer", lives=lives)
    drive.until(THREE_HOURS)
    times = drive.world.times("writer")
    assert most_in(times, 1800) == 5
    assert drive.told == [("alert", "writer")]
    (task,) = drive.tasks()
    assert task["evidence"]["not_healed_because"] == Reason.BUDGET_USED
    assert task["evidence"]["log_tail"] == [line.strip() for line in drive.world.logs]
    assert "UnicodeEncodeError" in task["root_cause_hypothesis"]
    assert drive.tasks("done") == []


def test_a_person_who_starts_it_ends_the_incident_and_the_budget_still_counts(drive: Drive) -> None:
    drive.world.start("writer", lives=15)
    drive.until(600)
    assert len(drive.world.restarted) == 5
    drive.world.recover("writer")
    drive.until(610)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    assert len(drive.tasks("done")) == 1
    drive.world.crash("writer")
    drive.until(630)
    assert len(drive.world.restarted) == 5
    assert drive.told[2:] == [("alert", "writer")]


def test_good_health_of_half_an_hour_makes_room_in_the_budget(drive: Drive) -> None:
    drive.world.start("writer", lives=15)
    drive.until(600)
    drive.world.recover("writer")
    drive.until(2400)
    drive.world.crash("writer")
    drive.until(2420)
    assert len(drive.world.restarted) == 6
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]


def test_with_break_circuit_the_process_is_stopped_once_and_left_stopped(drive: Drive) -> None:
    drive.configure("[heal]\nbreak_circuit = true")
    drive.world.start("writer", lives=15)
    drive.until(2 * 3600)
    assert len(drive.world.restarted) == 5
    assert len(drive.world.stopped) == 1
    assert not drive.world.online("writer")
    assert drive.told == [("alert", "writer")]
    (task,) = drive.tasks()
    assert task["actions_tried"][-1]["action"] == "circuit broken"
    (incident,) = drive.open
    assert incident.circuit_broken
    assert incident.reason is Reason.CIRCUIT_BROKEN


def test_a_broken_circuit_ends_when_a_person_starts_the_process(drive: Drive) -> None:
    drive.configure("[heal]\nbreak_circuit = true")
    drive.world.start("writer", lives=15)
    drive.until(600)
    drive.world.recover("writer")
    drive.until(3000)
    assert drive.open == []
    drive.world.crash("writer")
    drive.until(3020)
    assert drive.world.online("writer")
