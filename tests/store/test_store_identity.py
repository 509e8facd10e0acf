"""Which store it is: empty again it holds cures, of a newer Guardian it is refused, and away it is said."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from guardian.errors import StoreError
from guardian.model import Action, Key, Reason, Silence, Status, TellState
from guardian.store.codec import ms
from guardian.store.identity import Identity
from guardian.store.store import Store
from tests.redis_server import RedisServer
from tests.store.world import CHECK, HOLD, MS, NODE, TARGET, TERMS, World

KEY = Key(CHECK, NODE, TARGET)
NEWER = "the store holds schema 2, this Guardian reads 1"


def made_at(world: World) -> int:
    return int(world.client.hget(world.keys.store, "made_at"))


def test_a_new_store_holds_nothing_back(world: World) -> None:
    assert world.claim(world.planned()).outcome == "granted"


def test_a_store_that_came_back_empty_holds_cures_until_the_limit(redis_server: RedisServer, world: World) -> None:
    world.is_ok()
    redis_server.restart_empty()
    id_ = world.planned()
    over = made_at(world) + HOLD // MS
    world.later((over - 1 - ms(world.now)) * MS)
    assert world.facts(id_).recovering
    assert world.claim(id_).outcome == "recovering"
    world.later(MS)
    assert not world.facts(id_).recovering
    assert world.claim(id_).outcome == "granted"


def test_a_store_that_came_back_with_its_data_holds_nothing_back(redis_server: RedisServer, world: World) -> None:
    id_ = world.planned()
    world.client.set("written", "after it")  # WAITAOF waits for what its own connection wrote
    assert world.client.waitaof(1, 0, 30_000)[0] == 1
    redis_server.restart()
    assert world.incident(id_).key == KEY
    assert world.claim(id_).outcome == "granted"


def test_the_look_at_the_time_of_the_loss_is_lost_and_the_next_one_opens_anew(
    redis_server: RedisServer, world: World
) -> None:
    world.fails()
    lost = world.look_value(world.seen(Status.FAIL))
    redis_server.restart_empty()
    assert not world.store.record(lost).won
    assert world.open_names() == {}
    assert world.look(world.seen(Status.FAIL)).won


def test_a_claim_at_the_time_of_the_loss_is_stale(redis_server: RedisServer, world: World) -> None:
    id_ = world.planned()
    redis_server.restart_empty()
    assert world.claim(id_, attempt=1).outcome == "stale"
    assert world.store.acts(NODE) == []


def test_a_claim_of_who_knew_the_lost_store_waits_for_the_hold(redis_server: RedisServer, world: World) -> None:
    world.is_ok()
    redis_server.restart_empty()
    newcomer = World(redis_server.url)
    id_ = newcomer.planned()
    assert world.claim(id_).outcome == "recovering"
    newcomer.close()


def test_a_process_that_starts_beside_the_store_of_its_file_holds_nothing_back(tmp_path: Path, world: World) -> None:
    id_ = world.planned()
    for _ in range(2):
        world.another(tmp_path / "store-id").record(world.look_value(version=99))
    assert not world.facts(id_).recovering


def test_a_process_that_starts_after_the_loss_knows_of_it_by_the_file(
    redis_server: RedisServer, tmp_path: Path, world: World
) -> None:
    file = tmp_path / "store-id"
    old = World(redis_server.url, file)
    old.is_ok()
    old.close()
    assert file.read_text() == world.client.hget(world.keys.store, "id") + "\n"
    redis_server.restart_empty()
    new = World(redis_server.url, file)
    id_ = new.planned()
    assert new.claim(id_).outcome == "recovering"
    assert file.read_text() == new.client.hget(new.keys.store, "id") + "\n"
    new.close()


def test_the_loss_is_noticed_though_a_newcomer_joined_the_empty_store_first(
    redis_server: RedisServer, world: World
) -> None:
    world.is_ok()
    redis_server.restart_empty()
    newcomer = World(redis_server.url)
    id_ = newcomer.planned()
    assert not newcomer.facts(id_).recovering
    assert not world.look(version=99).won
    assert newcomer.facts(id_).recovering
    assert newcomer.claim(id_).outcome == "recovering"
    newcomer.close()


def test_who_comes_back_long_after_the_loss_holds_nothing_back(redis_server: RedisServer, world: World) -> None:
    world.is_ok()
    redis_server.restart_empty()
    newcomer = World(redis_server.url)
    newcomer.is_ok()
    newcomer.client.hset(newcomer.keys.store, "made_at", made_at(newcomer) - HOLD // MS - 60_000)
    id_ = newcomer.planned()
    assert not world.look(version=99).won
    assert newcomer.claim(id_).outcome == "granted"
    newcomer.close()


def test_an_identity_is_remembered_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "store-id"
    assert Identity(file).known() is None
    Identity(file).learned("abc")
    assert Identity(file).known() == "abc"
    Identity(file).learned("def")
    assert file.read_text() == "def\n"
    file.write_text("\n")
    assert Identity(file).known() is None
    file.write_bytes(b"\xff\xfe")
    assert Identity(file).known() is not None  # damaged: some store was there


def test_without_a_file_or_with_one_that_cannot_be_written_nothing_is_remembered(tmp_path: Path) -> None:
    for identity in (Identity(), Identity(tmp_path / "missing" / "store-id"), Identity(tmp_path)):
        identity.learned("abc")
        assert identity.known() is None


def writes(world: World, id_: str) -> list[Callable[[], object]]:
    store, now = world.store, world.now
    look = world.look_value(world.seen(Status.OK))
    known = world.incident(id_)
    return [
        lambda: store.record(look),
        lambda: world.decide(known),
        lambda: world.claim(id_, attempt=1),
        lambda: store.holds(KEY.node, KEY.target, "token"),
        lambda: world.finish(id_, attempt=1),
        lambda: store.refuse(id_, 1, now, Reason.COOLDOWN, tell=True),
        lambda: world.verify(id_, attempt=1),
        lambda: store.link(id_, "root", "parent"),
        lambda: store.claim_telling(id_, TellState.ALERT, now, MS),
        lambda: store.mark_told(id_, TellState.ALERT, "log", now),
        lambda: world.tell_done(id_, TellState.ALERT),
        lambda: store.take_due(now, MS),
        lambda: store.acknowledge(id_, "me", now),
    ]


def reads(world: World, id_: str) -> list[Callable[[], object]]:
    store, now = world.store, world.now
    known = world.incident(id_)
    silence = Silence("s", "*", "*", "*", now, "me", "")
    return [
        lambda: store.last_look(CHECK, NODE),
        lambda: store.acts(NODE),
        lambda: store.facts([id_], TERMS.window, now),
        lambda: store.told(id_, TellState.ALERT),
        lambda: store.add_silence(silence),
        lambda: store.remove_silence("s"),
        lambda: store.silences(now),
        lambda: store.incident(id_),
        lambda: store.story(id_),
        store.open_incidents,
        lambda: store.closed_incidents(1),
        lambda: store.checks([(CHECK, NODE)]),
        lambda: store.cooldowns([known], now),
        lambda: store.queue_depths(["tell"]),
        lambda: store.signs.node_seen(NODE, "worker"),
        store.signs.presences,
        lambda: store.signs.beat_ticked(now),
        store.signs.last_beat,
        store.clock.now,
    ]


def test_a_store_of_a_newer_schema_is_refused_and_not_changed(world: World) -> None:
    id_ = world.planned()
    world.client.hset(world.keys.store, "schema", 2)

    def dump() -> dict[str, bytes]:
        with redis.Redis.from_url(world.url) as raw:
            return {name: raw.dump(name) for name in raw.scan_iter("*")}

    before = dump()
    for write in writes(world, id_):
        with pytest.raises(StoreError, match=NEWER):
            write()
    assert dump() == before


def test_a_process_that_starts_beside_a_newer_schema_refuses_it(world: World) -> None:
    world.is_ok()
    world.client.hset(world.keys.store, "schema", 2)
    newcomer = World(world.url)
    with pytest.raises(StoreError, match=NEWER):
        newcomer.is_ok()
    assert world.client.hget(world.keys.store, "schema") == "2"
    newcomer.close()


def test_while_the_server_is_away_every_call_says_so_and_later_works_again(
    redis_server: RedisServer, world: World
) -> None:
    id_ = world.planned()
    calls = [*writes(world, id_), *reads(world, id_)]
    redis_server.kill()
    for call in calls:
        with pytest.raises(StoreError, match="Redis"):
            call()
    redis_server.start()
    assert world.store.clock.now() is not None


def test_a_server_that_hangs_is_given_up_in_time(redis_server: RedisServer, world: World) -> None:
    impatient = redis.Redis(
        unix_socket_path=str(redis_server.socket), decode_responses=True, socket_timeout=2, retry=None
    )
    store = Store(impatient, world.keys.prefix, Identity(), timedelta(0))
    id_ = world.fails()
    assert store.incident(id_) is not None
    redis_server.hang()
    try:
        with pytest.raises(StoreError, match="Redis"):
            store.take_due(world.now, MS)
        with pytest.raises(StoreError, match="Redis"):
            store.incident(id_)
    finally:
        redis_server.resume()
        store.close()
    assert world.decide(id_, Action.ALERT, Reason.OBSERVING).outcome == "tell"
