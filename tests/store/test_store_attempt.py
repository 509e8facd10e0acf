"""How an attempt ends: finished with its token, refused, verified. Each end has one winner."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from guardian.model import Action, HealState, IncidentState, Key, Reason, TellState
from tests.store.world import CHECK, MS, NODE, TARGET, TERMS, VERIFY_AFTER, World

KEY = Key(CHECK, NODE, TARGET)
SHORT = replace(TERMS, lease=timedelta(milliseconds=5))


@pytest.fixture
def acting(world: World) -> str:
    """The incident of an attempt that was claimed with `token`."""
    id_ = world.planned()
    assert world.claim(id_).outcome == "granted"
    return id_


def test_a_done_heal_cools_down_and_waits_for_the_verifying_look(world: World, acting: str) -> None:
    world.later(timedelta(seconds=2))
    assert world.finish(acting, outcome="done")
    incident = world.incident(acting)
    assert (incident.heal, incident.healed_at, incident.heal_due) == (
        HealState.VERIFYING, world.now, world.now + VERIFY_AFTER,
    )  # fmt: skip
    assert world.due() == {(acting, "heal"): world.now + VERIFY_AFTER}
    assert world.facts(acting).cooldown_until == world.now + TERMS.cooldown
    assert (incident.tell, world.kinds(acting)[-1]) == (TellState.NONE, "healed")


def test_a_failed_heal_cools_down_and_is_told_at_once(world: World, acting: str) -> None:
    assert world.finish(acting, outcome="failed")
    incident = world.incident(acting)
    assert (incident.heal, incident.reason, incident.circuit_broken) == (HealState.NONE, Reason.HEAL_FAILED, False)
    assert world.due() == {(acting, "tell"): world.now}
    assert world.facts(acting).cooldown_until == world.now + TERMS.cooldown
    assert world.kinds(acting)[-1] == "heal failed"
    world.tell(acting, TellState.ALERT)
    assert world.incident(acting).tell_due == world.now  # the escalation does not wait


def test_a_broken_circuit_is_kept_and_told_at_once(world: World, acting: str) -> None:
    assert world.finish(acting, outcome="broken", cooldown=timedelta(0))
    incident = world.incident(acting)
    assert (incident.heal, incident.circuit_broken, incident.tell) == (HealState.NONE, True, TellState.ALERT)
    assert world.due() == {(acting, "tell"): world.now}
    assert world.facts(acting).cooldown_until is None
    assert world.kinds(acting)[-1] == "circuit broken"


@pytest.mark.parametrize("outcome", ["done", "failed", "broken"])
def test_with_the_wrong_token_nothing_is_finished(world: World, acting: str, outcome: str) -> None:
    before = (world.incident(acting), world.due(), world.store.story(acting))
    assert not world.finish(acting, "wrong", outcome)
    assert not world.finish(acting, "", outcome)
    assert not world.finish(acting, outcome=outcome, attempt=0)
    assert not world.finish(acting, outcome=outcome, attempt=2)
    assert not world.finish("never", outcome=outcome, attempt=0)
    assert (world.incident(acting), world.due(), world.store.story(acting)) == before
    assert world.store.holds(KEY.node, KEY.target, "token")


@pytest.mark.parametrize("outcome", ["done", "failed", "broken"])
def test_finishing_twice_changes_nothing(world: World, acting: str, outcome: str) -> None:
    assert world.finish(acting, outcome=outcome)
    before = (world.incident(acting), world.due(), world.store.story(acting), world.facts(acting))
    world.later(timedelta(seconds=10))
    assert not world.finish(acting, outcome="done")
    assert not world.finish(acting, outcome="failed")
    assert (world.incident(acting), world.due(), world.store.story(acting), world.facts(acting)) == before


def test_who_lost_the_lease_to_another_does_not_finish(world: World) -> None:
    id_ = world.planned()
    world.claim(id_, "first", SHORT)
    world.lose_lease(KEY, "first")
    world.claim(id_, "second")
    assert not world.finish(id_, "first")
    assert world.finish(id_, "second")


def test_an_attempt_that_was_spent_and_refused_is_not_finished_by_its_last_worker(world: World) -> None:
    id_ = world.planned()
    once = replace(SHORT, takeovers=0)
    world.claim(id_, terms=once)
    world.lose_lease(KEY)
    assert world.claim(id_, "second", once).outcome == "spent"
    assert world.store.refuse(id_, 1, world.now, Reason.HEAL_FAILED, tell=False)
    assert not world.finish(id_)
    assert world.incident(id_).heal is HealState.NONE


def test_a_lease_that_ran_out_but_was_not_taken_may_still_be_finished(world: World) -> None:
    id_ = world.planned()
    world.claim(id_, terms=SHORT)
    world.lose_lease(KEY)
    assert world.finish(id_)


def test_of_two_that_finish_at_once_one_wins(world: World, acting: str) -> None:
    stores = [world.another() for _ in range(8)]

    def finish(n: int) -> bool:
        return stores[n].finish(
            acting, 1, "token", world.now, cooldown=TERMS.cooldown, outcome="done", text="", verify_at=world.now
        )

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(finish, range(8))) == 1
    assert world.kinds(acting).count("healed") == 1


@pytest.mark.parametrize("tell", [True, False])
def test_a_refused_attempt_is_taken_back_and_told_where_asked(world: World, *, tell: bool) -> None:
    id_ = world.planned()
    assert world.store.refuse(id_, 1, world.now, Reason.COOLDOWN, tell=tell)
    incident = world.incident(id_)
    assert (incident.heal, incident.heal_due, incident.attempt) == (HealState.NONE, None, 1)
    assert (incident.action, incident.reason) == (Action.ALERT, Reason.COOLDOWN)
    assert world.due() == ({(id_, "tell"): world.now} if tell else {})
    assert world.decide(id_).attempt == 2


def test_an_attempt_that_is_not_planned_any_more_cannot_be_refused(world: World) -> None:
    id_ = world.fails()
    for attempt in (0, 1):
        assert not world.store.refuse(id_, attempt, world.now, Reason.COOLDOWN, tell=True)
    world.decide(id_)
    assert not world.store.refuse(id_, 0, world.now, Reason.COOLDOWN, tell=True)
    assert not world.store.refuse(id_, 2, world.now, Reason.COOLDOWN, tell=True)
    assert not world.store.refuse("never", 0, world.now, Reason.COOLDOWN, tell=True)
    assert world.store.refuse(id_, 1, world.now, Reason.COOLDOWN, tell=False)
    before = (world.incident(id_), world.store.story(id_))
    assert not world.store.refuse(id_, 1, world.now, Reason.BUDGET_USED, tell=True)
    assert (world.incident(id_), world.store.story(id_)) == before
    verifying = world.healed("other")
    assert not world.store.refuse(verifying, 1, world.now, Reason.COOLDOWN, tell=True)


def test_verified_healthy_resolves_and_lifts_the_cooldown(world: World) -> None:
    id_ = world.healed()
    world.later(VERIFY_AFTER)
    assert world.verify(id_) == "resolved"
    incident = world.incident(id_)
    assert (incident.state, incident.heal, incident.resolved_at) == (
        IncidentState.RESOLVED, HealState.NONE, world.now,
    )  # fmt: skip
    assert (incident.resolution, incident.tell) == ("healed: looks healthy", TellState.NONE)
    assert (world.due(), world.open_names()) == ({}, {})
    assert world.claim(world.planned()).outcome == "granted"  # a later failure heals at once


@pytest.mark.parametrize(("always", "tell"), [(True, TellState.RESOLVED), (False, TellState.NONE)])
def test_a_good_end_that_nobody_waits_for_is_told_only_where_asked(
    world: World, *, always: bool, tell: TellState
) -> None:
    id_ = world.healed()
    assert world.verify(id_, always_tell=always) == ("good end" if always else "resolved")
    assert world.incident(id_).tell is tell
    assert world.due() == ({(id_, "tell"): world.now} if always else {})


def test_a_good_end_of_what_was_told_is_told(world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, TellState.ALERT)
    world.decide(id_)
    world.claim(id_)
    world.finish(id_)
    assert world.verify(id_) == "good end"
    assert world.incident(id_).tell is TellState.RESOLVED
    assert world.due() == {(id_, "tell"): world.now}


def test_verified_failing_stays_open_cools_down_and_is_told_at_once(world: World) -> None:
    id_ = world.healed()
    world.later(VERIFY_AFTER)
    assert world.verify(id_, "failing") == "failed"
    incident = world.incident(id_)
    assert (incident.state, incident.heal, incident.tell) == (IncidentState.OPEN, HealState.NONE, TellState.ALERT)
    assert (incident.action, incident.reason) == (Action.ALERT, Reason.HEAL_FAILED)
    assert world.facts(id_).cooldown_until == world.now + TERMS.cooldown - VERIFY_AFTER
    assert world.due() == {(id_, "tell"): world.now}
    world.tell(id_, TellState.ALERT)
    assert world.tell_claim(id_, TellState.ESCALATE) == "go"


def test_blind_verifying_looks_are_repeated_up_to_their_limit(world: World) -> None:
    id_ = world.healed()
    for _ in range(2):
        world.later(VERIFY_AFTER)
        assert world.verify(id_, "unknown", unknowns=3) == "again"
        assert world.due() == {(id_, "heal"): world.now + VERIFY_AFTER}
        assert world.incident(id_).heal is HealState.VERIFYING
    assert world.verify(id_, "unknown", unknowns=3) == "failed"
    assert world.incident(id_).tell is TellState.ALERT
    assert list(world.due()) == [(id_, "tell")]


def test_blind_looks_are_counted_anew_for_the_next_attempt(world: World) -> None:
    for _ in range(2):
        id_ = world.healed()
        assert world.verify(id_, "unknown", unknowns=2) == "again"
        assert world.verify(id_, "unknown", unknowns=2) == "failed"
        world.later(TERMS.cooldown)


@pytest.mark.parametrize("outcome", ["healthy", "failing", "unknown"])
def test_a_verifying_look_of_what_is_not_verifying_is_stale(world: World, outcome: str) -> None:
    id_ = world.fails()
    assert world.verify(id_, outcome) == "stale"
    world.decide(id_)
    assert world.verify(id_, outcome) == "stale"
    world.claim(id_)
    assert world.verify(id_, outcome) == "stale"
    world.finish(id_)
    assert world.verify(id_, outcome, attempt=0) == world.verify(id_, outcome, attempt=2) == "stale"
    assert world.verify("never", outcome, attempt=0) == "stale"
    assert world.incident(id_).heal is HealState.VERIFYING
    world.verify(id_)
    before = (world.incident(id_), world.store.story(id_))
    assert world.verify(id_, outcome) == "stale"
    assert (world.incident(id_), world.store.story(id_)) == before


def test_of_verifying_looks_that_end_at_once_one_wins(world: World) -> None:
    id_ = world.healed()
    stores = [world.another() for _ in range(8)]
    outcomes = ["healthy", "failing"] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: world.verify(id_, outcomes[n], attempt=1, store=stores[n]), range(8)))
    assert answers.count("stale") == 7
    assert sum(kind in ("verified", "not verified") for kind in world.kinds(id_)) == 1


def test_the_cooldown_of_a_heal_that_failed_its_look_refuses_the_next_one_until_its_limit(world: World) -> None:
    id_ = world.healed()
    world.later(VERIFY_AFTER)
    world.verify(id_, "failing")
    world.later(TERMS.cooldown - VERIFY_AFTER - MS)
    world.decide(id_)
    assert world.claim(id_).outcome == "cooldown"
    assert world.store.refuse(id_, 2, world.now, Reason.COOLDOWN, tell=True)
    world.later(MS)
    world.decide(id_)
    assert world.claim(id_).outcome == "granted"
