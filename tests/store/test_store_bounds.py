"""Everything is bounded or expires."""

from datetime import timedelta

from guardian.model import Action, Reason, Status, TellState
from tests.store.world import CHECK, MS, NODE, TERMS, World

KEPT = timedelta(days=7)
KEPT_MOST = 500
STORY_MOST = 200
NOTHING = timedelta(0)


def endures(world: World) -> dict[str, int]:
    """The keys that never expire, with their sizes."""
    client = world.client
    sizes = {
        "hash": client.hlen,
        "zset": client.zcard,
        "list": client.llen,
        "stream": client.xlen,
        "string": client.strlen,
    }
    names = [name for name in world.client.scan_iter(world.keys.prefix + "*") if world.client.pttl(name) == -1]
    return {name: sizes[world.client.type(name)](name) for name in names}


def whole_life(world: World, target: str) -> str:
    """An incident with everything that one can leave behind."""
    id_ = world.healed(target)
    world.verify(id_, "failing")
    world.tell(id_, TellState.ALERT)
    world.tell(id_, TellState.ESCALATE, "x.task")
    world.is_ok(target)
    world.tell(id_, TellState.RESOLVED)
    world.tell(id_, TellState.CLOSE)
    return id_


def time_left(world: World, id_: str) -> list[int]:
    return [world.client.pttl(name) for name in (world.keys.incident(id_), world.keys.story(id_))]


def test_an_open_incident_never_expires_and_a_closed_one_does_within_seven_days(world: World) -> None:
    id_ = world.fails()
    assert time_left(world, id_) == [-1, -1]
    world.is_ok()
    for left in time_left(world, id_):
        assert KEPT - timedelta(minutes=1) < left * MS <= KEPT


def test_an_end_that_is_still_to_be_told_expires_too(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, TellState.ALERT)
    assert time_left(world, id_) == [-1, -1]
    world.is_ok()
    assert world.incident(id_).tell is TellState.RESOLVED
    assert all(NOTHING < left * MS <= KEPT for left in time_left(world, id_))


def test_after_the_last_telling_it_is_kept_for_seven_days_more(world: World) -> None:
    id_ = world.alerting()
    world.is_ok()
    world.client.pexpire(world.keys.incident(id_), 60_000)
    world.tell(id_, TellState.RESOLVED)
    assert all(KEPT - timedelta(minutes=1) < left * MS <= KEPT for left in time_left(world, id_))


def test_hundreds_of_incidents_leave_no_more_lasting_keys_than_a_few(world: World) -> None:
    def live_through(incidents: int) -> tuple[dict[str, int], int]:
        for _ in range(incidents):
            whole_life(world, "writer")
            world.later(TERMS.window)
        return endures(world), world.client.dbsize()

    live_through(60)
    few, _ = live_through(60)
    many, _ = live_through(240)
    closed, own_bound = world.keys.closed, {world.keys.history: 0, world.keys.history_count: 0}
    assert few.keys() == many.keys()
    assert few | {closed: 0} | own_bound == many | {closed: 0} | own_bound
    assert (few[closed], many[closed]) == (120, 336)  # seven days of one per half hour


def test_a_closed_incident_is_listed_for_less_than_seven_days(world: World) -> None:
    first = world.fails("first")
    world.is_ok("first")
    world.later(KEPT - MS)
    second = world.fails("second")
    world.is_ok("second")
    assert [incident.id for incident in world.store.closed_incidents(10)] == [second, first]
    assert [incident.id for incident in world.store.closed_incidents(1)] == [second]
    world.later(MS)
    world.fails("third")
    world.is_ok("third")
    assert first not in [incident.id for incident in world.store.closed_incidents(10)]
    assert world.client.zcard(world.keys.closed) == 2


def test_five_hundred_closed_incidents_are_kept_and_the_oldest_goes_with_its_story(world: World) -> None:
    def end() -> str:
        id_ = world.fails()
        world.is_ok()
        world.later(MS)
        return id_

    ids = [end() for _ in range(KEPT_MOST)]
    assert len(world.store.closed_incidents(1000)) == KEPT_MOST
    assert world.store.incident(ids[0]) is not None
    end()
    assert len(world.store.closed_incidents(1000)) == KEPT_MOST
    assert world.store.incident(ids[0]) is None
    assert world.store.story(ids[0]) == []
    assert world.store.incident(ids[1]) is not None


def test_a_surplus_incident_whose_end_is_still_to_be_told_is_kept_until_then(world: World) -> None:
    id_ = world.alerting()
    world.is_ok()
    world.client.zadd(world.keys.closed, {f"x{n}": 0 for n in range(KEPT_MOST)})
    world.client.zadd(world.keys.closed, {id_: -1})
    world.fails("other")
    world.is_ok("other")
    assert world.client.zscore(world.keys.closed, id_) is None
    world.tell(id_, TellState.RESOLVED)
    assert all(left > 0 for left in time_left(world, id_))


def test_a_story_keeps_its_newest_two_hundred_steps(world: World) -> None:
    id_ = world.fails()
    reasons = (Reason.SILENCED, Reason.OBSERVING)
    for n in range(STORY_MOST - 1):
        world.decide(id_, Action.WAIT, reasons[n % 2])
    assert len(world.store.story(id_)) == STORY_MOST
    assert world.kinds(id_)[0] == "seen"
    world.decide(id_, Action.WAIT, Reason.FLAPPING)
    story = world.store.story(id_)
    assert (len(story), story[0].kind, story[-1].reason) == (STORY_MOST, "decided", Reason.FLAPPING)


def test_what_is_kept_of_a_target_s_heals_expires_after_the_cooldown_and_the_window(world: World) -> None:
    world.healed()
    world.later(TERMS.window * 3)
    heal, cures = world.keys.heal(NODE, "writer"), world.keys.cures(NODE, "writer")
    assert TERMS.window < world.client.pttl(heal) * MS <= TERMS.window * 2
    assert NOTHING < world.client.pttl(cures) * MS <= TERMS.window


def test_verdicts_and_acts_are_as_many_as_the_targets_of_now(world: World) -> None:
    for generation in range(20):
        id_ = world.healed(f"g{generation}")
        world.verify(id_)
        world.look(world.seen(Status.OK, f"g{generation}"), gone={f"g{generation - 1}": "the target is gone"})
    assert list(world.store.last_look(CHECK, NODE).states) == ["g19"]
    assert [act.target for act in world.store.acts(NODE)] == ["g19"]


def test_a_node_that_was_not_seen_for_seven_days_is_forgotten(world: World) -> None:
    at = int(world.now.timestamp() * 1000)
    week = KEPT // MS
    world.client.zadd(world.keys.nodes, {"old worker": at - week - 1, "late worker": at - week + 60_000})
    world.store.signs.node_seen("node 1", "worker")
    seen = world.store.signs.presences()
    assert [(each.node, each.role) for each in seen] == [("late", "worker"), ("node 1", "worker")]
    assert NOTHING <= seen[1].seen_at - world.now < timedelta(minutes=1)


def test_the_last_beat_is_known_and_expires(world: World) -> None:
    assert world.store.signs.last_beat() is None
    world.store.signs.beat_ticked(world.now)
    assert world.store.signs.last_beat() == world.now
    assert NOTHING < world.client.pttl(world.keys.beat) * MS <= timedelta(days=1)


def test_queue_depths_are_counted_below_the_prefix(world: World) -> None:
    world.client.rpush(world.keys.prefix + "tell", "a", "b")
    world.client.rpush("tell", "of", "somebody", "else")
    assert dict(world.store.queue_depths(["tell", "scan"])) == {"tell": 2, "scan": 0}
