"""Signs of life of single processes, and the word that arms."""

from dataclasses import replace
from datetime import timedelta

from guardian.model import Arming, Mode
from guardian.store.values import ProcessSign
from tests.store.world import NODE, World

BEAT = ProcessSign("beat", NODE, "m1", "host-1", 4711, "1.0")


def test_two_processes_of_one_role_are_told_apart(world: World) -> None:
    others = [replace(BEAT, pid=4712), replace(BEAT, machine="m2"), replace(BEAT, version="1.1")]
    for sign in (BEAT, *others, BEAT):
        world.store.signs.process_seen(sign)
    seen = world.another().signs.processes()
    assert set(seen) == {BEAT, *others}
    assert all(abs(world.now - at) < timedelta(minutes=1) for at in seen.values())


def test_what_was_not_seen_for_long_is_forgotten(world: World) -> None:
    world.store.signs.process_seen(BEAT)
    [member] = world.client.zrange(world.keys.processes, 0, -1)
    world.client.zincrby(world.keys.processes, -600_001, member)
    world.store.signs.process_seen(replace(BEAT, pid=1))
    assert [sign.pid for sign in world.store.signs.processes()] == [1]


def test_another_version_may_say_more_or_less_of_itself(world: World) -> None:
    world.client.zadd(world.keys.processes, {'{"role": "beat", "pid": 7, "mood": "good"}': 1_000})
    [sign] = world.store.signs.processes()
    assert sign == ProcessSign("beat", "", "", "", 7, "")


def test_the_last_word_counts_and_one_that_is_not_understood_is_none(world: World) -> None:
    assert world.store.arming() is None
    for mode in (Mode.HEAL, Mode.OBSERVE):
        world.store.arm(Arming(mode, "ann", world.now, "why: \u2713"))
    assert world.another().arming() == Arming(Mode.OBSERVE, "ann", world.now, "why: \u2713")
    world.client.hset(world.keys.arming, "mode", "dream")
    assert world.store.arming() is None
