"""What the history knows of a store that was lost, to be read back into the one that came after it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from guardian.history.tables import GAPS, HEALS, INCIDENTS, STEPS, STORES
from guardian.history.values import Kept, KeptHeal, KeptIncident

_STILL_TOLD = ("alert", "escalate", "resolved", "close")


def adopt(connection: Connection, store: str, lost: str, since: datetime, made_at: datetime) -> None:
    """What was unfinished in the lost store, and its heals since then, are this store's from now on. What the lost one
    still held back is a gap, noted once."""
    before, own = _known(connection, lost), _known(connection, store)
    if before is None:
        return
    if own is None:
        connection.execute(insert(STORES), {"store": store, "began_at": made_at, "entry": "", "number": 0})
    if own is None or own.predecessor is None:
        connection.execute(update(STORES).where(STORES.c.store == store).values(predecessor=lost))
        gap = {"at": made_at, "store": lost, "entries": 0, "after": before.caught_up_at, "before": made_at}
        connection.execute(insert(GAPS), gap)
    wanted = _heals(lost, since)
    connection.execute(update(HEALS).where(wanted).values(store=store))
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.store == lost, _unfinished()).values(store=store))


def read(connection: Connection, store: str, since: datetime, steps: int) -> Kept:
    """Unfinished incidents of this store with their newest steps, and its heals since then, the oldest first."""
    up_to = _complete_since(connection, store, since)
    if up_to is None:
        return Kept(None)
    found = connection.execute(select(INCIDENTS).where(INCIDENTS.c.store == store, _unfinished())).all()
    heals = connection.execute(select(HEALS).where(_heals(store, since)).order_by(HEALS.c.claimed_at)).all()
    return Kept(up_to, [_kept_incident(connection, row, steps) for row in found], [_kept_heal(row) for row in heals])


def _known(connection: Connection, store: str) -> Any:
    return connection.execute(select(STORES).where(STORES.c.store == store)).first()


def _heals(store: str, since: datetime) -> Any:
    """Those since then, and all of what is unfinished."""
    unfinished = select(INCIDENTS.c.id).where(INCIDENTS.c.store == store, _unfinished())
    wanted = or_(HEALS.c.claimed_at >= since, HEALS.c.incident.in_(unfinished))
    return (HEALS.c.store == store) & HEALS.c.claimed_at.is_not(None) & wanted


def _unfinished() -> Any:
    return or_(INCIDENTS.c.state == "open", INCIDENTS.c.tell.in_(_STILL_TOLD))


def _complete_since(connection: Connection, store: str, since: datetime) -> datetime | None:
    """Up to when the history had everything of the store before this one; of earlier ones too, where that one was
    younger than `since`. None where it knows nothing of it."""
    found: list[datetime] = []
    row = _known(connection, store)
    while row is not None and row.predecessor:
        row = _known(connection, row.predecessor)
        if row is None or row.caught_up_at is None:
            return None
        found.append(row.caught_up_at)
        if row.began_at < since:
            break
    return min(found, default=None)


def _kept_incident(connection: Connection, row: Any, most: int) -> KeptIncident:
    newest = select(STEPS).where(STEPS.c.incident == row.id).order_by(STEPS.c.id.desc()).limit(most)
    steps = [
        {"at": step.at, "kind": step.kind, "text": step.text, "reason": step.reason}
        for step in connection.execute(newest)
    ]
    return KeptIncident(json.loads(row.document), row.evidence, steps[::-1])


def _kept_heal(row: Any) -> KeptHeal:
    return KeptHeal(
        check=row.check_name,
        node=row.node,
        target=row.target,
        incident=row.incident,
        attempt=row.attempt,
        act=row.act or "",
        cure=bool(row.cure),
        claimed_at=row.claimed_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
    )
