"""Control flags: one a scope, over by the store's clock or with their incident; who lifts one has the last word."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from guardian.errors import StoreError
from guardian.ports import EVERYTHING, Flag, Lifted
from tests.store.world import MS, World

HOUR = timedelta(hours=1)


def flag(world: World, scope: str = EVERYTHING, **changes: object) -> Flag:
    given = {"share": 0.0, "reason": "why: \u2713", "author": "ann", "since": world.now} | changes
    return Flag(scope, **given)  # type: ignore[arg-type]


def acts(world: World) -> list[tuple[str, str]]:
    """(verb, who) of what the history gets of acts."""
    held = [json.loads(fields["act"]) for _, fields in world.store.past.entries(None, 1000) if "act" in fields]
    return [(act["verb"], act["by"]) for act in held]


def test_what_was_put_stands_for_everybody_as_it_was_put(world: World) -> None:
    put = [flag(world), flag(world, "agent:b", share=0.1), flag(world, "kind:x", until=world.now + HOUR)]
    assert all(world.store.flags.put(each) for each in put)
    assert world.another().flags.standing() == sorted(put, key=lambda each: each.scope)


def test_of_one_scope_the_last_word_of_a_person_stands(world: World) -> None:
    world.store.flags.put(flag(world))
    world.store.flags.put(flag(world, share=0.9, author="bob"))
    [held] = world.store.flags.standing()
    assert (held.share, held.author) == (0.9, "bob")


def test_one_whose_time_is_over_is_none_by_the_stores_clock(world: World) -> None:
    over, last = flag(world, until=world.now - MS), flag(world, "agent:a", until=world.now + HOUR)
    world.store.flags.put(over)
    world.store.flags.put(last)
    assert world.store.flags.standing() == [last]
    assert world.store.flags.lifted() == [Lifted(over, None, world.now - MS)]
    assert not world.store.flags.lift(EVERYTHING, "ann")
    assert (world.store.flags.tidy(), world.store.flags.tidy()) == (1, 0)
    assert world.store.flags.lifted() == [Lifted(over, None, world.now - MS)]
    assert world.store.flags.standing() == [last]


def test_every_put_and_lift_is_an_entry_of_the_history(world: World) -> None:
    world.store.flags.put(flag(world, "agent:a"))
    world.store.flags.put(flag(world, "agent:a", share=0.5, author="bob"))
    assert world.store.flags.lift("agent:a", "eve")
    assert not world.store.flags.lift("agent:a", "eve")
    assert acts(world) == [("pause", "ann"), ("throttle", "bob"), ("resume", "eve")]


@pytest.mark.parametrize(("wanted", "done"), [(0.5, False), (0.51, False), (0.49, True), (0.0, True)])
def test_one_for_an_incident_gives_way_to_one_that_leaves_as_little(world: World, wanted: float, done: bool) -> None:
    first, second = world.fails("a"), world.fails("b")
    assert world.store.flags.put(flag(world, share=0.5, incident=first))
    assert world.store.flags.put(flag(world, share=wanted, incident=second)) is done
    [held] = world.store.flags.standing()
    assert held.incident == (second if done else first)


def test_one_for_an_incident_gives_way_to_a_persons(world: World) -> None:
    world.store.flags.put(flag(world, share=0.9))
    assert not world.store.flags.put(flag(world, incident=world.fails()))
    assert world.store.flags.standing()[0].author == "ann"


def test_none_is_put_for_an_incident_that_is_over(world: World) -> None:
    incident = world.fails()
    world.is_ok()
    assert not world.store.flags.put(flag(world, incident=incident))
    assert world.store.flags.standing() == []


def test_what_a_person_lifted_is_not_put_again_for_that_incident_while_it_is_open(world: World) -> None:
    first, second = world.fails("a"), world.fails("b")
    put = flag(world, incident=first)
    assert world.store.flags.put(put)
    assert world.store.flags.lift(EVERYTHING, "eve")
    [gone] = world.store.flags.lifted()
    assert (gone.flag, gone.by) == (put, "eve")
    assert not world.store.flags.put(put)
    assert world.store.flags.put(replace(put, incident=second))


def test_a_persons_flag_in_its_place_is_as_good_as_lifting_it(world: World) -> None:
    incident = world.fails()
    world.store.flags.put(flag(world, incident=incident))
    world.store.flags.put(flag(world, share=0.5, author="eve"))
    world.store.flags.lift(EVERYTHING, "eve")
    assert not world.store.flags.put(flag(world, incident=incident))


def test_one_whose_time_was_over_may_be_put_again(world: World) -> None:
    incident = world.fails()
    world.store.flags.put(flag(world, incident=incident, until=world.now - MS))
    world.store.flags.tidy()
    assert world.store.flags.put(flag(world, incident=incident))
    assert world.store.flags.lifted() == []


def test_only_the_flag_of_that_incident_is_lifted(world: World) -> None:
    first, second = world.fails("a"), world.fails("b")
    world.store.flags.put(flag(world, incident=first))
    assert not world.store.flags.lift(EVERYTHING, "guardian", incident=second)
    assert world.store.flags.lift(EVERYTHING, "guardian", incident=first)
    assert world.store.flags.lifted() == []  # nobody took it away


def test_tidying_takes_away_what_stands_for_an_incident_that_is_over(world: World) -> None:
    over, goes_on = world.fails("a"), world.fails("b")
    kept = [flag(world, "agent:b", incident=goes_on), flag(world, "agent:c")]
    for each in [flag(world, "agent:a", incident=over), *kept]:
        world.store.flags.put(each)
    assert world.store.flags.tidy() == 0
    world.is_ok("a")
    assert (world.store.flags.tidy(), world.another().flags.tidy()) == (1, 0)
    assert world.store.flags.standing() == kept
    assert acts(world)[-1] == ("resume", "guardian")


def test_what_was_lifted_is_kept_for_a_day_and_while_its_incident_is_open(world: World) -> None:
    incident = world.fails()
    for scope, of in (("agent:a", incident), ("agent:b", None)):
        world.store.flags.put(flag(world, scope, incident=of))
        world.store.flags.lift(scope, "eve")
    held = world.client.hgetall(world.keys.flags_ended)
    for field, text in held.items():  # as if it was lifted more than a day ago
        known = json.loads(text)
        world.client.hset(world.keys.flags_ended, field, json.dumps(known | {"at": known["at"] - 86_400_001}))
    world.store.flags.tidy()
    assert [each.flag.scope for each in world.store.flags.lifted()] == ["agent:a"]
    world.is_ok()
    world.store.flags.tidy()
    assert world.store.flags.lifted() == []


def test_flags_are_bounded(world: World) -> None:
    pipe = world.client.pipeline()
    for number in range(1000):
        pipe.hset(world.keys.flags, f"agent:{number}", '{"share":0,"reason":"","author":"x","since":1}')
    pipe.execute()
    with pytest.raises(StoreError, match="1000 control flags already"):
        world.store.flags.put(flag(world, "agent:new"))
    assert world.store.flags.put(flag(world, "agent:7"))
