"""What the sweep finds: due, not done, sent on by one of several sweeps."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from guardian.model import Action, Reason, Status, TellState
from tests.store.world import MS, RESEND, TERMS, VERIFY_AFTER, World


def take(world: World) -> list[tuple[str, str]]:
    return list(world.store.take_due(world.now, RESEND))


def test_nothing_is_due_before_its_time(world: World) -> None:
    id_ = world.planned()
    world.later(RESEND - MS)
    assert take(world) == []
    world.later(MS)
    assert take(world) == [(id_, "heal")]


def test_what_was_taken_is_pushed_on_and_comes_again_until_it_is_done(world: World) -> None:
    id_ = world.planned()
    world.later(RESEND)
    for _ in range(3):
        assert take(world) == [(id_, "heal")]
        world.later(RESEND - MS)
        assert take(world) == []
        world.later(MS)
    world.claim(id_)
    assert take(world) == []
    world.later(TERMS.lease)
    assert take(world) == [(id_, "heal")]  # the worker may be dead
    world.finish(id_)
    world.later(VERIFY_AFTER - MS)
    assert take(world) == []
    world.later(MS)
    assert take(world) == [(id_, "heal")]
    world.verify(id_)
    world.later(timedelta(days=1))
    assert take(world) == []


def test_a_telling_that_was_taken_is_still_to_be_claimed(world: World) -> None:
    id_ = world.alerting()
    assert take(world) == [(id_, "tell")]
    assert world.tell_claim(id_, TellState.ALERT) == "go"


def test_heal_and_tell_of_one_incident_are_due_on_their_own(world: World) -> None:
    id_ = world.alerting()
    world.decide(id_)
    world.later(RESEND)
    assert sorted(take(world)) == [(id_, "heal"), (id_, "tell")]


def test_two_sweeps_at_once_do_not_take_the_same(world: World) -> None:
    for n in range(40):
        world.decide(world.fails(f"t{n}"), Action.ALERT, Reason.OBSERVING)
    stores = [world.another() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        taken = [each for part in pool.map(lambda store: store.take_due(world.now, RESEND), stores) for each in part]
    assert len(taken) == len(set(taken)) == 40


def test_what_is_due_of_an_incident_that_is_not_kept_any_more_is_forgotten(world: World) -> None:
    gone, kept = world.alerting("gone"), world.alerting("kept")
    world.client.delete(world.keys.incident(gone))
    assert take(world) == [(kept, "tell")]
    assert list(world.due()) == [(kept, "tell")]


def test_the_oldest_two_hundred_come_first_and_the_rest_with_the_next_sweep(world: World) -> None:
    looked = world.look(*(world.seen(Status.FAIL, f"t{n}") for n in range(201)))
    for id_ in looked.opened:
        world.decide(id_, Action.ALERT, Reason.OBSERVING)
        world.later(MS)
    first, second = take(world), take(world)
    assert (len(first), len(second)) == (200, 1)
    assert [id_ for id_, _ in first + second] == looked.opened
