"""Two checks that see one story, such as a process that restarts too often and is down as well: a person hears of it
once, and what one of them rules out the other does not heal."""

from dataclasses import dataclass

from guardian.model import Action, Decision, Incident, Reason, Severity, Status, TellState, Verdict


@dataclass(frozen=True)
class Beside:
    """The other check's open incident about the same target. `heard`: a person was told of it, or is about to be."""

    incident: Incident
    heard: bool


def heard(incident: Incident, *, silenced: bool) -> bool:
    """What a silence holds back was not heard, unless it was told before."""
    return incident.alerted_at is not None or (incident.tell is not TellState.NONE and not silenced)


def takes_in(over: Incident, status: Status) -> bool:
    """Whether a look with this status is one story with `over`, of the check that takes its check in. One of a lesser
    severity (a notice) takes nothing in."""
    return over.status is status and over.severity is not Severity.WARNING


def one_voice(
    incident: Incident, verdict: Verdict, alone: Decision, over: Beside | None, under: Beside | None
) -> Decision:
    """The decision, in view of the incident that takes this one in (`over`), and of the one that it takes in (`under`).
    `alone` is what would be decided without them."""
    if alone.action is Action.BREAK or incident.circuit_broken or verdict.notice:
        return alone
    if over is not None and takes_in(over.incident, verdict.status):
        return _taken_in(incident, over)
    if alone.action is Action.ALERT and incident.tell is TellState.NONE and _is_known(incident, verdict, under):
        return Decision(Action.WAIT, Reason.TOLD_ALREADY)
    return alone


def _taken_in(incident: Incident, over: Beside) -> Decision:
    """Never healed. Told only where nobody hears of the other one; while that is not decided, it waits."""
    undecided = over.incident.reason is None
    if incident.tell is TellState.NONE and (over.heard or undecided):
        return Decision(Action.WAIT, Reason.TAKEN_IN)
    return Decision(Action.ALERT, Reason.TAKEN_IN, at_once=True)


def _is_known(incident: Incident, verdict: Verdict, under: Beside | None) -> bool:
    """A person heard of it by the check that it takes in, and nothing happened since that ended."""
    if under is not None and under.heard and under.incident.status is verdict.status:
        return True
    return incident.reason is Reason.TOLD_ALREADY and not verdict.news
