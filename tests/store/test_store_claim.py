"""The right to do one attempt: one winner, a lease that is taken over, cooldown and budget at their limits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from guardian.model import HealState, Key, OwnAct, Reason
from guardian.store.values import Claim, ClaimOutcome
from tests.store.world import CHECK, MS, NODE, TARGET, TERMS, World

SHORT = replace(TERMS, lease=timedelta(milliseconds=5))
OTHER = "gateway"
REPAIR = replace(TERMS, budget=0)
KEY = Key(CHECK, NODE, TARGET)


def test_a_granted_claim_is_acting_remembered_and_due_when_its_lease_ends(world: World) -> None:
    id_ = world.planned()
    world.later(timedelta(seconds=1))
    assert world.claim(id_) == Claim(ClaimOutcome.GRANTED, 1, world.now)
    assert world.incident(id_).heal is HealState.ACTING
    assert world.due() == {(id_, "heal"): world.now + TERMS.lease}
    assert world.store.acts(NODE) == [OwnAct(TARGET, "restart", world.now)]
    assert world.facts(id_).cures == 1
    assert world.kinds(id_)[-1] == "claimed"


def test_of_sixteen_claims_at_once_one_is_granted(world: World) -> None:
    id_ = world.planned()
    barrier = Barrier(16)
    stores = [world.another() for _ in range(16)]

    def claim(n: int) -> str:
        stores[n].holds(KEY.node, KEY.target, "none")  # connected before the race
        barrier.wait(10)
        return world.claim(id_, f"token-{n}", attempt=1, store=stores[n]).outcome

    with ThreadPoolExecutor(16) as pool:
        outcomes = sorted(pool.map(claim, range(16)))
    assert outcomes == ["busy"] * 15 + ["granted"]
    assert world.facts(id_).cures == 1


def test_while_the_lease_lives_everybody_else_is_told_busy(world: World) -> None:
    id_ = world.planned()
    other = world.planned(check=OTHER)
    world.claim(id_)
    began = world.now
    world.later(TERMS.lease * 100)  # a lease's end goes by the server's clock
    for claimed in (world.claim(id_), world.claim(id_, "another"), world.claim(other), world.claim(id_, terms=REPAIR)):
        assert claimed == Claim(ClaimOutcome.BUSY, 0, began)


@pytest.mark.parametrize("attempt", [0, 2])
def test_a_claim_for_another_attempt_is_stale(world: World, attempt: int) -> None:
    id_ = world.planned()
    assert world.claim(id_, attempt=attempt) == Claim(ClaimOutcome.STALE, 0, None)
    assert world.claim(id_, attempt=1).outcome == "granted"


def test_a_claim_where_nothing_is_planned_is_stale(world: World) -> None:
    id_ = world.fails()
    assert world.claim(id_).outcome == "stale"
    assert world.claim("never", attempt=0).outcome == "stale"
    verifying = world.healed("other")
    assert world.claim(verifying).outcome == "stale"
    world.verify(verifying)
    assert world.claim(verifying).outcome == "stale"
    assert world.store.acts(NODE) == [OwnAct("other", "restart", world.now)]


def test_a_lease_that_ran_out_is_taken_over_with_the_time_of_the_first_claim(world: World) -> None:
    id_ = world.planned()
    first = world.claim(id_, "first", SHORT)
    world.lose_lease(KEY, "first")
    world.later(timedelta(seconds=20))
    second = world.claim(id_, "second")
    assert second == Claim(ClaimOutcome.TAKEOVER, first.fence + 1, first.claimed_at)
    assert world.facts(id_).cures == 1  # the same attempt is counted once
    assert (world.store.holds(KEY.node, KEY.target, "first"), world.store.holds(KEY.node, KEY.target, "second")) == (
        False,
        True,
    )
    assert world.due() == {(id_, "heal"): world.now + TERMS.lease}
    assert "taken over" in world.kinds(id_)


def test_an_attempt_taken_over_too_often_is_spent(world: World) -> None:
    id_ = world.planned()
    began = world.claim(id_, "0", SHORT).claimed_at
    for n in range(TERMS.takeovers):
        world.lose_lease(KEY, str(n))
        assert world.claim(id_, str(n + 1), SHORT).outcome == "takeover"
    world.lose_lease(KEY, str(TERMS.takeovers))
    assert world.claim(id_, "last", SHORT) == Claim(ClaimOutcome.SPENT, 0, began)
    assert world.store.refuse(id_, 1, world.now, Reason.HEAL_FAILED, tell=True)
    assert world.incident(id_).heal is HealState.NONE


def test_takeovers_are_counted_anew_for_the_next_attempt(world: World) -> None:
    for attempt in (1, 2):
        id_ = world.planned()
        for token, outcome in (("a", "granted"), ("b", "takeover"), ("c", "takeover")):
            assert world.claim(id_, f"{token}{attempt}", SHORT).outcome == outcome
            world.lose_lease(KEY, f"{token}{attempt}")
        assert world.claim(id_, "d", SHORT).outcome == "spent"
        assert world.store.refuse(id_, attempt, world.now, Reason.HEAL_FAILED, tell=False)
        world.later(TERMS.cooldown)


def test_the_cooldown_after_a_heal_is_over_at_its_limit_and_not_before(world: World) -> None:
    id_ = world.healed()
    assert world.verify(id_, "failing") == "failed"
    other = world.planned(check=OTHER)  # one cooldown per target, whichever check asks
    world.decide(id_)
    world.later(TERMS.cooldown - MS)
    assert world.claim(id_) == Claim(ClaimOutcome.COOLDOWN, 0, None)
    assert world.claim(other).outcome == "cooldown"
    assert world.facts(id_).cures == 1
    world.later(MS)
    assert world.claim(id_).outcome == "granted"


def test_another_target_does_not_cool_down(world: World) -> None:
    world.healed()
    assert world.claim(world.planned("reader")).outcome == "granted"


def test_the_cooldown_of_a_lease_that_ran_out_counts_from_the_claim(world: World) -> None:
    id_, other = world.planned(), world.planned(check=OTHER)
    world.claim(id_, "first", SHORT)
    world.lose_lease(KEY, "first")
    world.later(TERMS.cooldown - MS)
    assert world.claim(other).outcome == "cooldown"
    assert world.claim(id_).outcome == "cooldown"  # the attempt was lost to the other's look at it
    world.later(MS)
    assert world.claim(other).outcome == "granted"
    assert not world.finish(id_, "first")


def test_a_repair_neither_cools_down_nor_is_counted(world: World) -> None:
    world.healed(check=OTHER)
    for attempt in range(1, 8):
        id_ = world.planned()
        assert world.claim(id_, terms=REPAIR).outcome == "granted"
        assert world.finish(id_, cooldown=timedelta(0))
        assert world.verify(id_, "failing") == "failed"
        assert world.incident(id_).attempt == attempt
    assert world.facts(id_).cures == 1
    assert world.facts(id_).cooldown_until == world.now + TERMS.cooldown


def test_the_budget_is_a_sliding_window_that_good_health_never_refunds(world: World) -> None:
    gap = timedelta(minutes=1)
    began = world.now
    for _ in range(TERMS.budget):
        id_ = world.healed()
        assert world.verify(id_) == "resolved"
        world.later(gap)
    id_ = world.planned()
    assert world.facts(id_).cures == TERMS.budget
    assert world.claim(id_) == Claim(ClaimOutcome.EXHAUSTED, 0, None)
    world.later(began + TERMS.window - MS - world.now)
    assert world.claim(id_).outcome == "exhausted"
    world.later(MS)
    assert world.claim(id_).outcome == "granted"
    assert world.facts(id_).cures == TERMS.budget
    world.finish(id_)
    world.verify(id_)
    world.later(gap - MS)
    id_ = world.planned()
    assert world.claim(id_).outcome == "exhausted"
    world.later(MS)
    assert world.claim(id_).outcome == "granted"


def test_fences_rise_over_attempts_and_takeovers(world: World) -> None:
    fences = []
    for n in range(3):
        id_ = world.planned()
        fences.append(world.claim(id_, f"a{n}", SHORT).fence)
        world.lose_lease(KEY, f"a{n}")
        fences.append(world.claim(id_, "b").fence)
        world.finish(id_, "b")
        world.verify(id_)
    assert fences == sorted(set(fences))
    assert 0 not in fences


def test_a_token_holds_until_its_lease_ends_or_it_finished(world: World) -> None:
    id_ = world.planned()
    assert not world.store.holds(KEY.node, KEY.target, "token")
    world.claim(id_)
    assert world.store.holds(KEY.node, KEY.target, "token")
    assert not world.store.holds(KEY.node, KEY.target, "another")
    assert not world.store.holds(KEY.node, "reader", "token")
    assert not world.store.holds("node-2", KEY.target, "token")
    world.finish(id_)
    assert not world.store.holds(KEY.node, KEY.target, "token")


def test_only_a_cure_waits_while_the_store_recovers(world: World) -> None:
    world.is_ok()
    world.client.flushdb()
    id_ = world.planned()
    assert world.facts(id_).recovering
    assert world.claim(id_) == Claim(ClaimOutcome.RECOVERING, 0, None)
    assert world.facts(id_).cures == 0
    assert world.claim(id_, terms=REPAIR).outcome == "granted"


def test_a_repair_of_the_same_name_has_a_lease_of_its_own_and_lifts_no_cooldown(world: World) -> None:
    """A work queue may be called as the process that empties it is."""
    subject = f"{OTHER}/{TARGET}"
    cured, repaired = world.planned(), world.planned(check=OTHER, subject=subject)
    world.claim(cured)
    assert world.claim(repaired, "mine", terms=REPAIR).outcome == "granted"
    assert world.store.holds(NODE, subject, "mine")
    assert world.store.holds(NODE, TARGET, "token")
    assert {act.target for act in world.store.acts(NODE)} == {TARGET, subject}
    world.finish(cured)
    until = world.facts(cured).cooldown_until
    world.finish(repaired, "mine", cooldown=timedelta(0))
    world.verify(repaired)
    assert until is not None
    assert world.facts(cured).cooldown_until == until


def test_two_incidents_that_one_cure_would_mend_have_one_lease_one_cooldown_and_one_budget(world: World) -> None:
    process, page = world.planned(), world.planned("page", check=OTHER, subject=TARGET)
    assert world.claim(page, "page's").outcome == "granted"
    assert world.claim(process, "process's").outcome == "busy"
    world.finish(page, "page's")
    assert world.claim(process, "process's").outcome == "cooldown"
    assert [world.facts(each).cures for each in (process, page)] == [1, 1]
    assert {act.target for act in world.store.acts(NODE)} == {TARGET}
    end = world.now + TERMS.cooldown
    assert {world.facts(each).cooldown_until for each in (process, page)} == {end}
    assert set(world.store.cooldowns(world.store.open_incidents(), world.now).values()) == {end}
