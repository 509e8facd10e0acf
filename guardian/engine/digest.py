"""The daily digest: what happened in the day, to the channels of the alerts. Each day once, whatever comes twice or
dies: the day is claimed by compare-and-set in the store, and each channel that has it, or whose spool has it, is marked
before the next one.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from guardian.decide.days import last_due, span
from guardian.diagnose.plain import brief, cut
from guardian.engine.deliver import Due, Round, deliver
from guardian.engine.engine import Engine
from guardian.engine.numbers import Numbers, numbers
from guardian.engine.report import gap_text
from guardian.errors import HistoryError
from guardian.history.values import Past, PastIncident
from guardian.model import GUARDIAN, Incident, Severity
from guardian.ports import Notification
from guardian.settings import rough_text
from guardian.store.past import Standing

MAX_TEXT = 3_500
STEP = "digest"

_FOR_THE_HISTORY = timedelta(minutes=5)
"""So long the digest waits for the history to have all of the day."""
_KEPT = 500
_LISTED = 10


def tell_digest(engine: Engine) -> str:
    """Tell the newest day that is due, if nobody has. Gives what was done."""
    standing, now = engine.store.past.standing(), engine.store.clock.now()
    if standing is None or not engine.config.digest.enabled:
        return "nothing to tell"
    at, zone = time.fromisoformat(engine.config.digest.at), ZoneInfo(engine.config.digest.zone)
    day = last_due(now, at, zone)
    began, ended = span(day, at, zone)
    told, _ = engine.store.past.digest()
    if told is not None and told >= day:
        return "told before"
    if told is None and (known := _before_the_store(engine, standing, day, ended)):
        return known
    if now - ended < _FOR_THE_HISTORY and not _has_the_day(engine, standing, ended):
        return "waits for the history"
    if engine.store.past.claim_digest(day, now, engine.config.heal.lease) != "go":
        return "somebody is at it"
    return _send(engine, day, notification(engine, day, *_past(engine, began, ended), zone))


def _before_the_store(engine: Engine, standing: Standing, day: date, ended: datetime) -> str | None:
    """The store knows of no digest: a new one, or one that came back empty. Why none is told now; None to go on."""
    now = engine.store.clock.now()
    try:
        last, began = (
            (engine.history.database.last_digest(), engine.history.database.began()) if engine.history else (None, None)
        )
    except HistoryError:
        return "waits for the history: it knows whether this day was told" if standing.made_at >= ended else None
    if last is not None and last >= day:
        engine.store.past.finish_digest(day, now, "told before the store came back empty")
        return "told before"
    if min(began or standing.made_at, standing.made_at) >= ended:
        engine.store.past.finish_digest(day, now, "nothing to tell: Guardian began later")
        return "began later"
    return None


def _has_the_day(engine: Engine, standing: Standing, ended: datetime) -> bool:
    """Whether the history has everything of the day, or is away, which nobody waits for."""
    if engine.history is None:
        return True
    try:
        cursor = engine.history.database.cursor(standing.id)
    except HistoryError:
        return True
    return cursor is not None and cursor.caught_up_at is not None and cursor.caught_up_at >= ended


def _past(engine: Engine, began: datetime, ended: datetime) -> tuple[Past, str | None]:
    """The day, and why it is only what the store knows."""
    try:
        if engine.history is not None:
            return engine.history.database.past(began, ended), None
        why = "there is no history"
    except HistoryError as error:
        why = f"the history is away ({error})"
    known = [*engine.store.open_incidents(), *engine.store.closed_incidents(_KEPT)]
    of_the_day = [
        _past_incident(each)
        for each in known
        if each.opened_at < ended and (each.resolved_at is None or each.resolved_at >= began)
    ]
    return Past(began, ended, began, of_the_day), why


def _past_incident(incident: Incident) -> PastIncident:
    return PastIncident(
        id=incident.id,
        check=incident.key.check,
        node=incident.key.node,
        target=incident.key.target,
        severity=incident.severity,
        message=incident.message,
        opened_at=incident.opened_at,
        looked_before=incident.looked_before,
        resolved_at=incident.resolved_at,
        resolution=incident.resolution,
        attempt=incident.attempt,
        told=incident.alerted_at is not None,
        acked_by=incident.acked_by,
    )


def _send(engine: Engine, day: date, message: Notification) -> str:
    past = engine.store.past
    given, due = Round(engine), Due(message.incident, STEP, partial(past.mark_digest, day))
    for channel in engine.channels:
        sent, told = past.digest()  # another worker may have gone on where this one was held up
        if sent is not None and sent >= day:
            return "told before"
        if channel.name not in told and engine.gets_digest(channel.name):
            deliver(engine, channel, message, due, given)
    past.finish_digest(day, engine.store.clock.now(), message.title)
    return "told"


def notification(engine: Engine, day: date, past: Past, without_history: str | None, zone: ZoneInfo) -> Notification:
    found = numbers(past)
    until = past.until.astimezone(zone)
    state = f"{len(found.still_open)} open" if found.still_open else "none open"
    summary = f"{found.opened} incidents, {found.healed} healed, {state}"
    return Notification(
        step=STEP,
        incident=f"{STEP}-{day}",
        title=f"Guardian's day until {until:%Y-%m-%d %H:%M %Z}: {summary}",
        text=cut("\n".join(_text(past, found, without_history)), MAX_TEXT),
        severity=Severity.INFO,
        check=GUARDIAN,
        target=STEP,
        node=engine.node,
        at=engine.store.clock.now(),
        details={
            "since": past.since.isoformat(),
            "until": past.until.isoformat(),
            "opened": found.opened,
            "resolved": found.resolved,
            "healed": found.healed,
            "open": [each.id for each in found.still_open],
            "history": without_history is None,
        },
    )


def _text(past: Past, found: Numbers, without_history: str | None) -> Iterator[str]:
    """What matters most first: some services cut the end."""
    if without_history:
        yield f"Not the whole day: {without_history}. This is what the live store still knows."
    yield f"{found.opened} incidents opened, {found.resolved} ended, {found.healed} of them healed by Guardian."
    for gap in past.gaps[-_LISTED:]:
        yield f"Guardian's own gap: {gap_text(gap)}"
    yield from _list("Open", found.still_open)
    yield from _list("A person was told of", [each for each in past.incidents if each.told])
    yield from _list("Healed by itself", [each for each in _ended(past) if each.healed and not each.told])
    if past.sent is not None:
        sent = ", ".join(f"{count} by {channel}" for channel, count in past.sent.items()) or "none"
        yield f"Notifications: {sent} sent, {past.failed} not delivered at once."
    if not past.incidents and not past.gaps:
        yield "Nothing happened."


def _ended(past: Past) -> Sequence[PastIncident]:
    return [each for each in past.incidents if each.resolved_at is not None and each.resolved_at < past.until]


def _list(title: str, incidents: Sequence[PastIncident]) -> Iterator[str]:
    if not incidents:
        return
    yield f"{title}:"
    for each in incidents[:_LISTED]:
        lasted = f", for {rough_text(each.resolved_at - each.opened_at)}" if each.resolved_at else ""
        since = f"{each.opened_at:%m-%d %H:%M:%SZ}"
        where = f"{brief(each.target, 80)}@{brief(each.node, 60)}"
        yield f"  {where}, {each.check}, {since}{lasted}: {brief(each.message, 120)}"
    if len(incidents) > _LISTED:
        yield f"  and {len(incidents) - _LISTED} more"
