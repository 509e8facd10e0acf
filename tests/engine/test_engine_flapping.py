"""Flapping: its incident stays open, is told once, and at its end a person hears how it stands; cures are no flaps."""

import pytest

from guardian.decide.flapping import change_share
from guardian.model import IncidentState, Reason, TellState
from tests.engine.drive import CHECK, NODE, Drive
from tests.engine.world import check

ONE = f"[checks.{CHECK}]\nlooks = 1"


@pytest.fixture
def flapping(drive: Drive) -> Drive:
    """A process that comes and goes, healed by nobody so far: told as flapping, and down."""
    silence = drive.silence("writer", seconds=10_000, no_heal=True)
    drive.world.start("writer")
    for _ in range(6):
        flip(drive)
    drive.store.remove_silence(silence.id)
    drive.world.crash("writer")
    drive.advance(10)
    assert open_reason(drive) is Reason.FLAPPING
    assert drive.told == [("alert", "writer")]
    return drive


def flip(drive: Drive) -> None:
    drive.world.crash("writer")
    drive.advance(10)
    drive.world.recover("writer")
    drive.advance(10)


def open_reason(drive: Drive) -> Reason | None:
    (incident,) = drive.open
    return incident.reason


def history(drive: Drive) -> str:
    return drive.store.last_look(CHECK, NODE).states["writer"].history


def flaps(drive: Drive) -> bool:
    return drive.store.last_look(CHECK, NODE).states["writer"].flapping


