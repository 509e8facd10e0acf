"""The history's stream: what changed goes into it in the same call, whole, numbered, and bounded."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from guardian.model import Evidence, Silence, TellState
from guardian.ports import Notification
from guardian.store.identity import Identity
from guardian.store.keys import HISTORY_VERSION
from guardian.store.store import Store, connect
from tests.redis_server import RedisServer
from tests.store.world import HOLD, NODE, TARGET, TELL_LEASE, World

LENGTH = 200
NODE_ENTRIES = 100  # the server drops whole nodes of the stream: so many more may stay


def entries(world: World) -> list[Mapping[str, str]]:
    return [fields for _, fields in world.store.past.entries(None, 100_000)]


def incidents(world: World) -> list[dict[str, str]]:
    return [json.loads(each["incident"]) for each in entries(world) if "incident" in each]


def steps(world: World) -> list[dict[str, Any]]:
    return [step for each in entries(world) for step in json.loads(each.get("steps", "[]"))]


def test_each_step_of_an_incident_s_story_is_in_it_in_order_with_its_reason(world: World) -> None:
    id_ = world.healed()
    world.verify(id_, "failing")
    world.tell(id_, TellState.ALERT)
    world.store.acknowledge(id_, "ann", world.now, "mine")
    world.is_ok()
    world.tell(id_, TellState.RESOLVED)
    story = [(step.kind, step.text, step.reason) for step in world.store.story(id_)]
    assert [(step["kind"], step["text"], step.get("reason")) for step in steps(world)] == story
    assert {each["id"] for each in incidents(world)} == {id_}
    assert [int(each["n"]) for each in entries(world)] == list(range(1, len(entries(world)) + 1))
    assert {each["v"] for each in entries(world)} == {str(HISTORY_VERSION)}


def test_each_entry_has_the_incident_as_it_is_after_the_call(world: World) -> None:
    id_ = world.fails()
    world.decide(id_)
    world.claim(id_)
    world.finish(id_)
    world.verify(id_)
    found = [(each["state"], each["heal"], each["attempt"]) for each in incidents(world)]
    assert found == [
        ("open", "none", "0"), ("open", "planned", "1"), ("open", "acting", "1"), ("open", "verifying", "1"),
        ("resolved", "none", "1"),
    ]  # fmt: skip


def test_a_call_that_changes_nothing_adds_nothing(world: World) -> None:
    id_ = world.alerting()
    before = world.store.past.waiting()
    world.look(world.seen(world.incident(id_).status))
    assert world.tell_claim(id_, TellState.ESCALATE) == "stale"
    assert world.claim(id_, attempt=7).outcome == "stale"
    world.store.link(id_, "root", "parent")
    assert world.store.past.waiting() == before


def test_a_claim_says_by_which_remedy_and_a_delivery_to_whom_it_went(world: World) -> None:
    id_ = world.healed()
    world.verify(id_, "failing")
    assert world.tell_claim(id_, TellState.ALERT) == "go"
    world.store.mark_told(id_, TellState.ALERT, "log", world.now)
    world.store.postpone_telling(id_, TellState.ALERT, world.now, world.now + HOLD, "no route")
    by_kind = {step["kind"]: step for step in steps(world)}
    assert (by_kind["claimed"]["act"], by_kind["claimed"]["cure"]) == ("restart", 1)
    assert (by_kind["told"]["step"], by_kind["told"]["channel"]) == ("alert", "log")
    assert (by_kind["delivery failed"]["step"], by_kind["delivery failed"]["text"]) == ("alert", "no route")


def test_what_a_spool_keeps_and_sends_later_says_so_of_its_step_and_channel(world: World) -> None:
    id_ = world.alerting()
    note = Notification("alert", id_, "t", "x", "high", "c", TARGET, NODE, world.now, {})
    world.store.spool.keep("ops", note, id_, "alert", world.now, "kept: 503")
    assert incidents(world)[-1]["kept:alert:ops"] == "1"
    kept = world.store.spool.first("ops")
    assert kept is not None
    world.store.spool.done("ops", kept, world.now)
    assert "kept:alert:ops" not in incidents(world)[-1]
    by_kind = {step["kind"]: (step["step"], step["channel"]) for step in steps(world) if "channel" in step}
    assert by_kind["delivery failed"] == by_kind["told"] == ("alert", "ops")


def test_evidence_is_in_the_entry_that_tells_of_it_unless_it_is_too_large(world: World) -> None:
    small, large = world.fails("small"), world.fails("large")
    for id_, lines in ((small, 1), (large, 2000)):
        world.store.keep_evidence(
            id_, Evidence(world.now, {"exit_code": 1}, ["a log line"] * lines), "taken", world.now
        )
    found = {json.loads(each["incident"])["id"]: each.get("evidence") for each in entries(world)}
    assert json.loads(found[small] or "")["log_tail"] == ["a log line"]
    assert found[large] is None
    assert all("evidence" not in each for each in incidents(world))


def test_an_entry_stays_small_however_long_the_texts_are_and_no_character_is_cut_in_two(world: World) -> None:
    id_ = world.alerting()
    world.store.acknowledge(id_, "ann", world.now, "ä" * 50_000)
    world.store.postpone_telling(id_, TellState.ALERT, world.now, world.now + HOLD, "xy" + "€" * 50_000)
    assert all(len(str(each).encode()) < 10_000 for each in entries(world))
    assert steps(world)[-1]["text"].startswith("xy€€")


def test_who_silences_and_who_ends_it_is_in_it(world: World) -> None:
    silence = Silence("s1", "*", TARGET, NODE, world.now + HOLD, "ann", "deploy")
    world.store.add_silence(silence)
    assert world.store.remove_silence("s1", "bob")
    assert not world.store.remove_silence("s1", "bob")
    acts = [json.loads(each["act"]) for each in entries(world)]
    assert [(each["verb"], each["by"]) for each in acts] == [("add silence", "ann"), ("remove silence", "bob")]
    assert json.loads(acts[1]["about"])["target"] == TARGET


def test_the_stream_keeps_its_newest_entries_and_their_numbers_tell_of_the_lost_ones(
    redis_server: RedisServer, world: World
) -> None:
    world.store = Store(connect(redis_server.url), world.keys.prefix, Identity(), HOLD, history=LENGTH)
    for _ in range(200):
        world.fails()
        world.is_ok()
    numbers = [int(each["n"]) for each in entries(world)]
    assert LENGTH <= len(numbers) <= LENGTH + NODE_ENTRIES
    assert numbers == list(range(401 - len(numbers), 401))
    world.store.close()


def test_what_was_fed_is_gone_and_what_came_meanwhile_stays(world: World) -> None:
    world.fails("a")
    world.fails("b")
    first, second = world.store.past.entries(None, 10)
    assert world.store.past.entries(first[0], 10) == [second]
    world.store.past.fed(first[0], 1)
    world.store.past.fed(first[0], 1)
    assert world.store.past.entries(None, 10) == [second]


def test_one_has_the_turn_until_it_ends_it_or_rests(world: World) -> None:
    past = world.store.past
    assert past.take_turn(HOLD)
    assert not past.take_turn(HOLD)
    past.end_turn()
    assert past.take_turn(HOLD)
    past.end_turn(rest=HOLD)
    assert not past.take_turn(HOLD)


def test_a_day_s_digest_has_one_teller_and_is_told_once(world: World) -> None:
    past, day = world.store.past, date(2026, 11, 24)
    assert past.claim_digest(day, world.now, TELL_LEASE) == "go"
    assert past.claim_digest(day, world.now, TELL_LEASE) == "early"
    past.mark_digest(day, "log", world.now)
    assert past.digest() == (None, frozenset({"log"}))
    world.later(TELL_LEASE - timedelta(milliseconds=1))
    assert past.claim_digest(day, world.now, TELL_LEASE) == "early"
    world.later(timedelta(milliseconds=1))
    assert past.claim_digest(day, world.now, TELL_LEASE) == "go"
    past.finish_digest(day, world.now, "told")
    assert past.digest() == (day, frozenset())
    for earlier in (day, day - timedelta(days=1)):
        assert past.claim_digest(earlier, world.now + HOLD * 9, TELL_LEASE) == "sent"
    assert past.claim_digest(day + timedelta(days=1), world.now, TELL_LEASE) == "go"


def test_one_that_was_held_up_for_a_day_spoils_nothing_of_the_next(world: World) -> None:
    past, day = world.store.past, date(2026, 11, 24)
    assert past.claim_digest(day, world.now, TELL_LEASE) == "go"
    assert past.claim_digest(day + timedelta(days=1), world.now, TELL_LEASE) == "go"
    past.mark_digest(day, "chat", world.now)
    past.finish_digest(day, world.now, "told")
    assert past.claim_digest(day, world.now, TELL_LEASE) == "sent"
    past.mark_digest(day + timedelta(days=1), "log", world.now)
    assert past.digest() == (None, frozenset({"log"}))


def test_what_a_spool_has_of_a_digest_counts_as_told_of_that_day_alone(world: World) -> None:
    past, spool, day = world.store.past, world.store.spool, date(2026, 11, 24)
    assert past.claim_digest(day, world.now, TELL_LEASE) == "go"
    for of in (day, day - timedelta(days=1)):
        note = Notification("digest", f"digest-{of}", "t", "x", "info", "guardian", "digest", NODE, world.now, {})
        spool.keep("ops" if of == day else "chat", note, f"digest-{of}", "digest", world.now, "kept: 503")
    assert past.digest() == (None, frozenset({"ops"}))
    kept = spool.first("ops")
    assert kept is not None
    spool.done("ops", kept, world.now)
    acts = [json.loads(each["act"]) for each in entries(world) if "act" in each]
    assert [(each["verb"], each["channel"], each["day"]) for each in acts] == [
        ("digest failed", "ops", "2026-11-24"), ("digest failed", "chat", "2026-11-23"),
        ("digest told", "ops", "2026-11-24"),
    ]  # fmt: skip


def scanned(world: World, number: int, *, agent: str = "a", verdict: str = "block") -> bool:
    scan = {"id": f"m{number}"} if verdict != "allow" else None
    return world.store.scans.count(f"m{number}", agent=agent, verdict=verdict, rules=["G101"], scan=scan, now=world.now)


def test_a_flood_of_blocked_scripts_is_counted_and_does_not_fill_the_stream(world: World) -> None:
    for number in range(1_200):
        assert scanned(world, number)
    assert sum("scan" in each for each in entries(world)) == 1_000
    assert world.store.scans.hand_over() == 2
    (counts,) = [json.loads(each["scans"]) for each in entries(world) if "scans" in each]
    assert {(each["what"], each["agent"], each["count"]) for each in counts} == {
        ("block", "a", 1200),
        ("G101", "a", 1200),
    }
    world.later(timedelta(days=1))
    scanned(world, 1_200)
    assert sum("scan" in each for each in entries(world)) == 1_001


def test_agents_without_number_are_counted_together(world: World) -> None:
    for number in range(1_100):
        scanned(world, number, agent=f"agent {number}", verdict="allow")
    handed = 0
    while some := world.store.scans.hand_over():
        handed += some
    assert handed <= 2_002
    counts = [each for entry in entries(world) for each in json.loads(entry.get("scans", "[]"))]
    assert {each["count"] for each in counts if each["agent"] == "(others)"} == {100}
    assert sum(each["count"] for each in counts if each["what"] == "allow") == 1_100


def test_what_was_handed_over_is_not_again_until_it_changes(world: World) -> None:
    scanned(world, 1)
    assert world.store.scans.hand_over() == 2
    assert world.store.scans.hand_over() == 0
    scanned(world, 1)
    assert world.store.scans.hand_over() == 0
    scanned(world, 2)
    assert world.store.scans.hand_over() == 2
