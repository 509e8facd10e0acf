"""The story of an incident made plain: why it was not healed, and what is due next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from guardian.model import Action, HealState, Incident, Reason, Silence, TellState, Transition
from guardian.notify.texts import why_not_healed

MEANING = {
    Reason.FAILING: "it fails, and nothing speaks against the remedy",
    Reason.LASTING_UNKNOWN: "it cannot be seen, and what cannot be seen is never healed",
    Reason.HEAL_FAILED: "the remedy was tried and did not help; one more try would be no better",
    Reason.COOLDOWN: "it failed again within the cooldown ([heal] cooldown) after a heal",
    Reason.BUDGET_USED: "it was restarted as often as is allowed ([heal] budget, budget_window)",
    Reason.CIRCUIT_BROKEN: "start it by hand once the cause is mended",
    Reason.FLAPPING: "it keeps changing between ok and fail ([flapping]); a restart would add one change more",
    Reason.NO_REMEDY: "its check has nothing that could mend it",
    Reason.REMEDY_RULED_OUT: "its check says that the remedy cannot mend this failure",
    Reason.FLEET_BRAKE: "the cause is likely shared; heals go one by one ([brake])",
    Reason.RECOVERING: "what was healed lately is not known, so nothing is until a cooldown is over",
    Reason.OBSERVING: "mode is `observe`: Guardian would have healed it now",
    Reason.SILENCED: "a silence with --no-heal covers it",
    Reason.ATTEMPT_OPEN: "the heal under way is verified first",
    Reason.REPAIR_WAITS: "it did not hold; it is tried again after a wait that doubles each time, at most 30m",
    Reason.STANDING: "it is contained; that ends with the incident, or by `guardian resume`",
    Reason.LIFTED: "it is not contained again for this incident",
    Reason.RAN_OUT: "it is contained again when something happens anew",
    Reason.NOTICE: "there is nothing to mend",
    Reason.TAKEN_IN: "one story, of which a person hears once; the other check says what is done about it",
    Reason.TOLD_ALREADY: "one story, of which a person heard; it is told when something happens anew",
}
"""What a reason means for whoever asks why."""


_TELLING = {
    TellState.ALERT: "alert",
    TellState.ESCALATE: "escalation task, unless acknowledged",
    TellState.RESOLVED: "telling that it is over",
    TellState.CLOSE: "closing its escalation task",
}


@dataclass(frozen=True)
class Next:
    """Something that is due; `at` is None where it waits for an event instead."""

    what: str
    at: datetime | None = None


def why_no_heal(incident: Incident, story: Sequence[Transition]) -> str | None:
    """The reason with its meaning; None while a heal is what was decided, or where the heal was verified."""
    if incident.resolved_at is not None and incident.healed_at is not None and incident.action is Action.HEAL:
        return None
    why = why_not_healed(incident, story)
    meaning = MEANING.get(Reason(why)) if why in set(Reason) else None
    return f"{why}: {meaning}" if why and meaning else why


def what_next(incident: Incident, silence: Silence | None = None) -> Sequence[Next]:
    """What is due of it, the healing before the telling. `silence` is the one in force over it."""
    steps = (_healing(incident), _telling(incident, silence))
    return [step for step in steps if step is not None]


def _healing(incident: Incident) -> Next | None:
    match incident.heal:
        case HealState.PLANNED:
            return Next(f"heal, attempt {incident.attempt}: sent to a worker; again", incident.heal_due)
        case HealState.ACTING:
            return Next(
                f"heal, attempt {incident.attempt}: a worker is at it; taken over",
                incident.heal_due,
            )
        case HealState.VERIFYING:
            return Next("verifying look", incident.heal_due)
    if incident.reason is Reason.FLEET_BRAKE and incident.resolved_at is None:
        return Next("its turn, when the fleet brake lets go one by one")
    if incident.reason is Reason.TAKEN_IN and incident.resolved_at is None:
        return Next("a new decision, when the other check's incident ends")
    return None


def _telling(incident: Incident, silence: Silence | None) -> Next | None:
    if incident.tell is TellState.TOLD:
        told = f"{incident.acked_by} took it" if incident.acked_by else "a person was told"
        return Next(f"{told}; it ends when the check is ok again")
    what = _TELLING.get(incident.tell)
    if what is None:
        return None
    if silence is not None and incident.resolved_at is None:
        return Next(f"{what}, silenced by {silence.author}", silence.until)
    return Next(what, incident.tell_due)
