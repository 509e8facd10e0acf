"""One look of one check: of two deliveries one wins, and at most one incident is open per key."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guardian.model import GUARDIAN, HealState, IncidentState, Key, OwnAct, Status, TellState
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from guardian.store.values import CheckSummary
from tests.redis_server import RedisServer
from tests.store.world import CHECK, HOLD, NODE, RELEASE_EVERY, TARGET, World


def test_a_look_is_kept_with_its_memory_and_its_summary(world: World) -> None:
    first = world.store.last_look(CHECK, NODE)
    assert (first.version, first.at, first.memory, first.states) == (0, None, {}, {})
    seen = world.seen(Status.FAIL)
    assert world.look(seen, memory={"offset": 7, "deep": [1.5, None, {"ä": "\ud800"}]}).won
    last = world.store.last_look(CHECK, NODE)
    assert (last.version, last.at, last.states) == (1, world.now, {TARGET: seen.state})
    assert last.memory == {"offset": 7, "deep": [1.5, None, {"ä": "\ud800"}]}
    assert world.store.checks([(CHECK, NODE), ("never", NODE)]) == [
        CheckSummary(CHECK, NODE, Status.FAIL, "a look", world.now, 0.25)
    ]


def test_a_store_with_a_clock_of_its_own_tells_that_time(world: World) -> None:
    class Stopped:
        def now(self) -> datetime:
            return world.now - timedelta(days=9)

    store = Store(connect(world.url), world.keys.prefix, Identity(), HOLD, Stopped())
    assert store.clock.now() == store.last_look(CHECK, NODE).now == world.now - timedelta(days=9)
    assert abs(world.store.last_look(CHECK, NODE).now - world.now) < timedelta(minutes=1)
    store.close()


def test_of_two_deliveries_of_one_look_one_wins(world: World) -> None:
    look = world.look_value(world.seen(Status.FAIL))
    first, second = world.store.record(look), world.another().record(look)
    assert (first.won, second.won) == (True, False)
    assert (second.incidents, second.opened) == ({}, ())
    assert list(world.open_names().values()) == list(first.opened)


def test_of_looks_stored_at_the_same_time_one_wins(world: World) -> None:
    look = world.look_value(world.seen(Status.FAIL))
    stores = [world.another() for _ in range(8)]
    with ThreadPoolExecutor(len(stores)) as pool:
        answers = list(pool.map(lambda store: store.record(look), stores))
    assert sum(answer.won for answer in answers) == 1
    assert len(world.open_names()) == 1


@pytest.mark.parametrize("version", [0, 2])
def test_a_look_that_saw_another_version_is_not_stored(world: World, version: int) -> None:
    world.is_ok()
    assert not world.look(world.seen(Status.FAIL), version=version).won
    assert world.open_names() == {}
    assert world.store.last_look(CHECK, NODE).version == 1


def test_a_failing_target_opens_one_incident_and_later_looks_add_to_it(world: World) -> None:
    world.is_ok()
    before = world.now
    world.later(timedelta(seconds=10))
    opened_at = world.now
    first = world.look(world.seen(Status.FAIL, message="errored"))
    world.later(timedelta(seconds=10))
    second = world.look(world.seen(Status.FAIL, message="errored again"))
    (id_,) = first.opened
    assert (second.opened, second.incidents) == ([], {(CHECK, TARGET): id_})
    incident = world.incident(id_)
    assert incident.key == Key(CHECK, NODE, TARGET)
    assert (incident.state, incident.heal, incident.tell) == (IncidentState.OPEN, HealState.NONE, TellState.NONE)
    assert (incident.looked_before, incident.opened_at, incident.seen_at) == (before, opened_at, world.now)
    assert (incident.failing_looks, incident.message, incident.attempt) == (2, "errored again", 0)
    assert world.open_names() == {f"{CHECK}|{NODE}|{TARGET}": id_}
    assert world.kinds(id_) == ["seen"]


def test_checks_nodes_and_targets_have_incidents_of_their_own(world: World) -> None:
    ids = {world.fails(), world.fails("reader"), world.fails(check="gateway"), world.fails("a|b"), world.fails("")}
    assert len(ids) == 5
    assert {incident.id for incident in world.store.open_incidents()} == ids


def test_a_look_may_carry_a_verdict_of_guardian_itself(world: World) -> None:
    seen = world.seen(Status.FAIL, "fleet process_health", check=GUARDIAN)
    recorded = world.look(world.seen(Status.FAIL), seen)
    assert set(recorded.incidents) == {(CHECK, TARGET), (GUARDIAN, "fleet process_health")}


@pytest.mark.parametrize(
    ("status", "resolution"), [(Status.OK, "healthy again: fine"), (Status.SKIPPED, "no longer looked at: fine")]
)
def test_ok_and_skipped_resolve(world: World, status: Status, resolution: str) -> None:
    id_ = world.fails()
    world.later(timedelta(seconds=10))
    world.look(world.seen(status, message="fine"))
    incident = world.incident(id_)
    assert (incident.state, incident.resolved_at) == (IncidentState.RESOLVED, world.now)
    assert incident.resolution == resolution
    assert world.open_names() == {}
    assert [closed.id for closed in world.store.closed_incidents(10)] == [id_]


def test_ok_of_another_target_or_check_resolves_nothing(world: World) -> None:
    id_ = world.fails()
    world.is_ok("reader")
    world.is_ok(check="gateway")
    assert world.incident(id_).state is IncidentState.OPEN


def test_a_failure_after_the_end_is_a_new_incident(world: World) -> None:
    first = world.fails()
    world.is_ok()
    second = world.fails()
    assert second != first
    assert world.incident(first).state is IncidentState.RESOLVED
    assert world.open_names() == {f"{CHECK}|{NODE}|{TARGET}": second}


def test_a_planned_heal_is_dropped_when_the_target_is_well_by_itself(world: World) -> None:
    id_ = world.planned()
    world.is_ok()
    incident = world.incident(id_)
    assert (incident.state, incident.heal, incident.heal_due) == (IncidentState.RESOLVED, HealState.NONE, None)
    assert world.due() == {}
    assert world.claim(id_).outcome == "stale"


def test_unknown_that_does_not_open_changes_nothing_but_the_verdict(world: World) -> None:
    id_ = world.fails()
    before = world.incident(id_)
    world.later(timedelta(seconds=10))
    recorded = world.look(world.seen(Status.UNKNOWN))
    assert (recorded.incidents, recorded.opened, recorded.resolved) == ({}, [], [])
    assert world.incident(id_) == before
    assert world.store.last_look(CHECK, NODE).states[TARGET].status is Status.UNKNOWN


def test_a_lasting_unknown_neither_opens_beside_an_open_fail_nor_changes_it(world: World) -> None:
    id_ = world.fails()
    before = world.incident(id_)
    world.later(timedelta(seconds=10))
    recorded = world.look(world.seen(Status.UNKNOWN, opens=True))
    assert (recorded.incidents, recorded.opened) == ({}, [])
    assert world.incident(id_) == before
    assert world.kinds(id_) == ["seen"]


def test_a_lasting_unknown_is_an_incident_that_a_failure_takes_over(world: World) -> None:
    (id_,) = world.look(world.seen(Status.UNKNOWN, message="no answer", opens=True)).opened
    assert world.incident(id_).status is Status.UNKNOWN
    again = world.look(world.seen(Status.UNKNOWN, message="no answer", opens=True))
    assert again.incidents == {(CHECK, TARGET): id_}
    assert world.fails() == id_
    incident = world.incident(id_)
    assert (incident.status, incident.failing_looks) == (Status.FAIL, 3)
    assert [step.text for step in world.store.story(id_)] == ["no answer", "writer is fail"]


def test_a_target_that_is_gone_is_forgotten_and_its_incident_ends(world: World) -> None:
    id_ = world.healed()
    world.verify(id_, "failing")
    world.look(world.seen(Status.FAIL), world.seen(Status.OK, "reader"))
    assert world.store.acts(NODE) == [OwnAct(TARGET, "restart", world.now)]
    world.look(world.seen(Status.OK, "reader"), gone={TARGET: "the target is gone"})
    assert world.incident(id_).resolution == "the target is gone"
    assert list(world.store.last_look(CHECK, NODE).states) == ["reader"]
    assert world.store.acts(NODE) == []


@pytest.mark.parametrize("stage", ["acting", "verifying"])
def test_while_an_attempt_is_open_other_looks_do_not_end_the_incident(world: World, stage: str) -> None:
    id_ = world.planned()
    assert world.claim(id_).outcome == "granted"
    if stage == "verifying":
        assert world.finish(id_)
    for status in (Status.OK, Status.SKIPPED):
        assert world.look(world.seen(status)).won
        assert world.incident(id_).state is IncidentState.OPEN
    assert world.incident(id_).heal == stage
    assert world.store.last_look(CHECK, NODE).states[TARGET].status is Status.SKIPPED


def test_a_target_that_went_while_its_attempt_was_open_still_ends_when_the_verifying_look_was_blind(
    world: World,
) -> None:
    id_ = world.healed()
    world.look(gone={TARGET: "the target is gone"})
    assert world.incident(id_).state is IncidentState.OPEN
    assert world.verify(id_, "unknown", unknowns=1) == "failed"
    missing = set(world.store.last_look(CHECK, NODE).states)
    assert missing == {TARGET}
    world.look(gone=dict.fromkeys(missing, "the target is gone"))
    assert world.incident(id_).state is IncidentState.RESOLVED


def test_the_brake_is_engaged_once_and_released_by_the_check_that_engaged_it(world: World) -> None:
    id_ = world.fails()
    assert not world.store.last_look(CHECK, NODE).braked
    world.look(brake="engage")
    turn = world.now + RELEASE_EVERY
    assert world.store.last_look("gateway", NODE).braked
    world.later(timedelta(seconds=10))
    world.look(check="gateway", brake="engage")
    assert world.client.hgetall(world.keys.brake(NODE))["next"] == str(int(turn.timestamp() * 1000))
    assert world.facts(id_).held
    world.look(check="gateway", brake="release")
    assert world.store.last_look(CHECK, NODE).braked
    world.look(brake="release")
    assert not world.store.last_look(CHECK, NODE).braked
    assert not world.facts(id_).held


def test_who_is_to_hear_of_an_end_is_told_to_the_caller(world: World) -> None:
    quiet, told = world.fails("quiet"), world.alerting("told")
    recorded = world.look(world.seen(Status.OK, "quiet"), world.seen(Status.OK, "told"))
    assert recorded.resolved == [told]
    assert [world.incident(id_).tell for id_ in (quiet, told)] == [TellState.NONE, TellState.RESOLVED]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=st.text(st.characters()), message=st.text(st.characters(), min_size=1))
@example(target="\ud800", message="\udcff\x00|%")
def test_whatever_a_target_is_called_and_says_comes_back_unchanged(
    redis_server: RedisServer, target: str, message: str
) -> None:
    with redis_server.client() as client:
        client.flushdb()
    with closing(World(redis_server.url)) as world:
        seen = world.seen(Status.FAIL, target, message)
        id_ = world.look(seen).incidents[CHECK, target]
        world.decide(id_)
        assert world.claim(id_).outcome == "granted"
        assert world.store.acknowledge(id_, message, world.now) == "acknowledged"
        incident = world.incident(id_)
        assert (incident.key.target, incident.message, incident.acked_by) == (target, message, message)
        assert world.store.last_look(CHECK, NODE).states == {target: seen.state}
        assert [act.target for act in world.store.acts(NODE)] == [target]
        assert world.store.story(id_)[0].text == message
