"""The watch against a real server, its steps driven by a simulated clock."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from guardian.decide.occurrences import Occurrence
from guardian.engine.watch import Watch
from tests.engine.watched import Channel, World
from tests.redis_server import RedisServer


@pytest.fixture
def world(redis_server: RedisServer, tmp_path: Path) -> Iterator[World]:
    made = World(redis_server, tmp_path)
    yield made
    made.close()


def test_an_hour_of_health_is_silent_and_all_is_well(world: World) -> None:
    world.run(3600)
    assert world.channel.tried == world.other.tried == 0
    assert world.kept == ()
    assert world.watch.step(world.clock.now()).all_well


@pytest.mark.parametrize(
    ("part", "target"),
    [
        ("beat", "beat"),
        ("check", "worker check@n"),
        ("act", "worker act@n"),
        ("tell", "queue tell"),
        ("check.n", "queue check.n"),
        ("process_health", "check process_health@n"),
    ],
)
def test_what_stops_is_told_once_over_each_channel_within_a_minute_and_so_is_its_end(
    world: World, part: str, target: str
) -> None:
    world.run(60)
    world.stopped.add(part)
    cause = world.clock.now()
    world.run(600)
    for channel in (world.channel, world.other):
        assert channel.steps == [("alert", target)]
        assert channel.got[0].at - cause <= timedelta(seconds=50)
    world.stopped.clear()
    world.run(60)
    for channel in (world.channel, world.other):
        assert channel.steps == [("alert", target), ("resolved", target)]
        assert channel.got[0].incident == channel.got[1].incident
    assert world.kept == []


def test_two_troubles_of_one_moment_are_each_told(world: World) -> None:
    world.run(60)
    world.stopped |= {"check", "act"}
    world.run(120)
    told = [("alert", "worker check@n"), ("alert", "worker act@n")]
    assert sorted(world.channel.steps) == sorted(told)
    world.stopped.clear()
    world.run(60)
    assert sorted(world.channel.steps) == sorted([*told, *(("resolved", target) for _, target in told)])


def test_redis_away_is_told_without_it_and_so_is_that_it_is_back(world: World) -> None:
    world.run(60)
    world.server.kill()
    try:
        cause = world.clock.now()
        world.run(300, working=False)
        assert world.channel.steps == [("alert", "Redis")]
        assert world.channel.got[0].at - cause <= timedelta(seconds=50)
        assert world.channel.got[0].details["reason"] == "Redis is away"
    finally:
        world.server.start()
    world.run(300)
    assert world.channel.steps == [("alert", "Redis"), ("resolved", "Redis")]


def test_redis_that_hangs_or_takes_nothing_is_told_as_such(world: World) -> None:
    world.run(60)
    world.server.hang()
    try:
        world.run(30, working=False)
    finally:
        world.server.resume()
    world.run(60)
    with world.server.client() as client:
        client.config_set("maxmemory", 1)
        try:
            world.run(30, working=False)
        finally:
            client.config_set("maxmemory", 0)
    world.run(60)
    assert [each.details["reason"] for each in world.channel.got] == [
        "Redis does not answer", "Redis does not answer", "Redis refuses", "Redis refuses",
    ]  # fmt: skip
    assert [each.step for each in world.channel.got] == ["alert", "resolved"] * 2


def test_while_it_lasts_it_is_told_again_once_an_hour(world: World) -> None:
    world.run(60)
    world.stopped.add("beat")
    world.run(2 * 3600 + 120)
    assert world.channel.steps == [("alert", "beat")] * 3
    assert [each.title for each in world.channel.got][1:] == ["Guardian is still blind: beat is dead or hangs"] * 2
    assert len({each.incident for each in world.channel.got}) == 3, "a receiver must not take it for a double"


def test_a_watch_that_is_started_again_and_again_tells_once(world: World) -> None:
    world.run(60)
    world.stopped.add("beat")
    world.run(60)
    for _ in range(10):
        world.run(60, world.new_watch())
    assert world.channel.steps == [("alert", "beat")]
    world.stopped.clear()
    world.run(60, world.new_watch())
    assert world.channel.steps == [("alert", "beat"), ("resolved", "beat")]


def test_of_two_watches_one_tells_and_where_it_dies_the_other_does(world: World) -> None:
    second = Channel("log")
    other = world.new_watch(second)
    world.run(60, world.watch, other)
    world.stopped.add("beat")
    world.run(120, world.watch, other)
    world.stopped.clear()
    world.run(60, world.watch, other)
    steps = sorted(world.channel.steps + second.steps)
    assert steps == [("alert", "beat"), ("resolved", "beat")]
    world.channel.got.clear()
    world.channel.down = world.other.down = True
    world.stopped.add("beat")
    world.run(60, world.watch, other)  # the first one holds the telling, and gets it through nowhere
    second.got.clear()
    world.watch.store.close()
    with world.server.client() as client:  # its lease runs out by the server's clock
        for key in client.scan_iter("guardian:blind:claim:*"):
            client.delete(key)
    world.run(60, other)
    assert second.steps == [("alert", "beat")]


def test_the_same_trouble_again_right_after_its_end_is_told_again(world: World) -> None:
    world.run(60)
    for _ in range(3):
        world.stopped.add("beat")
        world.run(60)
        world.stopped.clear()
        world.run(60)
    assert world.channel.steps == [("alert", "beat"), ("resolved", "beat")] * 3


def test_a_channel_that_fails_is_tried_again_with_growing_distance_and_holds_up_no_other(world: World) -> None:
    world.run(60)
    world.other.down = True
    world.stopped.add("beat")
    world.run(1800)
    assert world.channel.steps == [("alert", "beat")]
    assert 8 <= world.other.tried <= 16
    world.other.down = False
    world.run(300)
    assert world.other.steps == [("alert", "beat")]


def test_what_a_channel_missed_altogether_it_hears_when_it_works_again(world: World) -> None:
    world.run(60)
    world.other.down = True
    world.stopped.add("beat")
    world.run(120)
    world.stopped.clear()
    world.run(60)
    world.other.down = False
    world.run(300)
    assert world.other.steps == [("resolved", "beat")]
    assert "beat is dead or hangs, since 2026-11-23 12:01" in world.other.got[0].text


def test_what_cannot_be_remembered_is_told_all_the_same(world: World) -> None:
    def full(_: Sequence[Occurrence]) -> None:
        raise OSError(28, "No space left on device")

    watch = Watch(world.config, world.connected(), [world.channel], world.clock, full)
    world.run(60, watch)
    world.stopped.add("beat")
    world.run(120, watch)
    assert world.channel.steps == [("alert", "beat")]


def test_a_machine_whose_clock_is_off_is_told(world: World) -> None:
    @dataclass
    class Fast:
        def now(self) -> datetime:
            return world.clock.now() + timedelta(minutes=3)

    watch = Watch(world.config, world.connected(), [world.channel], Fast(), lambda _: None)
    world.run(30, watch)
    assert world.channel.steps == [("alert", "clock")]
    assert world.channel.got[0].text.startswith("this machine's is 3m ahead of Redis'")


def test_what_it_leaves_in_the_store_is_bounded_or_expires(world: World) -> None:
    for part, _ in itertools.product(["beat", "tell", "check"], range(3)):
        world.run(60)
        world.stopped.add(part)
        world.run(60)
        world.stopped.clear()
    with world.server.client() as client:
        own = [key for pattern in ("blind:*", "canary:*", "watches") for key in client.scan_iter(f"guardian:{pattern}")]
        assert own
        assert all(client.ttl(key) > 0 for key in own)


def test_the_store_says_what_the_watch_sees(world: World) -> None:
    world.run(60)
    world.stopped.add("beat")
    world.run(60)
    (seen,) = world.store.signs.watches(world.clock.now())
    assert seen.node == "n"
    assert [line.partition(";")[0] for line in seen.blind] == [
        "beat is dead or hangs: it sends nothing any more, so nothing is looked at"
    ]
