"""Telling people: each step once, in order, and nothing lost on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from guardian.model import Action, Reason, Silence, TellState
from tests.store.world import CHECK, ESCALATE_AFTER, MS, NODE, TELL_LEASE, World

ALERT, ESCALATE, TOLD = TellState.ALERT, TellState.ESCALATE, TellState.TOLD
RESOLVED, CLOSE, NONE = TellState.RESOLVED, TellState.CLOSE, TellState.NONE


def test_the_telling_goes_from_alert_over_the_escalation_to_the_end_and_the_closing(world: World) -> None:
    id_ = world.alerting()
    assert world.incident(id_).tell_due == world.now
    world.tell(id_, ALERT)
    assert (world.incident(id_).tell, world.incident(id_).alerted_at) == (ESCALATE, world.now)
    assert world.due() == {(id_, "tell"): world.now + ESCALATE_AFTER}
    world.later(ESCALATE_AFTER)
    world.tell(id_, ESCALATE, "x.task")
    told = world.incident(id_)
    assert (told.tell, told.escalated_at, told.task_file) == (TOLD, world.now, "x.task")
    assert world.due() == {}
    assert world.is_ok().resolved == [id_]
    assert world.due() == {(id_, "tell"): world.now}
    world.tell(id_, RESOLVED)
    assert (world.incident(id_).tell, world.due()) == (CLOSE, {(id_, "tell"): world.now})
    world.tell(id_, CLOSE)
    assert (world.incident(id_).tell, world.due()) == (NONE, {})


def test_without_a_task_file_there_is_nothing_to_close(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, ALERT)
    world.is_ok()
    world.tell(id_, RESOLVED)
    assert (world.incident(id_).tell, world.due()) == (NONE, {})


def test_the_escalation_is_early_until_its_time(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, ALERT)
    world.later(ESCALATE_AFTER - MS)
    assert world.tell_claim(id_, ESCALATE) == "early"
    world.later(MS)
    assert world.tell_claim(id_, ESCALATE) == "go"


@pytest.mark.parametrize("step", [ESCALATE, TOLD, RESOLVED, CLOSE, NONE])
def test_another_step_than_the_one_due_is_stale_and_changes_nothing(world: World, step: TellState) -> None:
    id_ = world.alerting()
    before = (world.incident(id_), world.store.story(id_), world.due())
    assert world.tell_claim(id_, step) == "stale"
    world.store.mark_told(id_, step, "log", world.now)
    world.store.postpone_telling(id_, step, world.now, world.now + MS, "no")
    world.store.hold_telling(id_, step, world.now, world.now + MS, "no")
    world.tell_done(id_, step)
    assert (world.incident(id_), world.store.story(id_), world.due()) == before
    assert world.store.told(id_, step) == (frozenset(), 0)


def test_telling_of_what_is_not_kept_is_stale(world: World) -> None:
    assert world.tell_claim("never", ALERT) == "stale"
    world.tell_done("never", ESCALATE, "x.task")
    assert world.client.keys("*incident*") == []


def test_of_workers_that_claim_one_step_at_once_one_goes(world: World) -> None:
    id_ = world.alerting()
    stores = [world.another() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(lambda store: world.tell_claim(id_, ALERT, store), stores))
    assert answers == ["early"] * 7 + ["go"]


def test_a_step_whose_worker_died_is_free_again_when_its_lease_ends(world: World) -> None:
    id_ = world.alerting()
    assert world.tell_claim(id_, ALERT) == "go"
    assert world.due() == {(id_, "tell"): world.now + TELL_LEASE}
    world.later(TELL_LEASE - MS)
    assert world.tell_claim(id_, ALERT) == "early"
    world.later(MS)
    assert world.tell_claim(id_, ALERT) == "go"


def test_the_channels_that_have_a_step_are_known_to_the_next_try(world: World) -> None:
    id_ = world.alerting()
    world.store.mark_told(id_, ALERT, "log", world.now)
    assert world.store.told(id_, ALERT) == (frozenset({"log"}), 0)
    world.store.mark_told(id_, ALERT, "webhook", world.now)
    assert world.store.told(id_, ALERT) == (frozenset({"log", "webhook"}), 0)
    world.is_ok()
    assert world.store.told(id_, RESOLVED) == (frozenset(), 0)


def test_a_failed_try_is_counted_and_due_later(world: World) -> None:
    id_ = world.alerting()
    for tries in (1, 2):
        assert world.tell_claim(id_, ALERT) == "go"
        again = world.now + timedelta(seconds=10)
        world.store.postpone_telling(id_, ALERT, world.now, again, "webhook: 503")
        assert world.store.told(id_, ALERT) == (frozenset(), tries)
        assert world.due() == {(id_, "tell"): again}
        world.later(timedelta(seconds=10) - MS)
        assert world.tell_claim(id_, ALERT) == "early"
        world.later(MS)
    assert world.kinds(id_).count("not told") == 1  # the same trouble is one line
    world.store.postpone_telling(id_, ALERT, world.now, world.now, "webhook: 404")
    assert world.kinds(id_).count("not told") == 2


def test_the_same_trouble_of_the_next_step_is_a_line_of_its_own(world: World) -> None:
    id_ = world.alerting(at_once=True)
    for step in (ALERT, ESCALATE):
        world.tell_claim(id_, step)
        world.store.postpone_telling(id_, step, world.now, world.now, "disk full")
        world.tell(id_, step)
    assert world.kinds(id_).count("not told") == 2


def test_a_held_telling_is_due_later_and_no_failed_try(world: World) -> None:
    id_ = world.alerting()
    until = world.now + timedelta(hours=1)
    world.store.hold_telling(id_, ALERT, world.now, until, "silenced")
    assert world.store.told(id_, ALERT) == (frozenset(), 0)
    assert world.due() == {(id_, "tell"): until}
    assert world.store.story(id_)[-1].text == "silenced"


def test_a_telling_that_is_done_twice_goes_one_step_on(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, ALERT)
    before = (world.incident(id_), world.due())
    world.later(timedelta(seconds=10))
    world.tell_done(id_, ALERT)
    assert (world.incident(id_), world.due()) == before


def test_deciding_to_tell_twice_starts_one_telling(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, ALERT)
    before = world.due()
    world.later(timedelta(seconds=10))
    assert world.decide(id_, Action.ALERT, Reason.SILENCED).outcome == "wait"
    assert world.due() == before


def test_at_once_leaves_no_time_between_alert_and_escalation(world: World) -> None:
    id_ = world.alerting(at_once=True)
    world.tell(id_, ALERT)
    assert world.due() == {(id_, "tell"): world.now}


def test_at_once_brings_a_waiting_escalation_forward(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, ALERT)
    world.later(timedelta(seconds=10))
    assert world.decide(id_, Action.ALERT, Reason.BUDGET_USED, at_once=True).outcome == "tell"
    assert world.due() == {(id_, "tell"): world.now}


def test_at_once_brings_no_escalation_back_that_was_done_or_acknowledged(world: World) -> None:
    done, acked = world.alerting("done"), world.alerting("acked")
    for id_ in (done, acked):
        world.tell(id_, ALERT)
    assert world.store.acknowledge(acked, "me", world.now) == "acknowledged"
    world.later(ESCALATE_AFTER)
    world.tell(done, ESCALATE, "x.task")
    for id_ in (done, acked):
        assert world.decide(id_, Action.ALERT, Reason.BUDGET_USED, at_once=True).outcome == "wait"
    assert world.due() == {}


def test_acknowledging_cancels_the_escalation_and_nothing_else(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, ALERT)
    world.later(timedelta(seconds=10))
    assert world.store.acknowledge(id_, "me", world.now) == "acknowledged"
    incident = world.incident(id_)
    assert (incident.acked_by, incident.acked_at, incident.tell) == ("me", world.now, TOLD)
    assert world.due() == {}
    assert world.decide(id_).outcome == "heal"  # heals go on
    assert world.store.acknowledge(id_, "you", world.now) == "already"
    assert world.incident(id_).acked_by == "me"
    world.is_ok()
    assert world.incident(id_).tell is RESOLVED
    assert world.store.acknowledge(id_, "you", world.now) == "stale"
    assert world.store.acknowledge("never", "you", world.now) == "stale"


def test_acknowledged_before_the_alert_is_out_it_is_still_told_but_not_escalated(world: World) -> None:
    id_ = world.alerting(at_once=True)
    world.store.acknowledge(id_, "me", world.now)
    world.tell(id_, ALERT)
    assert (world.incident(id_).tell, world.due()) == (TOLD, {})


def test_acknowledging_leaves_a_heal_where_it_is(world: World) -> None:
    id_ = world.planned()
    world.store.acknowledge(id_, "me", world.now)
    assert list(world.due()) == [(id_, "heal")]
    assert world.claim(id_).outcome == "granted"


def test_an_end_of_what_nobody_was_to_hear_of_is_not_told(world: World) -> None:
    id_ = world.fails()
    world.decide(id_, Action.WAIT, Reason.FLEET_BRAKE)
    assert world.is_ok().resolved == []
    assert (world.incident(id_).tell, world.due()) == (NONE, {})


def test_an_alert_that_failed_to_get_out_is_followed_by_the_end_all_the_same(world: World) -> None:
    id_ = world.alerting()
    world.tell_claim(id_, ALERT)
    world.store.postpone_telling(id_, ALERT, world.now, world.now + timedelta(hours=1), "webhook: 503")
    assert world.is_ok().resolved == [id_]


@pytest.mark.parametrize("later", [timedelta(hours=1) - MS, timedelta(hours=1)])
def test_an_end_of_which_the_beginning_was_held_back_is_not_told(world: World, later: timedelta) -> None:
    id_ = world.alerting()
    world.store.hold_telling(id_, ALERT, world.now, world.now + timedelta(hours=1), "silenced")
    world.later(later)
    assert world.is_ok().resolved == []
    assert (world.incident(id_).tell, world.due()) == (NONE, {})


def test_an_end_is_told_where_the_alert_was_begun_before_the_silence(world: World) -> None:
    id_ = world.alerting()
    assert world.tell_claim(id_, ALERT) == "go"
    world.store.hold_telling(id_, ALERT, world.now, world.now + timedelta(hours=1), "silenced")
    world.later(timedelta(hours=1) - MS)
    assert world.is_ok().resolved == [id_]


def test_a_task_file_written_while_the_incident_ended_is_closed_with_it(world: World) -> None:
    id_ = world.alerting(at_once=True)
    world.tell(id_, ALERT)
    assert world.tell_claim(id_, ESCALATE) == "go"
    world.is_ok()
    world.tell_done(id_, ESCALATE, "x.task")
    assert world.incident(id_).tell is RESOLVED
    world.tell(id_, RESOLVED)
    assert (world.incident(id_).tell, world.incident(id_).task_file) == (CLOSE, "x.task")


def test_a_task_file_written_while_the_incident_ended_and_was_told_is_closed(world: World) -> None:
    id_ = world.alerting(at_once=True)
    world.tell(id_, ALERT)
    assert world.tell_claim(id_, ESCALATE) == "go"
    world.is_ok()
    world.tell(id_, RESOLVED)
    world.tell_done(id_, ESCALATE, "x.task")
    assert (world.incident(id_).tell, world.due()) == (CLOSE, {(id_, "tell"): world.now})


def test_a_task_file_written_while_a_person_took_the_incident_is_closed_with_it(world: World) -> None:
    id_ = world.alerting(at_once=True)
    world.tell(id_, ALERT)
    assert world.tell_claim(id_, ESCALATE) == "go"
    world.store.acknowledge(id_, "me", world.now)
    world.tell_done(id_, ESCALATE, "x.task")
    assert world.incident(id_).tell is TOLD
    world.is_ok()
    world.tell(id_, RESOLVED)
    assert world.incident(id_).tell is CLOSE


def test_a_silence_is_in_force_until_its_end_and_then_removed(world: World) -> None:
    short = Silence("s1", CHECK, "wri*", NODE, world.now + timedelta(minutes=5), "me", "deploy ä")
    long = Silence("s2", "*", "*", "*", world.now + timedelta(hours=1), "you", "", no_heal=True)
    world.store.add_silence(short)
    world.store.add_silence(long)
    world.later(timedelta(minutes=5) - MS)
    assert {silence.id: silence for silence in world.store.silences(world.now)} == {"s1": short, "s2": long}
    world.later(MS)
    assert world.store.silences(world.now) == [long]
    assert world.client.hkeys(world.keys.silences) == ["s2"]


def test_a_silence_is_removed_once(world: World) -> None:
    world.store.add_silence(Silence("s1", "*", "*", "*", world.now + MS, "me", ""))
    assert world.store.remove_silence("s1")
    assert not world.store.remove_silence("s1")
    assert world.store.silences(world.now) == []
