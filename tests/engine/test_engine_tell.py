"""Telling a person: alert, escalation task, good end; silence and acknowledgement; channels and folders that fail."""

import shutil
from pathlib import Path

import pytest

from guardian.engine.engine import ESCALATIONS
from guardian.model import HealState, IncidentState, Reason, TellState
from tests.engine.drive import CHECK, NODE, Drive
from tests.engine.world import Receiver, check


@pytest.fixture
def down(drive: Drive) -> Drive:
    """A process that no heal brings back, and no heal is tried: it is missing a remedy."""
    drive.configure(checks={CHECK: check(remedy=None)})
    drive.world.start("writer")
    drive.world.crash("writer")
    return drive


@pytest.fixture
def observed(drive: Drive) -> Drive:
    drive.configure('mode = "observe"')
    drive.world.start("writer")
    drive.world.crash("writer")
    return drive


def test_without_a_remedy_it_is_told_and_escalated_at_once(down: Drive) -> None:
    down.until(10)
    assert down.told == [("alert", "writer")]
    assert [task["target"] for task in down.tasks()] == ["writer"]
    assert down.only().reason is Reason.NO_REMEDY


def test_observe_mode_acts_on_nothing_and_says_what_it_would_have_done(observed: Drive) -> None:
    observed.until(10)
    assert observed.told == [("alert", "writer")]
    decided = [step for step in observed.store.story(observed.only().id) if step.kind == "decided"]
    assert [step.reason for step in decided] == [Reason.OBSERVING]
    assert "would heal" in decided[0].text
    assert "restart" in decided[0].text
    observed.until(3600)
    assert observed.world.restarted == []
    assert observed.only().attempt == 0
    assert observed.told == [("alert", "writer")]


def test_observe_mode_of_one_check_alone_is_obeyed(drive: Drive) -> None:
    drive.configure(f'[checks.{CHECK}]\nmode = "observe"')
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(600)
    assert drive.world.restarted == []


def test_armed_again_what_still_fails_is_healed(observed: Drive) -> None:
    observed.until(100)
    observed.configure()
    observed.until(110)
    assert observed.world.times("writer") == [110]
    observed.until(120)
    assert observed.told == [("alert", "writer"), ("resolved", "writer")]


def test_the_escalation_comes_5_minutes_after_the_alert_and_not_before(observed: Drive) -> None:
    observed.until(305)
    assert observed.tasks() == []
    observed.until(310)
    assert len(observed.tasks()) == 1
    observed.until(3600)
    assert len(observed.tasks()) == 1


def test_an_alert_that_turns_out_to_be_hopeless_is_escalated_without_the_wait(observed: Drive) -> None:
    observed.until(60)
    observed.configure()
    observed.world.dies_at_once("writer")
    observed.until(80)
    assert len(observed.tasks()) == 1


def test_acknowledging_cancels_the_escalation_and_the_good_end_is_still_told(observed: Drive) -> None:
    observed.until(60)
    assert observed.store.acknowledge(observed.only().id, "ann", observed.clock.now()) == "acknowledged"
    observed.until(3600)
    assert observed.tasks() == []
    assert observed.told == [("alert", "writer")]
    observed.world.recover("writer")
    observed.until(3610)
    assert observed.told == [("alert", "writer"), ("resolved", "writer")]


def test_acknowledged_before_the_alert_got_through_it_is_not_escalated_either(observed: Drive) -> None:
    observed.log.down = True
    observed.until(10)
    observed.store.acknowledge(observed.only().id, "ann", observed.clock.now())
    observed.until(600)
    observed.log.down = False
    observed.until(1800)
    assert observed.told == [("alert", "writer")]
    assert observed.tasks() == []


def test_acknowledged_incidents_are_still_healed(observed: Drive) -> None:
    observed.until(60)
    observed.store.acknowledge(observed.only().id, "ann", observed.clock.now())
    observed.configure()
    observed.until(80)
    assert observed.world.online("writer")


