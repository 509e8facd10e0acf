"""From the crash to the end of the incident, along the clock."""

from datetime import timedelta
from itertools import pairwise

from guardian.engine import act
from guardian.errors import RemedyError
from guardian.model import HealState, IncidentState, Reason
from tests.engine.drive import CHECK, Drive


def test_a_crash_is_healed_and_verified_within_30_s_and_nobody_is_told(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    assert drive.patrol().ok
    drive.clock.forward(2)
    drive.world.crash("writer")
    drive.until(15)
    assert not drive.every
    drive.until(20)
    incident = drive.only()
    assert incident.heal is HealState.VERIFYING
    assert drive.world.times("writer") == [20]
    drive.until(29)
    assert drive.only().state is IncidentState.OPEN
    drive.until(30)
    incident = drive.only()
    assert incident.state is IncidentState.RESOLVED
    assert incident.opened_at - drive.clock.began == timedelta(seconds=20)
    assert incident.resolved_at is not None
    assert incident.resolved_at - drive.clock.began == timedelta(seconds=30)
    assert drive.story(incident) == [
        ("seen", None),
        ("evidence", None),
        ("decided", Reason.FAILING),
        ("claimed", None),
        ("healed", None),
        ("verified", None),
        ("resolved", None),
    ]
    drive.advance(900)
    assert drive.told == []
    assert drive.tasks() == []
    assert drive.world.times("writer") == [20]


def test_evidence_is_taken_before_the_heal_and_names_the_likely_cause(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.patrol()
    evidence = drive.only().evidence
    assert evidence is not None
    assert evidence.facts == {"exit_code": 1, "restarts": 0}
    assert list(evidence.log_tail) == list(drive.world.logs)
    assert evidence.hypothesis is not None
    assert "UnicodeEncodeError" in evidence.hypothesis.cause


def test_notify_healed_tells_once_of_what_healed_at_the_first_try(drive: Drive) -> None:
    drive.configure("[alerts]\nnotify_healed = true")
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.advance(900)
    assert drive.told == [("healed", "writer")]
    assert drive.log.got[0][0] == 20
    assert drive.tasks() == []


def test_after_a_verified_heal_a_new_crash_is_healed_at_once(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(20)
    drive.world.crash("writer")
    drive.until(30)
    assert drive.world.times("writer") == [10, 30]


def test_a_heal_that_does_not_hold_is_told_and_escalated_at_once_and_not_repeated_in_the_cooldown(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(20)
    assert drive.world.times("writer") == [10]
    assert drive.told == [("alert", "writer")]
    (task,) = drive.tasks()
    assert task["title"] == "[SENTINEL] writer needs attention"
    assert task["evidence"]["log_tail"] == [line.strip() for line in drive.world.logs]
    assert "UnicodeEncodeError" in task["root_cause_hypothesis"]
    assert [step["action"] for step in task["actions_tried"]] == ["healed", "not verified"]
    assert task["evidence"]["not_healed_because"] == Reason.HEAL_FAILED
    drive.until(300)
    assert drive.world.times("writer") == [10]
    drive.until(310)
    assert drive.world.times("writer") == [10, 310]
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1


def test_when_a_later_heal_holds_for_a_cooldown_the_good_end_is_told_and_the_task_goes_to_done(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(100)
    drive.world.apps["writer"].lives = None
    drive.until(605)
    assert drive.world.times("writer") == [10, 310]
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1
    drive.until(610)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    assert drive.tasks() == []
    (task,) = drive.tasks("done")
    assert "healed" in task["resolution"]
    assert drive.only().state is IncidentState.RESOLVED


def test_what_recovers_by_itself_after_an_alert_is_told_as_over(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(60)
    drive.world.recover("writer")
    drive.until(70)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    assert [task["resolution"] for task in drive.tasks("done")] == ["healthy again: online"]
    assert drive.world.times("writer") == [10]


def test_a_lasting_failure_is_cured_at_most_5_times_in_any_30_min_and_told_once(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(5400)
    times = drive.world.times("writer")
    assert len(times) > 12  # a long outage is survived: it goes on trying
    assert most_in(times, 1800) == 5
    assert min(later - earlier for earlier, later in pairwise(times)) >= 300
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1


def most_in(times: list[float], window: float) -> int:
    return max(sum(start <= at < start + window for at in times) for start in times)


def test_while_a_heal_is_under_way_only_verify_ends_the_incident(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(10)
    drive.clock.forward(5)
    assert drive.patrol().ok
    assert drive.only().state is IncidentState.OPEN
    drive.until(20)
    assert drive.only().resolution == "healed: online"


def test_a_failing_look_while_a_heal_is_under_way_is_recorded_and_decides_nothing(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(10)
    drive.clock.forward(5)
    drive.patrol()
    assert drive.only().failing_looks == 2
    assert drive.only().attempt == 1
    assert drive.world.times("writer") == [10]


def test_a_verifying_look_that_cannot_see_is_repeated_and_the_third_is_told(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(10)
    drive.world.blind = "the daemon does not answer"
    drive.until(35)
    assert drive.of("writer").heal is HealState.VERIFYING
    assert drive.told == []
    drive.until(40)
    assert drive.of("writer").reason is Reason.HEAL_FAILED
    assert ("alert", "writer") in drive.told
    assert drive.world.times("writer") == [10]


def test_a_verifying_look_that_sees_again_in_time_resolves(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(10)
    drive.world.blind = "the daemon does not answer"
    drive.until(35)
    drive.world.blind = None
    drive.until(40)
    assert drive.of("writer").state is IncidentState.RESOLVED
    assert ("alert", "writer") not in drive.told


def test_an_order_that_was_refused_is_told_at_once_and_not_repeated_in_the_cooldown(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    orders = []

    def refuse() -> None:
        orders.append(drive.clock.seconds)
        raise RemedyError("permission denied")

    drive.world.before_order = refuse
    drive.until(300)
    assert orders == [10]
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1
    assert ("heal failed", None) in drive.story(drive.only())


def test_an_order_of_which_nobody_knows_whether_it_was_taken_is_verified(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")

    def lost_answer() -> None:
        raise RemedyError("no answer", done=None)

    drive.world.after_order = lost_answer
    drive.until(20)
    assert drive.only().resolution == "healed: online"
    assert drive.told == []


def test_a_remedy_that_breaks_is_verified_too(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")

    def broken() -> None:
        raise ZeroDivisionError

    drive.world.before_order = broken
    drive.until(20)
    assert drive.told == [("alert", "writer")]
    assert drive.only().reason is Reason.HEAL_FAILED


def test_a_process_that_is_gone_at_the_verifying_look_needs_no_heal(drive: Drive) -> None:
    drive.world.start("writer", "other")
    drive.world.crash("writer")
    drive.until(10)
    del drive.world.apps["writer"]
    drive.until(30)
    assert drive.only().state is IncidentState.RESOLVED
    assert drive.told == []


def test_a_process_stopped_by_hand_is_left_alone(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.world.apps["writer"].by_hand = "pm2 stop by ann"
    done = drive.patrol()
    assert done.ok
    drive.until(600)
    assert drive.every == []
    assert drive.world.restarted == []
    assert drive.told == []


def test_an_expected_process_that_is_missing_is_escalated_and_not_healed(drive: Drive) -> None:
    drive.configure(f'[checks.{CHECK}]\nexpect = ["writer"]')
    drive.until(10)
    assert drive.only().reason is Reason.REMEDY_RULED_OUT
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1
    drive.until(900)
    assert drive.world.restarted == []
    assert drive.told == [("alert", "writer")]
    drive.world.start("writer")
    drive.until(910)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]


def test_a_message_for_another_node_or_of_an_older_attempt_does_nothing(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.until(320)
    incident = drive.only()
    assert incident.attempt == 2
    assert not act.heal(drive.engine, incident.id, 1, "token")
    assert not act.heal(drive.engine, "none", 1, "token")
    assert drive.world.times("writer") == [10, 310]


def test_when_the_store_comes_back_empty_cures_wait_and_a_person_is_told(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    drive.raw.flushall()
    drive.world.crash("writer")
    drive.until(30)
    assert drive.world.restarted == []
    assert drive.only().reason is Reason.RECOVERING
    assert drive.told == []  # the history may know of it any moment
    drive.until(60)
    assert drive.told == [("alert", "writer")]
    drive.until(330)
    assert len(drive.world.times("writer")) == 1
    drive.until(630)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
