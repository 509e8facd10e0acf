"""Two checks of one story: every order in which they can fail, be told, be healed and end, as a table."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from guardian.decide.beside import Beside, heard, one_voice, takes_in
from guardian.decide.policy import Case, Rules, decide
from guardian.model import (
    Action,
    Decision,
    HealState,
    Incident,
    Key,
    Mode,
    Reason,
    RemedyKind,
    Severity,
    Status,
    TellState,
    Verdict,
)
from tests.decide.test_policy import INCIDENT, NOW

HEAL = Decision(Action.HEAL, Reason.FAILING)
TOLD_ALONE = Decision(Action.ALERT, Reason.NO_REMEDY, at_once=True)
BROKE = Decision(Action.BREAK, Reason.BUDGET_USED, at_once=True)
WAITS, TELLS = Decision(Action.WAIT, Reason.TAKEN_IN), Decision(Action.ALERT, Reason.TAKEN_IN, at_once=True)
QUIET = Decision(Action.WAIT, Reason.TOLD_ALREADY)
FAILS = Verdict("writer", Status.FAIL, "stopped")
TOLD = (TellState.ALERT, TellState.ESCALATE, TellState.TOLD)


def anomaly(**changes: object) -> Incident:
    return replace(INCIDENT, id="a", key=Key("restart_anomaly", "node-1", "writer"), **changes)  # type: ignore[arg-type]


TAKEN_IN = [
    # this one's tell,   the other's reason,      is it heard,  what is done
    (TellState.NONE, None, False, WAITS),  # the other is not decided yet: so it is at the next look
    (TellState.NONE, Reason.NO_REMEDY, True, WAITS),
    (TellState.NONE, Reason.NO_REMEDY, False, TELLS),  # silenced, that one
    (TellState.NONE, Reason.TOLD_ALREADY, False, TELLS),  # quiet since an earlier one of this check was told
    *((tell, reason, reason is Reason.NO_REMEDY, TELLS) for tell in TOLD for reason in (None, Reason.NO_REMEDY)),
]


@pytest.mark.parametrize(("tell", "reason", "is_heard", "expected"), TAKEN_IN)
@pytest.mark.parametrize("alone", [HEAL, TOLD_ALONE, Decision(Action.WAIT, Reason.FLEET_BRAKE)])
def test_what_is_taken_in_is_never_healed_and_told_only_when_nobody_hears_of_the_other(
    tell: TellState, reason: Reason | None, is_heard: bool, expected: Decision, alone: Decision
) -> None:
    over = Beside(anomaly(reason=reason), is_heard)
    assert one_voice(replace(INCIDENT, tell=tell), FAILS, alone, over, None) == expected


@pytest.mark.parametrize("alone", [HEAL, TOLD_ALONE, BROKE])
def test_without_another_incident_it_is_decided_alone(alone: Decision) -> None:
    assert one_voice(INCIDENT, FAILS, alone, None, None) == alone


def test_when_the_other_ends_first_it_is_decided_anew() -> None:
    waited = replace(INCIDENT, action=Action.WAIT, reason=Reason.TAKEN_IN)
    assert one_voice(waited, FAILS, HEAL, None, None) == HEAL


@pytest.mark.parametrize(("over", "status"), list(product([Status.FAIL, Status.UNKNOWN], repeat=2)))
def test_only_the_same_kind_of_trouble_is_one_story(over: Status, status: Status) -> None:
    assert takes_in(anomaly(status=over), status) is (over is status)
    assert not takes_in(anomaly(status=over, severity=Severity.WARNING), status)


def test_breaking_the_circuit_is_done_and_told_all_the_same() -> None:
    over = Beside(anomaly(reason=Reason.NO_REMEDY), heard=True)
    assert one_voice(INCIDENT, FAILS, BROKE, over, None) == BROKE
    broken = Decision(Action.ALERT, Reason.CIRCUIT_BROKEN, at_once=True)
    assert one_voice(replace(INCIDENT, circuit_broken=True), FAILS, broken, over, None) == broken


KNOWN = [
    # this one's tell, reason,          is the other one open and heard,  is it news,  what is done
    (TellState.NONE, None, True, True, QUIET),
    (TellState.NONE, None, False, True, TOLD_ALONE),
    (TellState.NONE, None, None, True, TOLD_ALONE),
    (TellState.NONE, Reason.TOLD_ALREADY, True, True, QUIET),
    (TellState.NONE, Reason.TOLD_ALREADY, None, False, QUIET),  # the other ended, and nothing happened since
    (TellState.NONE, Reason.TOLD_ALREADY, None, True, TOLD_ALONE),
    (TellState.NONE, None, None, False, TOLD_ALONE),  # nobody ever heard of it
    *((tell, Reason.NO_REMEDY, known, False, TOLD_ALONE) for tell in TOLD for known in (True, False, None)),
]


@pytest.mark.parametrize(("tell", "reason", "known", "news", "expected"), KNOWN)
def test_what_a_person_heard_by_the_check_that_it_takes_in_is_not_told_again(
    tell: TellState, reason: Reason | None, known: bool | None, news: bool, expected: Decision
) -> None:
    under = None if known is None else Beside(INCIDENT, known)
    own = anomaly(tell=tell, reason=reason)
    assert one_voice(own, replace(FAILS, news=news), TOLD_ALONE, None, under) == expected


def test_that_a_supervisor_cannot_be_seen_is_told_by_one_of_the_two() -> None:
    blind, alone = Verdict("pm2", Status.UNKNOWN, "it hangs"), Decision(Action.ALERT, Reason.LASTING_UNKNOWN)
    told = Beside(replace(INCIDENT, status=Status.UNKNOWN, tell=TellState.ESCALATE), heard=True)
    assert one_voice(anomaly(status=Status.UNKNOWN), blind, alone, None, told) == QUIET
    over = Beside(anomaly(status=Status.UNKNOWN, tell=TellState.ESCALATE, reason=Reason.LASTING_UNKNOWN), heard=True)
    assert one_voice(INCIDENT, blind, alone, over, None) == WAITS


@pytest.mark.parametrize("tell", TellState)
@pytest.mark.parametrize("alerted", [None, NOW])
@pytest.mark.parametrize("silenced", [True, False])
def test_heard_is_what_was_told_or_is_about_to_be(tell: TellState, alerted: object, silenced: bool) -> None:
    expected = alerted is not None or (tell is not TellState.NONE and not silenced)
    assert heard(anomaly(tell=tell, alerted_at=alerted), silenced=silenced) is expected


def test_the_policy_asks_it_and_a_heal_under_way_goes_first() -> None:
    over = Beside(anomaly(reason=Reason.NO_REMEDY), heard=True)
    case, rules = Case(INCIDENT, FAILS, RemedyKind.CURE, over=over), Rules(Mode.HEAL, 5, break_circuit=True)
    assert decide(case, rules, NOW) == WAITS
    assert decide(replace(case, cures=5, can_break=True), rules, NOW) == BROKE
    acting = replace(case, incident=replace(INCIDENT, heal=HealState.VERIFYING))
    assert decide(acting, rules, NOW).reason is Reason.ATTEMPT_OPEN
    cooling = replace(case, cooldown_until=NOW + timedelta(minutes=1))
    assert decide(cooling, rules, NOW) == WAITS


def test_a_notice_is_told_alone() -> None:
    notice = replace(FAILS, notice=True, severity=Severity.WARNING)
    case = Case(anomaly(), notice, None, under=Beside(INCIDENT, heard=True))
    told = Decision(Action.ALERT, Reason.NOTICE)
    assert decide(case, Rules(Mode.HEAL, 5, break_circuit=False), NOW) == told