def quiet_down(drive: Drive, seconds: int = 400) -> float:
    """When the flapping ended."""
    for _ in range(seconds // 10):
        drive.advance(10)
        if not flaps(drive):
            return drive.clock.seconds
    raise AssertionError(history(drive))


def test_while_it_flaps_its_incident_stays_open_and_nothing_more_is_told(flapping: Drive) -> None:
    first = flapping.open[0].id
    for _ in range(20):
        flapping.world.recover("writer")
        flapping.advance(10)
        assert flapping.open[0].message.startswith("flapping, at this look ok")
        flapping.world.crash("writer")
        flapping.advance(10)
    assert [each.id for each in flapping.open] == [first]
    assert flapping.told == [("alert", "writer")]
    assert flapping.world.restarted == []
    assert len(flapping.tasks()) == 1


def test_at_its_end_what_is_well_is_told_as_resolved_and_not_before(flapping: Drive) -> None:
    flapping.world.recover("writer")
    flapping.advance(10)
    assert flapping.told == [("alert", "writer")]
    ended = quiet_down(flapping)
    assert flapping.told == [("alert", "writer"), ("resolved", "writer")]
    assert flapping.log.got[-1][0] == ended
    assert flapping.open == []
    assert len(flapping.tasks("done")) == 1


def test_at_its_end_what_still_fails_is_told_as_failing_and_healed(flapping: Drive) -> None:
    flapping.world.dies_at_once("writer")
    ended = quiet_down(flapping)
    assert flapping.told == [("alert", "writer"), ("alert", "writer")]
    assert flapping.log.got[-1][0] <= ended + 5
    assert "fails without a break since" in flapping.log.got[-1][1].text
    assert flapping.world.times("writer") == [ended]
    assert len(flapping.tasks()) == 1
    flapping.advance(600)
    assert flapping.told == [("alert", "writer"), ("alert", "writer")]
    assert len(flapping.tasks()) == 1
    assert len([kind for kind, _ in flapping.story(flapping.open[0]) if kind == "steady"]) == 1


def test_at_its_end_what_cannot_be_healed_is_told_as_failing_too(flapping: Drive) -> None:
    flapping.configure('mode = "observe"')
    quiet_down(flapping)
    flapping.advance(10)
    assert flapping.told == [("alert", "writer"), ("alert", "writer")]
    assert flapping.world.restarted == []
    flapping.world.recover("writer")
    flapping.advance(10)
    assert flapping.told[2:] == [("resolved", "writer")]


def test_who_acknowledged_hears_of_the_end_as_well_and_nothing_is_escalated(drive: Drive) -> None:
    drive.configure("[escalation]\nafter = '1h'")
    drive.world.start("writer")
    silence = drive.silence("writer", seconds=10_000, no_heal=True)
    for _ in range(6):
        flip(drive)
    drive.store.remove_silence(silence.id)
    drive.log.down = True
    drive.world.crash("writer")
    drive.advance(10)
    drive.store.acknowledge(drive.open[0].id, "ann", drive.clock.now())
    drive.log.down = False
    drive.advance(20)
    assert drive.told == [("alert", "writer")]
    drive.world.dies_at_once("writer")
    quiet_down(drive)
    drive.advance(10)
    assert drive.told == [("alert", "writer"), ("alert", "writer")]
    assert drive.open[0].tell is TellState.TOLD


def test_an_alert_that_nobody_got_by_the_end_of_the_flapping_is_told_once(flapping: Drive) -> None:
    # the same story with a channel that is down from the beginning
    fresh = flapping.receivers[0]
    assert fresh.told == [("alert", "writer")]
    flapping.world.recover("writer")
    quiet_down(flapping)
    fresh.got.clear()
    fresh.down = True
    silence = flapping.silence("writer", seconds=10_000, no_heal=True)
    for _ in range(6):
        flip(flapping)
    flapping.store.remove_silence(silence.id)
    flapping.world.crash("writer")
    flapping.advance(10)
    flapping.world.dies_at_once("writer")
    quiet_down(flapping)
    fresh.down = False
    flapping.advance(700)
    assert fresh.told == [("alert", "writer")]


def test_a_worker_that_dies_at_the_end_of_the_flapping_loses_nothing(flapping: Drive) -> None:
    real = flapping.store

    class Dying:
        def __getattr__(self, name: str) -> object:
            if name == "plan" and not flaps(flapping):
                raise KeyboardInterrupt
            return getattr(real, name)

    flapping.world.dies_at_once("writer")
    flapping.configure_store(Dying())
    with pytest.raises(KeyboardInterrupt):
        quiet_down(flapping)
    assert flapping.told == [("alert", "writer")]
    flapping.configure_store(real)
    flapping.advance(20)
    assert flapping.told == [("alert", "writer"), ("alert", "writer")]


def test_a_process_that_is_gone_while_it_flaps_ends_its_incident(flapping: Drive) -> None:
    del flapping.world.apps["writer"]
    flapping.advance(10)
    assert flapping.open == []
    assert flapping.told == [("alert", "writer"), ("resolved", "writer")]


# Cures


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_crashes_that_guardian_cured_are_no_flaps_however_many_looks_saw_them(drive: Drive, looks: int) -> None:
    drive.configure(f"[heal]\nbudget = 100\n[checks.{CHECK}]\nlooks = {looks}")
    drive.world.start("writer", lives=25)
    drive.until(900)
    assert len(drive.world.restarted) > 900 // (25 + 10 * looks + 20)
    assert change_share(history(drive).rstrip("f")) == 0
    assert not flaps(drive)
    assert drive.told == []


def test_the_same_crashes_are_flaps_when_somebody_else_mends_them(drive: Drive) -> None:
    drive.configure('mode = "observe"')
    drive.world.start("writer")
    for _ in range(6):
        flip(drive)
    assert flaps(drive)


def test_a_stop_by_guardian_that_a_person_undid_is_a_change(drive: Drive) -> None:
    drive.configure("[heal]\nbudget = 1\nbreak_circuit = true")
    drive.world.start("writer", lives=15)
    drive.until(100)
    assert drive.world.stopped
    before = history(drive)
    drive.world.recover("writer")
    drive.advance(10)
    assert history(drive)[-2:] == "fo"
    assert before.endswith("f")


def test_a_cure_counts_as_one_although_the_process_could_not_be_seen_in_between(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    drive.world.crash("writer")
    drive.until(20)
    drive.world.blind = "hiccup"
    drive.until(30)
    drive.world.blind = None
    drive.until(40)
    assert history(drive) == "ooo"


# A check without a remedy


def test_what_has_no_remedy_is_told_once_too_while_it_flaps(drive: Drive) -> None:
    drive.configure(checks={CHECK: check(remedy=None)})
    drive.world.start("writer")
    for _ in range(30):
        flip(drive)
    ups_and_downs = [step for step, _ in drive.told]
    assert ups_and_downs.count("alert") <= 4  # it is told of until it is known to flap
    drive.advance(400)
    assert drive.told[-1] == ("resolved", "writer")
    assert all(each.state is IncidentState.RESOLVED for each in drive.every)
