"""The verifying look after a heal: the same check, on that one target. One winner per attempt."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from guardian.engine.beside import is_taken_in
from guardian.engine.engine import Engine, silenced
from guardian.engine.look import look
from guardian.model import HealState, Incident, Reason, Status, TellState, Verdict

_AGAIN_MOST = 3
"""Looks that could not see before the heal counts as failed."""


class _Outcome(StrEnum):
    HEALTHY = "healthy"
    FAILING = "failing"
    UNKNOWN = "unknown"


_OUTCOMES = {
    Status.OK: _Outcome.HEALTHY,
    Status.SKIPPED: _Outcome.HEALTHY,
    Status.FAIL: _Outcome.FAILING,
    Status.UNKNOWN: _Outcome.UNKNOWN,
}


def verify(engine: Engine, incident_id: str, attempt: int) -> bool:
    """Whether the chain goes on to tell. False too when it is too early: the sweep comes back."""
    incident = engine.store.incident(incident_id)
    if incident is None or incident.attempt != attempt or incident.key.node != engine.node:
        return False
    if incident.heal is not HealState.VERIFYING:
        return incident.tell is not TellState.NONE
    last = engine.store.last_look(incident.key.check, engine.node)
    if incident.heal_due is not None and last.now < incident.heal_due:
        return False
    looked = look(engine, incident.key.check, last.memory, last.now, only=incident.key.target)
    outcome, text = _judged(incident, looked.judgement.verdicts)
    answer = engine.store.verified(
        incident.id, attempt, last.now,
        outcome=outcome, text=text, again=last.now + engine.interval(incident.key.check), unknowns=_AGAIN_MOST,
        reason=Reason.HEAL_FAILED, always_tell=_tell_healed(engine, incident, last.now),
        tell=outcome is _Outcome.HEALTHY or not is_taken_in(engine, incident),
    )  # fmt: skip
    return answer in ("failed", "good end")


def _tell_healed(engine: Engine, incident: Incident, now: datetime) -> bool:
    return engine.config.alerts.notify_healed and silenced(incident.key, engine.store.silences(now)) is None


def _judged(incident: Incident, verdicts: Sequence[Verdict]) -> tuple[_Outcome, str]:
    own = next((verdict for verdict in verdicts if verdict.target == incident.key.target), None)
    if own is not None:
        return _OUTCOMES[own.status], own.message
    blind = next((verdict for verdict in verdicts if verdict.status is Status.UNKNOWN), None)
    if blind is not None:
        return _Outcome.UNKNOWN, f"{blind.target}: {blind.message}"
    return _Outcome.HEALTHY, "it is gone: nothing is left to heal"