def test_silence_stops_telling_but_not_healing(drive: Drive) -> None:
    drive.silence("wri*", seconds=600)
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(595)
    assert drive.world.times("writer") == [10, 310]
    assert drive.told == []
    assert drive.tasks() == []
    drive.until(605)
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1


def test_silence_of_another_target_stops_nothing(down: Drive) -> None:
    down.silence("reader", seconds=600)
    down.until(10)
    assert down.told == [("alert", "writer")]


def test_silence_with_no_heal_stops_cures_too(drive: Drive) -> None:
    drive.silence("writer", seconds=600, no_heal=True)
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(595)
    assert drive.world.restarted == []
    assert drive.only().reason is Reason.SILENCED
    assert drive.told == []
    drive.until(620)
    assert drive.world.times("writer") == [600]


def test_what_begins_and_ends_in_silence_is_never_told(down: Drive) -> None:
    down.silence(seconds=600)
    down.until(60)
    down.world.recover("writer")
    down.until(900)
    assert down.told == []
    assert down.tasks() == []


def test_what_heals_in_silence_is_not_told_even_where_heals_are(drive: Drive) -> None:
    drive.configure("[alerts]\nnotify_healed = true")
    drive.silence(seconds=600)
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(900)
    assert drive.only().state is IncidentState.RESOLVED
    assert drive.told == []


def test_the_good_end_of_what_was_told_is_told_in_silence_too(down: Drive) -> None:
    down.until(10)
    down.silence(seconds=600)
    down.world.recover("writer")
    down.until(30)
    assert down.told == [("alert", "writer"), ("resolved", "writer")]
    assert down.tasks() == []


def test_a_silence_that_begins_after_the_alert_holds_back_the_escalation(observed: Drive) -> None:
    observed.until(20)
    observed.silence(seconds=600)
    observed.until(600)
    assert observed.tasks() == []
    observed.until(640)
    assert len(observed.tasks()) == 1


def test_a_channel_that_fails_is_tried_again_with_back_off_and_the_others_are_not_told_twice(drive: Drive) -> None:
    hook = Receiver(drive.clock, "hook", down=True)
    drive.receivers.append(hook)
    drive.configure(checks={CHECK: check(remedy=None)})
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(300)
    assert drive.told == [("alert", "writer")]
    drive.until(3600)
    assert drive.told == [("alert", "writer"), ("alert", "channel hook")]  # it has failed for 5 minutes
    waits = [later - earlier for earlier, later in zip(hook.tried, hook.tried[1:], strict=False)]
    assert waits[:6] == [10, 20, 40, 80, 160, 320]
    assert set(waits[6:]) == {600}
    hook.down = False
    drive.until(4800)
    assert hook.told == [("alert", "writer")]
    assert drive.told == [("alert", "writer"), ("alert", "channel hook"), ("resolved", "channel hook")]


def test_a_channel_that_fails_does_not_keep_the_escalation_back(drive: Drive) -> None:
    drive.receivers.append(Receiver(drive.clock, "hook", down=True))
    drive.configure(checks={CHECK: check(remedy=None)})
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(10)
    assert len(drive.tasks()) == 1
    drive.world.recover("writer")
    drive.until(20)
    assert drive.tasks() == []
    assert len(drive.tasks("done")) == 1


def test_without_a_need_to_hurry_the_escalation_keeps_its_5_minutes_though_a_channel_fails(observed: Drive) -> None:
    observed.log.down = True
    observed.until(305)
    assert observed.tasks() == []
    observed.until(310)
    assert [task["target"] for task in observed.tasks()] == ["writer"]


def test_a_task_taken_before_the_alert_got_through_is_not_written_again(down: Drive) -> None:
    down.log.down = True
    down.until(10)
    (task,) = down.directory.glob("*.task")
    task.unlink()
    down.log.down = False
    down.until(900)
    assert down.told == [("alert", "writer")]
    assert down.tasks() == []
    assert down.only().task_file == task.name


def test_the_first_channel_failing_does_not_keep_the_second_from_its_alert(down: Drive) -> None:
    down.receivers.insert(0, Receiver(down.clock, "hook", down=True))
    down.configure(checks={CHECK: check(remedy=None)})
    down.until(10)
    assert down.receivers[1].told == [("alert", "writer")]


