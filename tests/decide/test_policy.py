"""Every case of the policy, against the order in which its reasons count."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from guardian.decide.containment import Contained
from guardian.decide.policy import Case, Rules, decide, repair_due
from guardian.model import (
    Action,
    Decision,
    HealState,
    Incident,
    IncidentState,
    Key,
    Mode,
    Reason,
    RemedyKind,
    Severity,
    Status,
    Verdict,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BUDGET = 5
INCIDENT = Incident(
    id="i",
    key=Key("processes", "node-1", "writer"),
    state=IncidentState.OPEN,
    status=Status.FAIL,
    severity=Severity.HIGH,
    message="stopped",
    opened_at=NOW,
    seen_at=NOW,
    looked_before=NOW,
)

Holds = Callable[[Case, Rules], bool]


def is_cure(case: Case) -> bool:
    return case.remedy is RemedyKind.CURE


def is_used_up(case: Case) -> bool:
    return is_cure(case) and case.cures + case.verdict.spent >= BUDGET


ORDER: tuple[tuple[Holds, Action, Reason, bool], ...] = (
    (lambda c, _: c.incident.heal != "none", Action.WAIT, Reason.ATTEMPT_OPEN, False),
    (lambda c, _: c.verdict.status == "unknown", Action.ALERT, Reason.LASTING_UNKNOWN, False),
    (lambda c, _: c.incident.circuit_broken, Action.ALERT, Reason.CIRCUIT_BROKEN, True),
    (lambda c, _: c.remedy is None, Action.ALERT, Reason.NO_REMEDY, True),
    (lambda c, _: c.verdict.ruled_out is not None, Action.ALERT, Reason.REMEDY_RULED_OUT, True),
    (lambda _, r: r.mode == "observe", Action.ALERT, Reason.OBSERVING, False),
    (lambda c, _: c.silenced_heal, Action.ALERT, Reason.SILENCED, False),
    (lambda c, _: is_cure(c) and c.recovering, Action.ALERT, Reason.RECOVERING, False),
    (lambda c, _: is_cure(c) and c.held, Action.WAIT, Reason.FLEET_BRAKE, False),
    (lambda c, r: is_used_up(c) and r.break_circuit and c.can_break, Action.BREAK, Reason.BUDGET_USED, True),
    (lambda c, _: is_used_up(c), Action.ALERT, Reason.BUDGET_USED, True),
    (lambda c, _: is_cure(c) and cools(c), Action.ALERT, Reason.COOLDOWN, True),
    (lambda c, _: is_cure(c) and c.flapping, Action.ALERT, Reason.FLAPPING, True),
    (lambda _c, _r: True, Action.HEAL, Reason.FAILING, False),
)
"""The first that holds decides: what holds, what is done, why, whether the escalation is due at once."""


def cools(case: Case) -> bool:
    return case.cooldown_until is not None and case.cooldown_until > NOW


BOTH = (False, True)
REMEDIES = (None, *RemedyKind)
COOLDOWNS = (None, NOW, NOW + timedelta(milliseconds=1))
SPENDING = ((0, 0), (BUDGET - 1, 0), (BUDGET, 0), (0, BUDGET), (2, 2), (2, 3))


@pytest.mark.parametrize("heal", HealState)
@pytest.mark.parametrize("status", [Status.FAIL, Status.UNKNOWN])
@pytest.mark.parametrize("broken", BOTH)
@pytest.mark.parametrize("ruled_out", [None, "not there"])
def test_the_first_reason_that_holds_decides(
    heal: HealState, status: Status, broken: bool, ruled_out: str | None
) -> None:
    incident = replace(INCIDENT, heal=heal, circuit_broken=broken)
    verdicts = {spent: Verdict("writer", status, "stopped", ruled_out=ruled_out, spent=spent) for _, spent in SPENDING}
    rules = [Rules(mode, BUDGET, breaks) for mode, breaks in product(Mode, BOTH)]
    for remedy, cooldown, (cures, spent), *flags in product(REMEDIES, COOLDOWNS, SPENDING, *[BOTH] * 5):
        can_break, held, recovering, flapping, silenced = flags
        case = Case(
            incident, verdicts[spent], remedy, cooldown, cures, can_break, held, recovering, flapping, silenced
        )  # fmt: skip
        for rule in rules:
            expected = next(Decision(*answer) for holds, *answer in ORDER if holds(case, rule))
            assert decide(case, rule, NOW) == expected, (case, rule)


def test_every_reason_of_the_order_can_be_reached() -> None:
    """Each line alone: else a line could hide behind another one."""
    plain = Case(INCIDENT, Verdict("writer", Status.FAIL, "stopped"), RemedyKind.CURE)
    heal = Rules(Mode.HEAL, BUDGET, break_circuit=False)
    cases = {
        Reason.FAILING: (plain, heal),
        Reason.ATTEMPT_OPEN: (replace(plain, incident=replace(INCIDENT, heal=HealState.ACTING)), heal),
        Reason.LASTING_UNKNOWN: (replace(plain, verdict=Verdict("writer", Status.UNKNOWN, "?")), heal),
        Reason.CIRCUIT_BROKEN: (replace(plain, incident=replace(INCIDENT, circuit_broken=True)), heal),
        Reason.NO_REMEDY: (replace(plain, remedy=None), heal),
        Reason.REMEDY_RULED_OUT: (replace(plain, verdict=Verdict("w", Status.FAIL, "!", ruled_out="no")), heal),
        Reason.OBSERVING: (plain, replace(heal, mode=Mode.OBSERVE)),
        Reason.SILENCED: (replace(plain, silenced_heal=True), heal),
        Reason.RECOVERING: (replace(plain, recovering=True), heal),
        Reason.FLEET_BRAKE: (replace(plain, held=True), heal),
        Reason.BUDGET_USED: (replace(plain, cures=BUDGET), heal),
        Reason.COOLDOWN: (replace(plain, cooldown_until=NOW + timedelta(seconds=1)), heal),
        Reason.FLAPPING: (replace(plain, flapping=True), heal),
    }
    assert {reason: decide(*given, NOW).reason for reason, given in cases.items()} == {each: each for each in cases}
    assert {reason for _, _, reason, _ in ORDER} == set(cases)


@pytest.mark.parametrize("remedy", [RemedyKind.REPAIR, RemedyKind.CONTAIN])
def test_only_a_cure_is_under_cooldown_budget_brake_and_recovery(remedy: RemedyKind) -> None:
    case = Case(
        INCIDENT,
        Verdict("writer", Status.FAIL, "stopped", spent=BUDGET),
        remedy,
        cooldown_until=NOW + timedelta(minutes=5),
        cures=BUDGET,
        held=True,
        recovering=True,
        flapping=True,
    )
    assert decide(case, Rules(Mode.HEAL, BUDGET, break_circuit=True), NOW) == Decision(Action.HEAL, Reason.FAILING)


@pytest.mark.parametrize("remedy", RemedyKind)
@pytest.mark.parametrize("news", BOTH)
@pytest.mark.parametrize("contained", Contained)
def test_what_stands_or_a_person_lifted_is_not_put_again_and_what_ran_out_only_on_news(
    remedy: RemedyKind, news: bool, contained: Contained
) -> None:
    said = {Contained.STANDS: Reason.STANDING, Contained.LIFTED: Reason.LIFTED}
    if not news:
        said[Contained.RAN_OUT] = Reason.RAN_OUT
    expected = Decision(Action.HEAL, Reason.FAILING)
    if remedy is RemedyKind.CONTAIN and contained in said:
        expected = Decision(Action.ALERT, said[contained])
    case = Case(INCIDENT, Verdict("all", Status.FAIL, "six in a row", news=news), remedy, contained=contained)
    assert decide(case, Rules(Mode.HEAL, BUDGET, break_circuit=False), NOW) == expected


@pytest.mark.parametrize("contained", Contained)
def test_in_observe_mode_nothing_is_contained(contained: Contained) -> None:
    case = Case(INCIDENT, Verdict("all", Status.FAIL, "!"), RemedyKind.CONTAIN, contained=contained)
    rules = Rules(Mode.OBSERVE, BUDGET, break_circuit=False)
    assert decide(case, rules, NOW) == Decision(Action.ALERT, Reason.OBSERVING)


def test_a_repair_is_tried_at_once_and_then_after_waits_that_double_up_to_half_an_hour() -> None:
    tried = [replace(INCIDENT, attempt=attempt, healed_at=NOW + timedelta(hours=1)) for attempt in range(1, 10)]
    waits = [(repair_due(each) - NOW - timedelta(hours=1)).total_seconds() for each in tried]
    assert repair_due(INCIDENT) == NOW
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert repair_due(replace(INCIDENT, attempt=2)) == NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("remedy", "seconds", "decision"),
    [
        (RemedyKind.REPAIR, 29.9, Decision(Action.WAIT, Reason.REPAIR_WAITS)),
        (RemedyKind.REPAIR, 30, Decision(Action.HEAL, Reason.FAILING)),
        (RemedyKind.CONTAIN, 1, Decision(Action.HEAL, Reason.FAILING)),
        (RemedyKind.CURE, 1, Decision(Action.HEAL, Reason.FAILING)),
    ],
)
def test_only_a_repair_that_did_not_hold_waits(remedy: RemedyKind, seconds: float, decision: Decision) -> None:
    incident = replace(INCIDENT, attempt=1, healed_at=NOW)
    case = Case(incident, Verdict("writer", Status.FAIL, "stopped"), remedy)
    assert decide(case, Rules(Mode.HEAL, BUDGET, break_circuit=False), NOW + timedelta(seconds=seconds)) == decision
