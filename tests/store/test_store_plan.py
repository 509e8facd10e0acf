"""Storing decisions: each only if its incident still is as the decider saw it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guardian.model import Action, Decision, Evidence, HealState, Hypothesis, Reason, Status, TellState
from guardian.store.values import Plan
from tests.store.world import CHECK, MS, NODE, RELEASE_EVERY, RESEND, TERMS, World

SEEN = ("exit code 1", "Traceback ä", "\ud800")


def evidence(world: World, cause: str = "it broke") -> Evidence:
    return Evidence(world.now, {"pid": None, "restarts": 3}, list(SEEN), Hypothesis("x", cause, "mend it"))


def test_a_decided_heal_is_the_next_attempt_and_due_for_the_sweep(world: World) -> None:
    id_ = world.fails()
    planned = world.decide(id_)
    assert (planned.incident, planned.attempt, planned.outcome) == (id_, 1, "heal")
    incident = world.incident(id_)
    assert (incident.heal, incident.action, incident.reason) == (HealState.PLANNED, Action.HEAL, Reason.FAILING)
    assert incident.heal_due == world.now + RESEND
    assert world.due() == {(id_, "heal"): world.now + RESEND}
    assert world.kinds(id_) == ["seen", "decided"]


def test_breaking_the_circuit_is_an_attempt_too(world: World) -> None:
    id_ = world.fails()
    assert world.decide(id_, Action.BREAK, Reason.BUDGET_USED).outcome == "heal"
    assert world.incident(id_).action is Action.BREAK


def test_several_decisions_are_answered_in_their_order(world: World) -> None:
    known = [world.incident(world.fails(target)) for target in ("a", "b", "c")]
    world.look(world.seen(Status.OK, "b"))
    heal = Decision(Action.HEAL, Reason.FAILING)
    plans = [Plan(incident, heal, cure=True) for incident in reversed(known)]
    planned = world.store.plan(plans, world.now, resend=RESEND, release_every=RELEASE_EVERY)
    assert [each.incident for each in planned] == [incident.id for incident in reversed(known)]
    assert [each.outcome for each in planned] == ["heal", "stale", "heal"]
    assert world.store.plan([], world.now, resend=RESEND, release_every=RELEASE_EVERY) == []


def test_a_decision_about_an_incident_that_went_on_is_stale(world: World) -> None:
    id_ = world.fails()
    known = world.incident(id_)
    assert world.decide(known).outcome == "heal"
    before = (world.incident(id_), world.store.story(id_), world.due())
    assert (world.decide(known).outcome, world.decide(known).attempt) == ("stale", 1)
    assert world.decide(id_, Action.ALERT, Reason.COOLDOWN).outcome == "stale"  # an attempt is open
    assert (world.incident(id_), world.store.story(id_), world.due()) == before


@pytest.mark.parametrize("attempt", [0, 2])
def test_a_decision_that_saw_another_attempt_is_stale(world: World, attempt: int) -> None:
    id_ = world.planned()
    assert world.store.refuse(id_, 1, world.now, Reason.COOLDOWN, tell=False)
    assert world.decide(replace(world.incident(id_), attempt=attempt)).outcome == "stale"
    assert world.decide(replace(world.incident(id_), attempt=1)).outcome == "heal"


def test_a_decision_about_an_incident_that_is_over_is_stale(world: World) -> None:
    known = world.incident(world.fails())
    world.is_ok()
    assert world.decide(known).outcome == "stale"
    assert world.decide(replace(known, id="never")).outcome == "stale"
    assert world.client.exists(world.keys.incident("never")) == 0
    assert world.due() == {}


def test_the_first_evidence_stands(world: World) -> None:
    id_ = world.fails()
    first = evidence(world)
    world.decide(id_, Action.WAIT, Reason.SILENCED, evidence=first)
    world.later(timedelta(seconds=10))
    world.decide(id_, evidence=evidence(world, "something else"))
    world.store.keep_evidence(id_, evidence(world, "a third"), "taken", world.now)
    assert world.incident(id_).evidence == first
    assert world.kinds(id_).count("evidence") == 1


def test_evidence_of_its_own_is_kept_once_and_only_of_an_open_incident(world: World) -> None:
    id_ = world.fails()
    first = evidence(world)
    world.store.keep_evidence(id_, first, "taken", world.now)
    world.store.keep_evidence(id_, evidence(world, "later"), "taken", world.now)
    assert world.incident(id_).evidence == first
    assert world.kinds(id_) == ["seen", "evidence"]
    world.is_ok()
    other = world.fails()
    world.is_ok()
    for over in (other, "never"):
        world.store.keep_evidence(over, first, "taken", world.now)
    assert world.incident(other).evidence is None
    assert world.store.incident("never") is None


def test_the_same_decision_is_told_once(world: World) -> None:
    id_ = world.fails()
    assert world.decide(id_, Action.ALERT, Reason.OBSERVING).outcome == "tell"
    assert world.decide(id_, Action.ALERT, Reason.OBSERVING).outcome == "wait"
    assert world.kinds(id_).count("decided") == 1
    assert world.decide(id_, Action.ALERT, Reason.SILENCED).outcome == "wait"  # being told already
    assert [step.reason for step in world.store.story(id_) if step.kind == "decided"] == [
        Reason.OBSERVING,
        Reason.SILENCED,
    ]


def test_a_decision_is_told_with_its_own_words_where_it_has_some(world: World) -> None:
    id_ = world.fails()
    plain = Plan(world.incident(id_), Decision(Action.ALERT, Reason.NO_REMEDY), cure=False)
    worded = replace(plain, decision=Decision(Action.WAIT, Reason.SILENCED), text="alert: port 80 is held by nginx")
    world.store.plan([plain, worded], world.now, resend=RESEND, release_every=RELEASE_EVERY)
    texts = [step.text for step in world.store.story(id_) if step.kind == "decided"]
    assert texts == ["alert", "alert: port 80 is held by nginx"]


def test_waiting_is_stored_and_starts_nothing(world: World) -> None:
    id_ = world.fails()
    assert world.decide(id_, Action.WAIT, Reason.FLEET_BRAKE).outcome == "wait"
    incident = world.incident(id_)
    assert (incident.reason, incident.attempt, incident.tell) == (Reason.FLEET_BRAKE, 0, TellState.NONE)
    assert world.due() == {}


def test_the_brake_lets_one_cure_through_at_a_time(world: World) -> None:
    ids = [world.fails(target) for target in ("a", "b", "c")]
    world.look(world.seen(Status.OK, "other"), brake="engage")
    assert world.decide(ids[0], evidence=evidence(world)).outcome == "held"
    held = world.incident(ids[0])
    assert (held.heal, held.attempt, held.action) == (HealState.NONE, 0, None)
    assert held.evidence is not None  # it is of before the act, whenever that comes
    world.later(RELEASE_EVERY - MS)
    assert world.facts(ids[0]).held
    assert world.decide(ids[0]).outcome == "held"
    world.later(MS)
    assert not world.facts(ids[0]).held
    assert [world.decide(id_).outcome for id_ in ids] == ["heal", "held", "held"]
    world.later(RELEASE_EVERY - MS)
    assert world.decide(ids[1]).outcome == "held"
    world.later(MS)
    assert [world.decide(id_).outcome for id_ in ids[1:]] == ["heal", "held"]
    world.look(world.seen(Status.OK, "other"), brake="release")
    assert world.decide(ids[2]).outcome == "heal"


def test_the_brake_holds_cures_only(world: World) -> None:
    repair, alert, stop = (world.fails(target) for target in ("a", "b", "c"))
    world.look(world.seen(Status.OK, "other"), brake="engage")
    assert world.decide(repair, cure=False).outcome == "heal"
    assert world.decide(alert, Action.ALERT, Reason.OBSERVING).outcome == "tell"
    assert world.decide(stop, Action.BREAK, Reason.BUDGET_USED, cure=False).outcome == "heal"


def test_facts_are_of_the_open_incidents_in_the_order_given(world: World) -> None:
    first, over, third = (world.fails(target) for target in ("a", "b", "c"))
    world.is_ok("b")
    found = world.store.facts([third, "never", over, first], TERMS.window, world.now)
    assert [facts.incident.id for facts in found] == [third, first]
    assert [(f.cooldown_until, f.cures, f.held, f.recovering) for f in found] == [(None, 0, False, False)] * 2
    assert world.store.incidents([]) == []


def test_facts_count_cures_and_cooldown_up_to_their_limits(world: World) -> None:
    id_ = world.healed()
    healed_at = world.now
    facts = world.facts(id_)
    assert (facts.cures, facts.cooldown_until) == (1, healed_at + TERMS.cooldown)
    assert dict(world.store.cooldowns([facts.incident], world.now)) == {facts.incident.key: healed_at + TERMS.cooldown}
    world.later(TERMS.cooldown - MS)
    assert world.facts(id_).cooldown_until == healed_at + TERMS.cooldown
    world.later(MS)
    assert world.facts(id_).cooldown_until is None
    assert world.store.cooldowns([facts.incident], world.now) == {}
    world.later(TERMS.window - TERMS.cooldown - MS)
    assert world.facts(id_).cures == 1
    world.later(MS)
    assert world.facts(id_).cures == 0


def test_the_message_that_carries_an_incident_is_noted_only_while_it_is_kept(world: World) -> None:
    id_ = world.fails()
    world.store.link(id_, "root", "parent")
    world.store.link("never", "root", "parent")
    assert (world.incident(id_).root_id, world.incident(id_).parent_id) == ("root", "parent")
    assert world.client.exists(world.keys.incident("never")) == 0
    assert world.store.checks([(CHECK, NODE)])[0].check == CHECK