def test_an_alert_that_got_through_late_comes_before_its_good_end_and_says_so(down: Drive) -> None:
    down.log.down = True
    down.until(60)
    down.world.recover("writer")
    down.until(70)
    assert down.only().tell is TellState.NONE
    down.log.down = False
    down.until(1200)
    assert down.told == [("alert", "writer"), ("resolved", "writer")]
    assert down.log.got[0][1].text.startswith("Late by 1m")
    assert down.open == []


@pytest.mark.parametrize("broken", ["missing", "file"])
def test_while_the_directory_cannot_be_used_escalations_wait_and_that_is_alerted(down: Drive, broken: str) -> None:
    shutil.rmtree(down.directory)
    if broken == "file":
        down.directory.write_text("in the way")
    down.until(900)
    assert down.told.count(("alert", "writer")) == 1
    assert down.told.count(("alert", ESCALATIONS)) == 1
    assert ("resolved", ESCALATIONS) not in down.told
    assert {each.key.target for each in down.open} == {"writer", ESCALATIONS}
    assert len(down.closed) == 0
    down.directory.unlink(missing_ok=True)
    down.directory.mkdir()
    down.until(1800)
    assert [task["target"] for task in down.tasks()] == ["writer"]
    assert down.told == [("alert", "writer"), ("alert", ESCALATIONS), ("resolved", ESCALATIONS)]
    assert [each.key.target for each in down.open] == ["writer"]


def test_a_task_that_cannot_be_closed_is_closed_when_its_directory_is_back(down: Drive) -> None:
    down.until(10)
    away = down.directory.rename(down.folder / "away")
    down.world.recover("writer")
    down.until(100)
    assert down.told[:2] == [("alert", "writer"), ("resolved", "writer")]
    assert ("alert", ESCALATIONS) in down.told
    away.rename(down.directory)
    down.until(900)
    assert down.tasks() == []
    assert len(down.tasks("done")) == 1
    assert down.open == []


def test_a_task_that_somebody_took_counts_as_taken(down: Drive) -> None:
    down.until(10)
    shutil.rmtree(down.directory)
    down.directory.mkdir()
    down.world.recover("writer")
    down.until(300)
    assert down.told == [("alert", "writer"), ("resolved", "writer")]
    assert down.every[0].tell is TellState.NONE


def test_without_a_configured_directory_guardian_makes_its_own(down: Drive) -> None:
    (down.folder / "state").mkdir()
    down.configure(checks={CHECK: check(remedy=None)}, directory=None)
    down.until(10)
    assert len(list((down.folder / "state" / "escalations").glob("*.task"))) == 1


def test_its_own_directory_being_unusable_is_alerted_too(down: Drive) -> None:
    (down.folder / "state").mkdir()
    own = down.folder / "state" / "escalations"
    own.write_text("in the way")
    down.configure(checks={CHECK: check(remedy=None)}, directory=None)
    down.until(60)
    assert ("alert", ESCALATIONS) in down.told
    own.unlink()
    down.until(900)
    assert _names(own) == ["writer"]


def _names(folder: Path) -> list[str]:
    return [file.name.split("-")[2] for file in folder.glob("*.task")]


def test_an_escalation_for_another_node_is_left_to_that_node(down: Drive) -> None:
    text = f"[escalation]\nnode = 'node-2'\ndirectory = '{down.directory}'\n"
    down.configure(text, checks={CHECK: check(remedy=None)})
    down.until(120)
    assert down.tasks() == []
    assert down.only().tell is TellState.ESCALATE
    assert down.only().key.node == NODE
    down.configure(checks={CHECK: check(remedy=None)})
    down.until(150)
    assert len(down.tasks()) == 1


def test_nothing_more_is_due_once_all_is_told(down: Drive) -> None:
    down.until(60)
    assert down.raw.zcard("t:due") == 0
    down.world.recover("writer")
    down.until(120)
    assert down.raw.zcard("t:due") == 0
    assert down.only().heal is HealState.NONE
