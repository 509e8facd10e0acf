"""What is due and was not done, whatever the reason: a worker that died, a message that was lost, a time to come."""

from collections.abc import Sequence

from guardian.engine.engine import Engine
from guardian.model import HealState, Incident, Stage, Step, TellState

_HEAL = {HealState.PLANNED: Stage.HEAL, HealState.ACTING: Stage.HEAL, HealState.VERIFYING: Stage.VERIFY}
_TELL = {
    TellState.ALERT: Stage.ALERT,
    TellState.RESOLVED: Stage.ALERT,
    TellState.ESCALATE: Stage.ESCALATE,
    TellState.CLOSE: Stage.ESCALATE,
}


def sweep(engine: Engine) -> Sequence[Step]:
    """The links to send now. Each is looked at again only after `resend_after`, or when it is due next."""
    due = engine.store.take_due(engine.store.clock.now(), engine.config.worker.resend_after)
    incidents = {incident.id: incident for incident in engine.store.incidents(dict.fromkeys(id_ for id_, _ in due))}
    steps = (_step(incidents[id_], track) for id_, track in due if id_ in incidents)
    return [step for step in steps if step is not None]


def channels(engine: Engine) -> Sequence[str]:
    """Those from whose spool something is to be sent now."""
    return engine.store.spool.take_due(engine.store.clock.now(), engine.config.worker.resend_after)


def _step(incident: Incident, track: str) -> Step | None:
    stage = _HEAL.get(incident.heal) if track == "heal" else _TELL.get(incident.tell)
    if stage is None:
        return None
    return Step(
        incident.id, incident.attempt, stage, incident.key.node, root_id=incident.root_id, parent_id=incident.parent_id
    )  # fmt: skip
