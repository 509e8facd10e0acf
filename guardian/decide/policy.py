"""The next step for one open incident: guard clauses, each with its reason, the first that holds decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from guardian.decide.beside import Beside, one_voice
from guardian.decide.containment import Contained
from guardian.model import Action, Decision, HealState, Incident, Mode, Reason, RemedyKind, Status, Verdict

_FIRST_WAIT, _LONGEST_WAIT, _MOST_DOUBLINGS = timedelta(seconds=30), timedelta(minutes=30), 6


@dataclass(frozen=True)
class Rules:
    """The settings that bear on a decision. `budget` is the most cures of one target in the sliding window."""

    mode: Mode
    budget: int
    break_circuit: bool


@dataclass(frozen=True)
class Case:
    """Everything known when a decision is due; a pure value, so that it can be replayed.

    `cures` counts the cures of this target in the budget window. `held`: the fleet brake is engaged and this
    target's turn has not come. `remedy` is None where the check has none, `contained` how that stands which it
    contains by. `over` and `under` are the open incidents of
    the same target that take this one in, or are taken in by it.
    """

    incident: Incident
    verdict: Verdict
    remedy: RemedyKind | None
    cooldown_until: datetime | None = None
    cures: int = 0
    can_break: bool = False
    held: bool = False
    recovering: bool = False
    flapping: bool = False
    silenced_heal: bool = False
    over: Beside | None = None
    under: Beside | None = None
    contained: Contained = Contained.NO


def decide(case: Case, rules: Rules, now: datetime) -> Decision:
    """What to do next about a failing (or lastingly unknown) target."""
    if case.incident.heal is not HealState.NONE:
        return Decision(Action.WAIT, Reason.ATTEMPT_OPEN)
    alone = (
        _not_healable(case, rules) or _contained(case) or _held(case) or _repair(case, now) or _cure(case, rules, now)
    )
    return one_voice(case.incident, case.verdict, alone, case.over, case.under)


def _not_healable(case: Case, rules: Rules) -> Decision | None:
    if case.verdict.status is Status.UNKNOWN:
        return Decision(Action.ALERT, Reason.LASTING_UNKNOWN)
    if case.incident.circuit_broken:
        return Decision(Action.ALERT, Reason.CIRCUIT_BROKEN, at_once=True)
    if case.verdict.notice:
        return Decision(Action.ALERT, Reason.NOTICE)
    if case.remedy is None:
        return Decision(Action.ALERT, Reason.NO_REMEDY, at_once=True)
    if case.verdict.ruled_out is not None:
        return Decision(Action.ALERT, Reason.REMEDY_RULED_OUT, at_once=True)
    if rules.mode is Mode.OBSERVE:
        return Decision(Action.ALERT, Reason.OBSERVING)
    if case.silenced_heal:
        return Decision(Action.ALERT, Reason.SILENCED)
    return None


def _contained(case: Case) -> Decision | None:
    """What stands is not put again; nor what a person lifted, nor what ran out while nothing happened anew."""
    if case.remedy is not RemedyKind.CONTAIN:
        return None
    if case.contained is Contained.STANDS:
        return Decision(Action.ALERT, Reason.STANDING)
    if case.contained is Contained.LIFTED:
        return Decision(Action.ALERT, Reason.LIFTED)
    if case.contained is Contained.RAN_OUT and not case.verdict.news:
        return Decision(Action.ALERT, Reason.RAN_OUT)
    return None


def _held(case: Case) -> Decision | None:
    if case.remedy is not RemedyKind.CURE:
        return None
    if case.recovering:
        return Decision(Action.ALERT, Reason.RECOVERING)
    if case.held:
        return Decision(Action.WAIT, Reason.FLEET_BRAKE)
    return None


def _repair(case: Case, now: datetime) -> Decision | None:
    """A repair that did not hold is tried again, after a growing wait."""
    if case.remedy is RemedyKind.CURE:
        return None
    waits = case.remedy is RemedyKind.REPAIR and now < repair_due(case.incident)
    return Decision(Action.WAIT, Reason.REPAIR_WAITS) if waits else Decision(Action.HEAL, Reason.FAILING)


def repair_due(incident: Incident) -> datetime:
    """The first at once; each later one after twice the wait of the one before, which begins with the last repair, or
    where none of them changed anything with the incident."""
    if incident.attempt == 0:
        return incident.opened_at
    doublings = min(incident.attempt - 1, _MOST_DOUBLINGS)
    wait: timedelta = min(_FIRST_WAIT * 2**doublings, _LONGEST_WAIT)
    return (incident.healed_at or incident.opened_at) + wait


def _cure(case: Case, rules: Rules, now: datetime) -> Decision:
    if case.cures + case.verdict.spent >= rules.budget:
        tried = case.incident.action is Action.BREAK  # a stop that was refused is a person's matter
        breaks = rules.break_circuit and case.can_break and not tried
        return Decision(Action.BREAK if breaks else Action.ALERT, Reason.BUDGET_USED, at_once=True)
    if case.cooldown_until is not None and now < case.cooldown_until:
        return Decision(Action.ALERT, Reason.COOLDOWN, at_once=True)
    if case.flapping:
        return Decision(Action.ALERT, Reason.FLAPPING, at_once=True)
    return Decision(Action.HEAL, Reason.FAILING)
