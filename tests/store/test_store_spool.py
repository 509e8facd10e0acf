"""What could not be delivered: nothing lost, nothing doubled, bounded, one worker at a time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from guardian.model import TellState
from guardian.ports import Notification
from guardian.store.spool import LONGEST_KEPT, ChannelState, Spooled
from tests.store.world import MS, NODE, RESEND, TELL_LEASE, World

ALERT, RESOLVED = TellState.ALERT, TellState.RESOLVED
BOUND = 500


def told(world: World, text: str = "it fails \u2713 \ud800") -> Notification:
    return Notification(
        "alert", "i", "t", text, "high", "c", "x", NODE, world.now, {"facts": {"exit_code": 1, "n": None}}
    )


def keep(world: World, incident: str = "gone", step: TellState = ALERT, channel: str = "ops") -> int:
    return world.store.spool.keep(channel, told(world), incident, step, world.now, "alert is kept for ops: 503")


def failed(world: World, seconds: float = 10, *, refused: bool = False, entry: str = "") -> None:
    again = world.now + timedelta(seconds=seconds)
    world.store.spool.failed("ops", world.now, again, "503", refused=refused, node=NODE, entry=entry)


def state(world: World) -> ChannelState:
    return world.store.spool.states(["ops"])["ops"]


def first(world: World) -> Spooled:
    found = world.store.spool.first("ops")
    assert found is not None
    return found


def test_a_channel_of_which_nothing_is_known_is_well(world: World) -> None:
    assert state(world) == ChannelState("ops")
    assert world.store.spool.first("ops") is None
    assert world.store.spool.waiting() == []


def test_what_is_kept_comes_back_as_it_was_the_oldest_first(world: World) -> None:
    keep(world, "one")
    world.later(MS)
    keep(world, "two", RESOLVED)
    found = first(world)
    assert (found.entry, found.incident, found.step) == ("one:alert", "one", ALERT)
    assert found.at == found.due == world.now - MS
    assert found.notification == replace(told(world), at=world.now - MS)
    world.store.spool.done("ops", found, world.now)
    assert first(world).entry == "two:resolved"
    world.store.spool.done("ops", first(world), world.now)
    assert world.store.spool.first("ops") is None


def test_a_step_is_kept_once_however_often_it_is_handed_in(world: World) -> None:
    keep(world)
    world.later(MS)
    keep(world)
    assert state(world).undelivered == 1
    assert first(world).at == world.now - MS
    keep(world, channel="other")
    assert state(world).undelivered == 1


def test_the_channel_counts_as_told_and_the_story_says_what_became_of_it(world: World) -> None:
    id_ = world.alerting()
    keep(world, id_)
    assert world.store.told(id_, ALERT) == (frozenset({"ops"}), 0)
    assert world.store.story(id_)[-1].text == "alert is kept for ops: 503"
    assert "told" not in world.kinds(id_)
    world.store.spool.done("ops", first(world), world.now)
    assert world.store.story(id_)[-1].text == "alert by ops"
    assert world.kinds(id_)[-1] == "told"


def test_what_is_kept_outlives_its_incident_and_makes_none(world: World) -> None:
    keep(world, "never")
    world.store.spool.done("ops", first(world), world.now)
    assert world.client.keys("*never*") == []


def test_failures_are_counted_until_something_gets_through(world: World) -> None:
    keep(world)
    began = world.now
    failed(world)
    world.later(timedelta(seconds=10))
    failed(world, 20, refused=True)
    found = state(world)
    assert (found.since, found.tries, found.trouble, found.refused) == (began, 2, "503", True)
    assert (found.next_try, found.node) == (world.now + timedelta(seconds=20), NODE)
    world.store.spool.done("ops", first(world), world.now)
    found = state(world)
    assert (found.since, found.tries, found.trouble, found.refused, found.node) == (None, 0, None, False, NODE)
    world.store.spool.settle("ops", world.now)
    assert state(world).node is None


def test_a_trouble_that_goes_on_is_not_settled(world: World) -> None:
    failed(world)
    world.store.spool.settle("ops", world.now)
    assert state(world).node == NODE


def test_what_was_refused_goes_behind_the_others(world: World) -> None:
    keep(world, "one")
    world.later(MS)
    keep(world, "two")
    failed(world, 60, refused=True, entry="one:alert")
    assert first(world).entry == "two:alert"
    failed(world, 90, refused=True, entry="two:alert")
    assert (first(world).entry, first(world).due) == ("one:alert", world.now + timedelta(seconds=60))


@pytest.mark.parametrize("how", ["worked", "done"])
def test_when_something_gets_through_what_was_refused_is_due_in_its_order(world: World, how: str) -> None:
    for name in ("one", "two", "three"):
        keep(world, name)
        world.later(MS)
    for seconds, name in ((60, "one"), (120, "two")):
        failed(world, seconds, refused=True, entry=f"{name}:alert")
    if how == "worked":
        world.store.spool.worked("ops", world.now)
    world.store.spool.done("ops", first(world), world.now)
    world.later(2 * MS)
    found = []
    while world.store.spool.first("ops"):
        assert first(world).due <= world.now
        found.append(first(world).entry)
        world.store.spool.done("ops", first(world), world.now)
    assert found == ["one:alert", "two:alert"]


def test_of_what_is_gone_nothing_is_put_back(world: World) -> None:
    failed(world, 60, refused=True, entry="gone:alert")
    assert state(world).undelivered == 0


def test_of_workers_that_claim_a_spool_at_once_one_goes(world: World) -> None:
    keep(world)
    stores = [world.another() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(lambda store: store.spool.claim("ops", world.now, TELL_LEASE), stores))
    assert answers == ["early"] * 7 + ["go"]


def test_a_spool_whose_worker_died_is_free_again_when_its_lease_ends(world: World) -> None:
    keep(world)
    claim = world.store.spool.claim
    assert claim("ops", world.now, TELL_LEASE) == "go"
    world.later(TELL_LEASE - MS)
    assert world.store.spool.take_due(world.now, RESEND) == []
    assert claim("ops", world.now, TELL_LEASE) == "early"
    world.later(MS)
    assert world.store.spool.take_due(world.now, RESEND) == ["ops"]
    assert claim("ops", world.now, TELL_LEASE) == "go"


@pytest.mark.parametrize("how", ["worked", "failed", "keep"])
def test_what_another_worker_meets_meanwhile_ends_no_claim(world: World, how: str) -> None:
    keep(world)
    failed(world, 0, refused=True)
    assert world.store.spool.claim("ops", world.now, TELL_LEASE) == "go"
    if how == "worked":
        world.store.spool.worked("ops", world.now)
    elif how == "failed":
        failed(world, 10)
    else:
        keep(world, "another")
    world.later(TELL_LEASE - MS)
    assert world.store.spool.claim("ops", world.now, TELL_LEASE) == "early"
    world.later(MS)
    assert world.store.spool.claim("ops", world.now, TELL_LEASE) == "go"


def test_a_claim_ends_with_the_failure_of_its_holder(world: World) -> None:
    keep(world)
    world.store.spool.claim("ops", world.now, TELL_LEASE)
    again = world.now + timedelta(seconds=10)
    world.store.spool.failed("ops", world.now, again, "503", refused=False, node=NODE, holder=True)
    assert state(world).next_try == again
    world.later(timedelta(seconds=10))
    assert world.store.spool.claim("ops", world.now, TELL_LEASE) == "go"


def test_what_is_due_is_sent_once_by_two_sweeps_and_again_when_its_message_was_lost(world: World) -> None:
    keep(world)
    assert world.store.spool.take_due(world.now, RESEND) == ["ops"]
    assert world.store.spool.take_due(world.now, RESEND) == []
    world.later(RESEND)
    assert world.store.spool.take_due(world.now, RESEND) == ["ops"]


def test_a_claim_that_is_given_back_leaves_what_is_left_due(world: World) -> None:
    keep(world, "one")
    keep(world, "two")
    world.store.spool.claim("ops", world.now, TELL_LEASE)
    world.store.spool.done("ops", first(world), world.now)
    world.store.spool.rest("ops", world.now)
    assert world.store.spool.take_due(world.now, RESEND) == ["ops"]
    world.store.spool.claim("ops", world.now, TELL_LEASE)
    world.store.spool.done("ops", first(world), world.now)
    world.store.spool.rest("ops", world.now)
    assert world.store.spool.waiting() == []
    assert state(world).next_try is None


def test_an_empty_spool_is_not_asked_for_again(world: World) -> None:
    failed(world)
    assert world.store.spool.waiting() == ["ops"]
    assert world.store.spool.claim("ops", world.now, TELL_LEASE) == "empty"
    assert world.store.spool.waiting() == []


def test_it_is_bounded_and_what_was_dropped_is_counted(world: World) -> None:
    for number in range(BOUND + 2):
        dropped = keep(world, f"i{number}")
        world.later(MS)
        assert dropped == (1 if number >= BOUND else 0)
    found = state(world)
    assert (found.undelivered, found.dropped) == (BOUND, 2)
    assert first(world).entry == "i2:alert"
    assert world.client.hlen(world.keys.spooled("ops")) == BOUND


def test_it_is_forgotten_a_week_after_its_last_news(world: World) -> None:
    keep(world)
    week = LONGEST_KEPT / MS
    for key in (world.keys.channel("ops"), world.keys.spool("ops"), world.keys.spooled("ops")):
        assert 0 < world.client.pttl(key) <= week


@pytest.mark.parametrize("passed", [True, False])
def test_whom_the_alert_was_not_for_is_known_at_the_end(world: World, passed: bool) -> None:
    id_ = world.alerting()
    (world.store.pass_over if passed else world.store.mark_told)(id_, ALERT, "ops", world.now)
    assert world.store.told(id_, ALERT)[0] == {"ops"}
    world.tell_claim(id_, ALERT)
    world.tell_done(id_, ALERT)
    world.is_ok()
    assert world.store.alert_turns(id_) == ({"ops": not passed}, True)
    assert ("told" in world.kinds(id_)) != passed


@pytest.mark.parametrize("passed", [True, False])
def test_whoever_heard_the_alert_while_it_ended_is_known_too(world: World, passed: bool) -> None:
    id_ = world.alerting()
    world.tell_claim(id_, ALERT)
    world.is_ok()
    before = world.incident(id_)
    (world.store.pass_over if passed else world.store.mark_told)(id_, ALERT, "ops", world.now)
    assert world.store.alert_turns(id_) == ({"ops": not passed}, True)
    assert world.incident(id_) == before
    assert ("told" in world.kinds(id_)) != passed
