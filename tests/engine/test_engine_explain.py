"""Why it was not healed, and what is next, for every state that an incident can be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from guardian.engine.explain import MEANING, what_next, why_no_heal
from guardian.model import Action, HealState, IncidentState, Reason, Silence, TellState, Transition
from tests.notify.incidents import AT, incident

LATER, LATEST = AT + timedelta(minutes=5), AT + timedelta(hours=1)
SILENCE = Silence("s", "*", "*", "*", LATEST, "anna", "")


def test_every_reason_has_a_meaning() -> None:
    assert set(MEANING) == set(Reason)


@pytest.mark.parametrize(("heal", "tell"), list(product(HealState, TellState)))
def test_whatever_is_due_is_named_with_its_time(heal: HealState, tell: TellState) -> None:
    open_one = incident(heal=heal, heal_due=LATER, tell=tell, tell_due=LATEST)
    at = {LATER} if heal is not HealState.NONE else set()
    at |= {LATEST} if tell not in (TellState.NONE, TellState.TOLD) else set()
    assert {step.at for step in what_next(open_one) if step.at} == at


@pytest.mark.parametrize("tell", [TellState.ALERT, TellState.ESCALATE])
def test_what_a_silence_holds_back_is_due_when_it_ends(tell: TellState) -> None:
    [step] = what_next(incident(tell=tell, tell_due=LATER), SILENCE)
    assert step.at == LATEST
    assert "silenced by anna" in step.what


@pytest.mark.parametrize("tell", [TellState.RESOLVED, TellState.CLOSE])
def test_the_good_end_is_not_held_back_by_a_silence(tell: TellState) -> None:
    over = incident(state=IncidentState.RESOLVED, resolved_at=AT, tell=tell, tell_due=LATER)
    assert [step.at for step in what_next(over, SILENCE)] == [LATER]


def test_one_that_somebody_took_names_them() -> None:
    [step] = what_next(incident(tell=TellState.TOLD, acked_by="anna"))
    assert step.what.startswith("anna took it")


def test_one_that_the_fleet_brake_holds_waits_for_its_turn() -> None:
    [step] = what_next(incident(action=Action.WAIT, reason=Reason.FLEET_BRAKE))
    assert "turn" in step.what


def test_nothing_is_next_once_it_is_over_and_told() -> None:
    assert what_next(incident(state=IncidentState.RESOLVED, resolved_at=AT)) == []


@pytest.mark.parametrize("reason", list(Reason))
def test_a_decision_against_a_heal_is_given_with_its_meaning(reason: Reason) -> None:
    assert why_no_heal(incident(action=Action.ALERT, reason=reason), ()) == f"{reason}: {MEANING[reason]}"


def test_while_a_heal_is_decided_there_is_no_reason_against_it() -> None:
    story = (Transition(AT, "decided", "heal", "failing"),)
    assert why_no_heal(incident(action=Action.HEAL, reason=Reason.FAILING), story) is None


def test_a_reason_of_another_version_is_shown_as_it_is() -> None:
    story = (Transition(datetime(2026, 1, 1, tzinfo=UTC), "decided", "alert", "some new reason"),)
    assert why_no_heal(replace(incident(), action=None, reason=None), story) == "some new reason"
