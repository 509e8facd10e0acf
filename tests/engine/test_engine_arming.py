"""`guardian arm` and `disarm` while Guardian runs: they count from the next act on, whatever the file said."""

from dataclasses import replace
from datetime import timedelta

from guardian.engine.patrol import patrol
from guardian.model import Action, Arming, HealState, Mode, Reason, Stage
from tests.engine.drive import CHECK, Drive


def say(drive: Drive, mode: Mode) -> None:
    drive.store.arm(Arming(mode, "ann", drive.clock.now()))


def written_before(drive: Drive) -> None:
    """The clock of these tests stands before the file's real time."""
    at = drive.clock.began - timedelta(days=1)
    drive.engine = replace(drive.engine, config=drive.engine.config.model_copy(update={"mode_written_at": at}))


def test_armed_it_heals_what_stood_open_in_observe_mode(drive: Drive) -> None:
    drive.configure('mode = "observe"')
    written_before(drive)
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(20)
    assert (drive.only().action, drive.only().reason) == (Action.ALERT, Reason.OBSERVING)
    say(drive, Mode.HEAL)
    drive.until(30)
    assert drive.world.times("writer") == [30]
    assert drive.overview().mode is Mode.HEAL


def test_disarmed_it_heals_no_more_and_says_so(drive: Drive) -> None:
    written_before(drive)
    drive.world.start("writer")
    say(drive, Mode.OBSERVE)
    drive.world.crash("writer")
    drive.until(60)
    assert drive.world.times("writer") == []
    assert drive.only().reason is Reason.OBSERVING
    assert drive.told == [("alert", "writer")]


def test_disarmed_between_deciding_and_acting_it_does_not_act_and_a_person_is_told(drive: Drive) -> None:
    written_before(drive)
    drive.world.start("writer")
    drive.world.crash("writer")
    (step,) = patrol(drive.engine, CHECK).steps
    assert step.stage is Stage.HEAL
    say(drive, Mode.OBSERVE)
    drive.follow([step])
    assert drive.world.restarted == []
    incident = drive.only()
    assert (incident.heal, incident.reason, incident.at_once) == (HealState.NONE, Reason.OBSERVING, False)
    assert drive.told == [("alert", "writer")]
    say(drive, Mode.HEAL)
    drive.until(10)
    assert drive.world.times("writer") == [10]  # nothing was counted, nothing cools down


def test_a_check_that_observes_by_its_own_key_is_not_armed(drive: Drive) -> None:
    drive.configure(f'[checks.{CHECK}]\nmode = "observe"')
    written_before(drive)
    say(drive, Mode.HEAL)
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(30)
    assert drive.world.restarted == []


def test_a_file_written_after_the_command_has_the_last_word(drive: Drive) -> None:
    say(drive, Mode.HEAL)
    drive.configure('mode = "observe"')  # its real time is after that of the clock
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(30)
    assert drive.world.restarted == []
    assert (drive.overview().mode, drive.overview().armed_by) == (Mode.OBSERVE, None)


def test_a_file_written_after_the_command_that_does_not_say_the_mode_changes_nothing(drive: Drive) -> None:
    say(drive, Mode.OBSERVE)
    drive.configure("[heal]\nbudget = 3\n")
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(30)
    assert drive.world.restarted == []
    assert drive.overview().armed_by is not None


def test_every_node_obeys_whatever_its_own_file_said_before(drive: Drive) -> None:
    drive.configure('mode = "heal"')
    written_before(drive)
    second = drive.engine.at("node-2")
    say(drive, Mode.OBSERVE)
    drive.world.start("writer")
    drive.world.crash("writer")
    for engine in (drive.engine, second):
        patrol(engine, CHECK)
    assert {(each.key.node, each.action, each.reason) for each in drive.store.open_incidents()} == {
        (node, Action.ALERT, Reason.OBSERVING) for node in ("node-1", "node-2")
    }
    say(drive, Mode.HEAL)
    assert {step.stage for engine in (drive.engine, second) for step in patrol(engine, CHECK).steps} == {Stage.HEAL}
