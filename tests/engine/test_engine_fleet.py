"""Many at once, and one that comes and goes: the fleet brake, flapping, lasting unknowns."""

from guardian.checks.base import Judgement
from guardian.model import GUARDIAN, HealState, IncidentState, Reason, Severity, Status, Verdict
from tests.engine.drive import CHECK, Drive
from tests.engine.world import check

TEN = [f"app-{n}" for n in range(10)]
FLEET = f"fleet {CHECK}"


def test_when_10_die_at_once_the_fleet_is_told_of_once_and_nothing_is_cured_at_first(drive: Drive) -> None:
    drive.world.start(*TEN)
    drive.until(15)
    drive.world.crash(*TEN)
    drive.until(45)
    assert drive.world.restarted == []
    assert drive.told == [("alert", FLEET)]
    assert drive.of(FLEET).severity is Severity.CRITICAL
    assert {each.reason for each in drive.open if each.key.check != GUARDIAN} == {Reason.FLEET_BRAKE}
    assert len(drive.tasks()) == 1


def test_the_held_cures_are_released_one_by_one_and_all_ends_well(drive: Drive) -> None:
    drive.world.start(*TEN)
    drive.until(15)
    drive.world.crash(*TEN)
    drive.until(175)
    assert [at for at, _ in drive.world.restarted] == [50, 80, 110, 140, 170]
    drive.until(600)
    assert all(drive.world.online(name) for name in TEN)
    assert len(drive.world.restarted) == 10
    assert drive.told == [("alert", FLEET), ("resolved", FLEET)]
    assert drive.open == []
    assert drive.tasks() == []


def test_4_of_10_are_40_percent_and_no_fleet_5_are(drive: Drive) -> None:
    drive.world.start(*TEN)
    drive.until(15)
    drive.world.crash(*TEN[:4])
    drive.until(20)
    assert len(drive.world.restarted) == 4
    drive.until(60)
    drive.world.crash(*TEN[:5])
    drive.until(70)
    assert len(drive.world.restarted) == 4
    assert drive.told == [("alert", FLEET)]


def test_3_of_3_are_too_few_for_a_fleet(drive: Drive) -> None:
    drive.world.start(*TEN[:3])
    drive.until(15)
    drive.world.crash(*TEN[:3])
    drive.until(20)
    assert len(drive.world.restarted) == 3


def test_one_after_the_other_is_no_fleet(drive: Drive) -> None:
    drive.configure('mode = "observe"')
    drive.world.start(*TEN)
    for name in TEN:
        drive.world.crash(name)
        drive.advance(10)
    assert ("alert", FLEET) not in drive.told
    assert len(drive.told) == 10


def test_a_fleet_that_comes_back_by_itself_needs_no_cure(drive: Drive) -> None:
    drive.world.start(*TEN)
    drive.until(15)
    drive.world.crash(*TEN)
    drive.until(25)
    drive.world.recover(*TEN)
    drive.until(600)
    assert drive.world.restarted == []
    assert drive.told == [("alert", FLEET), ("resolved", FLEET)]
    assert drive.open == []


def test_a_flapping_target_is_not_healed_and_escalated(drive: Drive) -> None:
    drive.silence("writer", seconds=10_000, no_heal=True)
    drive.world.start("writer")
    for _ in range(6):
        drive.world.crash("writer")
        drive.advance(10)
        drive.world.recover("writer")
        drive.advance(10)
    for silence in drive.store.silences(drive.clock.now()):
        drive.store.remove_silence(silence.id)
    drive.world.crash("writer")
    drive.advance(10)
    assert drive.world.restarted == []
    (incident,) = drive.open
    assert incident.reason is Reason.FLAPPING
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1


def test_guardians_own_heals_are_no_flaps(drive: Drive) -> None:
    drive.configure("[heal]\nbudget = 100")
    drive.world.start("writer", lives=15)
    drive.until(900)
    assert len(drive.world.restarted) > 20
    assert drive.told == []


def test_what_cannot_be_looked_at_for_3_patrols_is_told_and_never_healed(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    drive.world.blind = "the daemon does not answer"
    drive.until(30)
    assert drive.every == []
    drive.until(40)
    incident = drive.only()
    assert (incident.status, incident.reason) == (Status.UNKNOWN, Reason.LASTING_UNKNOWN)
    assert drive.told == [("alert", "world")]
    assert drive.tasks() == []
    drive.until(340)
    assert len(drive.tasks()) == 1
    assert drive.world.restarted == []
    drive.world.blind = None
    drive.until(350)
    assert drive.told == [("alert", "world"), ("resolved", "world")]
    assert drive.tasks() == []


def test_two_blind_patrols_are_no_incident(drive: Drive) -> None:
    drive.world.start("writer")
    for _ in range(5):
        drive.world.blind = "hiccup"
        drive.advance(20)
        drive.world.blind = None
        drive.advance(10)
    assert drive.every == []


def test_unknown_beside_an_open_fail_neither_opens_nor_resolves_nor_heals(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(100)
    before = drive.of("writer")
    drive.world.blind = "the daemon does not answer"
    drive.until(700)
    after = drive.of("writer")
    assert after.state is IncidentState.OPEN
    assert after.status is Status.FAIL
    assert after.attempt == before.attempt
    assert after.heal is HealState.NONE
    assert {each.key.target for each in drive.every} == {"writer", "world"}
    drive.world.blind = None
    drive.until(710)
    assert drive.world.times("writer") == [10, 710]


def test_a_target_that_turns_unknown_keeps_its_open_fail_and_is_not_healed(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(100)
    looks = drive.only().failing_looks
    unknown = Judgement([Verdict("writer", Status.UNKNOWN, "no pid, no state")])
    drive.configure(checks={CHECK: check(judge=lambda *_: unknown)})
    drive.until(700)
    incident = drive.only()
    assert (incident.status, incident.message, incident.failing_looks) == (Status.FAIL, "stopped, exit code 1", looks)
    assert drive.world.times("writer") == [10]
    assert drive.told == [("alert", "writer")]


def test_a_lasting_unknown_that_turns_out_to_fail_is_healed(drive: Drive) -> None:
    unknown = Judgement([Verdict("writer", Status.UNKNOWN, "no pid, no state")])
    drive.configure(checks={CHECK: check(judge=lambda *_: unknown)})
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(100)
    assert drive.told == [("alert", "writer")]
    drive.configure()
    drive.until(120)
    assert drive.world.online("writer")
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    assert len(drive.every) == 1


def test_a_target_that_is_gone_while_all_can_be_seen_ends_its_incident(drive: Drive) -> None:
    drive.configure('mode = "observe"')
    drive.world.start("writer", "other")
    drive.world.crash("writer")
    drive.until(30)
    del drive.world.apps["writer"]
    drive.until(40)
    assert drive.only().resolution == "the target is gone"
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
