"""Soft and hard: a failure counts after so many looks in a row."""

import pytest

from guardian.engine.patrol import rehearse
from guardian.model import GUARDIAN, Reason
from tests.engine.drive import CHECK, NODE, Drive

THREE = f"[checks.{CHECK}]\nlooks = 3"


def test_at_one_look_a_failure_counts_at_once(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(10)
    assert drive.world.times("writer") == [10]


def test_a_soft_failure_is_shown_and_is_no_incident(drive: Drive) -> None:
    drive.configure(THREE)
    drive.world.start("writer")
    drive.until(10)
    drive.world.crash("writer")
    done = drive.patrol()
    assert (done.ok, done.message) == (False, "1 fail; writer: soft, look 1 of 3: stopped, exit code 1")
    state = drive.store.last_look(CHECK, NODE).states["writer"]
    assert (state.soft, state.failing_looks) == (True, 1)
    assert state.message.startswith("soft, look 1 of 3")
    assert drive.overview().checks[0].last.message == done.message
    _, (verdict,) = rehearse(drive.engine, CHECK)
    assert verdict.message.startswith("soft, look 2 of 3")
    drive.until(20)
    assert drive.every == []
    assert drive.world.restarted == []


def test_the_third_failing_look_is_an_incident_and_heals(drive: Drive) -> None:
    drive.configure(THREE)
    drive.world.start("writer")
    drive.until(10)
    drive.world.crash("writer")
    drive.until(30)
    assert drive.every == []
    drive.until(40)
    assert drive.world.times("writer") == [40]
    assert drive.only().message == "stopped, exit code 1"
    drive.until(60)
    assert drive.only().resolved_at


def test_an_ok_look_begins_the_count_anew(drive: Drive) -> None:
    drive.configure(THREE)
    drive.world.start("writer")
    for _ in range(5):
        drive.world.crash("writer")
        drive.advance(20)
        drive.world.recover("writer")
        drive.advance(100)
    assert drive.every == []


def test_a_look_that_could_not_see_does_not(drive: Drive) -> None:
    drive.configure(THREE)
    drive.world.start("writer")
    drive.until(10)
    drive.world.crash("writer")
    drive.until(30)
    drive.world.blind = "hiccup"
    drive.until(40)
    drive.world.blind = None
    drive.until(50)
    assert drive.world.times("writer") == [50]


def test_while_its_incident_is_open_each_failing_look_counts(drive: Drive) -> None:
    drive.configure(THREE)
    drive.world.start("writer")
    drive.until(10)
    drive.world.crash("writer")
    drive.until(40)
    before = drive.only().failing_looks
    drive.clock.forward(2)
    drive.patrol()  # ok: the heal is not verified yet
    drive.world.crash("writer")
    drive.clock.forward(2)
    drive.patrol()
    assert drive.store.last_look(CHECK, NODE).states["writer"].soft
    assert drive.only().failing_looks == before + 1


@pytest.mark.parametrize("looks", [1, 3])
def test_the_fleet_brake_holds_when_the_failures_begin_to_count(drive: Drive, looks: int) -> None:
    drive.configure(f"[checks.{CHECK}]\nlooks = {looks}")
    names = [f"app-{n}" for n in range(10)]
    drive.world.start(*names)
    drive.until(15)
    drive.world.crash(*names)
    drive.until(10 + 10 * looks - 5)
    assert drive.every == []
    drive.until(20 + 10 * looks)
    assert drive.world.restarted == []
    assert {each.reason for each in drive.open if each.key.check != GUARDIAN} == {Reason.FLEET_BRAKE}
