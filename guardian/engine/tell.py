"""Telling a person, step by step: alert, escalation task, and the good end where an alert went.

Each channel that has a step is marked in the store before the next one is tried, so that a repeat after a death
leaves out whoever was told. A step that fails is due again later, with back-off, for as long as the incident is kept.
A channel that fails keeps neither the others nor the escalation task back.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from guardian.engine.engine import ESCALATIONS, Engine, silenced
from guardian.engine.patrol import report
from guardian.errors import DeliveryError
from guardian.model import GUARDIAN, Incident, TellState
from guardian.notify import task_file, texts
from guardian.ports import Notification

_ASK_AGAIN = timedelta(minutes=1)
_SEND_LIMIT = timedelta(seconds=15)
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
    told, tries = engine.store.told(incident.id, step)
    notification = _notification(engine, incident, now)
    failures = []
    for channel in engine.channels:
        if channel.name in told:
            continue
        try:
            channel.send(notification, _SEND_LIMIT)
        except DeliveryError as error:
            logger.warning("%s: %s not told by %s: %s", incident.id, step, channel.name, error)
            failures.append(f"{channel.name}: {error}")
        else:
            engine.store.mark_told(incident.id, step, channel.name, engine.store.clock.now())
    if failures:
        _postpone(engine, incident, step, tries, "; ".join(failures))
        return True  # the task file does not wait for a channel
    now = engine.store.clock.now()
    engine.store.finish_telling(incident.id, step, now, escalate_after=engine.config.escalation.after)
    return True


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
    if incident.tell in (TellState.ESCALATE, TellState.CLOSE):
        if _claimed(engine, incident):
            _escalate(engine, incident, incident.tell)
    elif incident.tell is TellState.ALERT and _overdue(engine, incident):
        _escalate(engine, incident, TellState.ESCALATE)
    elif incident.tell is TellState.RESOLVED and incident.task_file:
        _escalate(engine, incident, TellState.CLOSE)


def _overdue(engine: Engine, incident: Incident) -> bool:
    """A channel still lacks the alert, but the task is due and not written."""
    waited = engine.store.clock.now() - incident.opened_at
    due = incident.at_once or waited >= engine.config.escalation.after
    return due and not incident.once and incident.acked_at is None and incident.task_file is None


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
    content = task_file.task(incident, engine.store.story(incident.id), now)
    return task_file.write(engine.escalations, content).name


def _close(engine: Engine, incident: Incident, now: datetime) -> str:
    if incident.task_file:
        task_file.close(engine.escalations, incident.task_file, incident.resolution or "resolved", now)
    return ""


def _postpone(engine: Engine, incident: Incident, step: TellState, tries: int, why: str) -> None:
    now = engine.store.clock.now()
    wait = min(_FIRST_RETRY * 2 ** min(tries, 10), _LAST_RETRY)
    engine.store.postpone_telling(incident.id, step, now, now + wait, why)
