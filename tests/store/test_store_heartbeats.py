"""Signs of life of the users' workers."""

from datetime import timedelta

from guardian.ports import WorkerSeen
from tests.store.world import World

DAY_MS = 86_400_000


def age(world: World, worker: str, by_ms: int) -> None:
    world.client.zincrby(world.keys.heartbeats, -by_ms, worker)


def test_the_last_sign_counts_with_the_task_of_then(world: World) -> None:
    beats = world.store.heartbeats
    for worker, task in (("w1", "t1"), ("w2", "t2"), ("w1", None)):
        beats.seen(worker, task)
    found = world.another().heartbeats.workers()
    assert {name: (seen.worker, seen.task) for name, seen in found.items()} == {"w1": ("w1", None), "w2": ("w2", "t2")}
    assert all(abs(world.now - seen.at) < timedelta(minutes=1) for seen in found.values())


def test_one_without_a_sign_for_a_day_is_none_and_is_forgotten(world: World) -> None:
    beats = world.store.heartbeats
    beats.seen("old", "t")
    age(world, "old", DAY_MS + 60_000)
    assert beats.workers() == {}
    beats.seen("new")
    assert world.client.zrange(world.keys.heartbeats, 0, -1) == ["new"]
    assert world.client.hgetall(world.keys.heartbeat_tasks) == {}
    age(world, "new", DAY_MS - 60_000)
    assert isinstance(beats.workers()["new"], WorkerSeen)


def test_they_are_bounded(world: World) -> None:
    now = int(world.now.timestamp() * 1000)
    world.client.zadd(world.keys.heartbeats, {f"w{number}": now - 1000 + number for number in range(1000)})
    world.store.heartbeats.seen("last")
    assert len(world.store.heartbeats.workers()) == 1000
    assert "w0" not in world.store.heartbeats.workers()
    assert 0 < world.client.pttl(world.keys.heartbeats) <= DAY_MS
