"""Telling a person, step by step: alert, escalation task, and the good end where an alert went.

Each channel that has a step, or whose spool has it, is marked in the store before the next one is tried, so that a
repeat after a death leaves it out. A task file that cannot be written is due again later, with back-off, for as long as
the incident is kept.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from guardian.decide.telling import end_wanted, wanted
from guardian.engine.deliver import Due, Round, deliver, is_about
from guardian.engine.engine import ESCALATIONS, Engine, silenced
from guardian.engine.patrol import report
from guardian.errors import DeliveryError
from guardian.model import GUARDIAN, Incident, Severity, TellState
from guardian.notify import task_file, texts
from guardian.ports import Notification

_ASK_AGAIN = timedelta(minutes=1)
_FIRST_RETRY, _LAST_RETRY = timedelta(seconds=10), timedelta(minutes=10)
_OVER = frozenset({TellState.RESOLVED, TellState.CLOSE})

logger = logging.getLogger(__name__)


def alert(engine: Engine, incident_id: str) -> bool:
    """Tell the channels what is due of the incident. Whether the chain goes on to the escalation."""
    incident = engine.store.incident(incident_id)
    if incident is None or incident.tell in (TellState.NONE, TellState.TOLD):
        return False
    if incident.tell in (TellState.ALERT, TellState.RESOLVED):
        return _claimed(engine, incident) and _send(engine, incident)
    return True


def _claimed(engine: Engine, incident: Incident) -> bool:
    """Whether this execution is to do the telling step now."""
    now = engine.store.clock.now()
    silence = silenced(incident.key, engine.store.silences(now))
    if silence is not None and incident.tell not in _OVER:
        why = f"silenced until {silence.until:%Y-%m-%d %H:%M:%S %Z} by {silence.author}"
        again = min(silence.until, now + _ASK_AGAIN)  # it may be removed early
        engine.store.hold_telling(incident.id, incident.tell, now, again, why)
        return False
    return engine.store.claim_telling(incident.id, incident.tell, now, engine.config.heal.lease) == "go"


def _send(engine: Engine, incident: Incident) -> bool:
    step, now = incident.tell, engine.store.clock.now()
    told, _ = engine.store.told(incident.id, step)
    notification, given = _notification(engine, incident, now), Round(engine)
    due = Due(incident.id, step, partial(engine.store.mark_told, incident.id, step))
    for channel in engine.channels:
        if channel.name in told:
            continue
        if _is_for(engine, channel.name, incident):
            deliver(engine, channel, notification, due, given)
        else:
            engine.store.pass_over(incident.id, step, channel.name, now)
    now = engine.store.clock.now()
    engine.store.finish_telling(incident.id, step, now, escalate_after=engine.config.escalation.after)
    return True


def _is_for(engine: Engine, channel: str, incident: Incident) -> bool:
    if is_about(incident.key, channel):
        return False
    minimum = engine.minimum(channel)
    if incident.tell is TellState.ALERT or minimum is Severity.INFO:
        return wanted(incident.severity, minimum)
    turns, alerted = engine.store.alert_turns(incident.id)
    return end_wanted(incident.severity, minimum, went=turns.get(channel), alerted=alerted)


def _notification(engine: Engine, incident: Incident, now: datetime) -> Notification:
    story = engine.store.story(incident.id)
    if incident.tell is TellState.ALERT:
        return texts.notification(incident, story, "alert", now)
    return texts.notification(incident, story, "resolved" if incident.alerted_at else "healed", now)


def escalate(engine: Engine, incident_id: str) -> None:
    """Write the escalation task, or close the one that was written. Runs where the directory is."""
    incident = engine.store.incident(incident_id)
    if incident is None or engine.escalation_node(incident.key) != engine.node:
        return
    if incident.tell in (TellState.ESCALATE, TellState.CLOSE) and _claimed(engine, incident):
        _escalate(engine, incident, incident.tell)


def _escalate(engine: Engine, incident: Incident, step: TellState) -> None:
    now = engine.store.clock.now()
    try:
        name = _close(engine, incident, now) if step is TellState.CLOSE else _write(engine, incident, now)
    except DeliveryError as error:
        logger.warning("%s: escalation task: %s", incident.id, error)
        _, tries = engine.store.told(incident.id, step)
        _postpone(engine, incident, step, tries, str(error))
        report(engine, ESCALATIONS, f"escalation tasks wait: {error}")
        return
    engine.store.finish_telling(
        incident.id, step, now, escalate_after=engine.config.escalation.after, task_file=name
    )  # fmt: skip
    if not _of_directory(incident):  # of that one nothing is written, which proves nothing
        report(engine, ESCALATIONS, None)


def _of_directory(incident: Incident) -> bool:
    return (incident.key.check, incident.key.target) == (GUARDIAN, ESCALATIONS)


def _write(engine: Engine, incident: Incident, now: datetime) -> str:
    """The file's name; empty for Guardian's report that it cannot write any."""
    if _of_directory(incident):
        return ""
    if incident.task_file:
        return incident.task_file  # written while a channel lacked the alert; somebody may have taken it since
    if engine.config.escalation.directory is None:
        with suppress(OSError):  # writing says why it cannot be used
            engine.escalations.mkdir(exist_ok=True)  # the default one is Guardian's own
    check = engine.checks.get(incident.key.check)
    kind = check.task_kind if check else "attention"
    content = task_file.task(incident, engine.store.story(incident.id), now, kind)
    return task_file.write(engine.escalations, content).name


def _close(engine: Engine, incident: Incident, now: datetime) -> str:
    if incident.task_file:
        task_file.close(engine.escalations, incident.task_file, incident.resolution or "resolved", now)
    return ""


def _postpone(engine: Engine, incident: Incident, step: TellState, tries: int, why: str) -> None:
    now = engine.store.clock.now()
    wait = min(_FIRST_RETRY * 2 ** min(tries, 10), _LAST_RETRY)
    engine.store.postpone_telling(incident.id, step, now, now + wait, why)
