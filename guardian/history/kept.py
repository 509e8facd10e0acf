"""What the history knows of a store that was lost, to be read back into the one that came after it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from guardian.history.tables import HEALS, INCIDENTS, STEPS, STORES
from guardian.history.values import Kept, KeptHeal, KeptIncident

_STILL_TOLD = ("alert", "escalate", "resolved", "close")


def adopt(connection: Connection, store: str, lost: str, since: datetime, now: datetime) -> None:
    """What was unfinished in the lost store, and its heals since then, are this store's from now on."""
    if _known(connection, lost) is None:
        return
    if _known(connection, store) is None:
        connection.execute(insert(STORES), {"store": store, "began_at": now, "entry": "", "number": 0})
    connection.execute(update(STORES).where(STORES.c.store == store).values(predecessor=lost))
    own = {"store": store}
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.store == lost, _unfinished()).values(own))
    connection.execute(update(HEALS).where(HEALS.c.store == lost, HEALS.c.claimed_at >= since).values(own))


def read(connection: Connection, store: str, since: datetime, steps: int) -> Kept:
    """Unfinished incidents of this store with their newest steps, and its heals since then."""
    up_to = _complete_since(connection, store, since)
    if up_to is None:
        return Kept(None)
    found = connection.execute(select(INCIDENTS).where(INCIDENTS.c.store == store, _unfinished())).all()
    wanted = select(HEALS).where(HEALS.c.store == store, HEALS.c.claimed_at >= since).order_by(HEALS.c.claimed_at)
    heals = connection.execute(wanted).all()
    return Kept(up_to, [_kept_incident(connection, row, steps) for row in found], [_kept_heal(row) for row in heals])


def _known(connection: Connection, store: str) -> Any:
    return connection.execute(select(STORES).where(STORES.c.store == store)).first()


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
