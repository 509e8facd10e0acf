"""What the report and the digest read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, or_, select

from guardian.history.tables import ACTS, GAPS, HEALS, INCIDENTS, NOTIFICATIONS, SCAN_COUNTS, SCANS, STORES
from guardian.history.values import Gap, Past, PastAct, PastHeal, PastIncident, PastScan, PastScans, ScanCount

_MOST_SCANS = 1_000


def read(connection: Connection, since: datetime, until: datetime) -> Past:
    return Past(
        since=since,
        until=until,
        began=connection.scalar(select(func.min(STORES.c.began_at))),
        incidents=_incidents(connection, since, until),
        heals=_heals(connection, since, until),
        sent=_sent(connection, since, until),
        failed=_failed(connection, since, until),
        acts=[
            PastAct(row.at, row.author, row.verb, row.about or row.subject)
            for row in connection.execute(_within(ACTS, ACTS.c.at, since, until))
            if not row.verb.startswith("digest")
        ],
        gaps=[
            Gap(row.at, row.entries, row.after, row.before)
            for row in connection.execute(_within(GAPS, GAPS.c.at, since, until))
        ],
        scans=_scans(connection, since, until),
    )


def _within(table: Table, at: Any, since: datetime, until: datetime) -> Any:
    return select(table).where(at >= since, at < until).order_by(at)


def _incidents(connection: Connection, since: datetime, until: datetime) -> list[PastIncident]:
    touches = select(INCIDENTS).where(
        INCIDENTS.c.opened_at < until, or_(INCIDENTS.c.resolved_at.is_(None), INCIDENTS.c.resolved_at >= since)
    )
    return [
        PastIncident(
            id=row.id,
            check=row.check_name,
            node=row.node,
            target=row.target,
            severity=row.severity,
            message=row.message,
            opened_at=row.opened_at,
            looked_before=row.looked_before,
            resolved_at=row.resolved_at,
            resolution=row.resolution,
            attempt=row.attempt,
            told=row.alerted_at is not None or row.escalated_at is not None,
            acked_by=row.acked_by,
        )
        for row in connection.execute(touches.order_by(INCIDENTS.c.opened_at))
    ]


def _heals(connection: Connection, since: datetime, until: datetime) -> list[PastHeal]:
    return [
        PastHeal(
            row.remedy or "unknown",
            row.act or "unknown",
            row.check_name,
            row.node,
            row.target,
            row.claimed_at,
            row.outcome,
        )
        for row in connection.execute(_within(HEALS, HEALS.c.claimed_at, since, until))
    ]


def _sent(connection: Connection, since: datetime, until: datetime) -> Mapping[str, int]:
    at, channel = NOTIFICATIONS.c.at, NOTIFICATIONS.c.channel
    counted = (
        select(channel, func.count())
        .where(at >= since, at < until, NOTIFICATIONS.c.sent.is_(True))
        .group_by(channel)
        .order_by(channel)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _failed(connection: Connection, since: datetime, until: datetime) -> int:
    at, failed = NOTIFICATIONS.c.at, NOTIFICATIONS.c.sent.is_(False)
    counted = select(func.count()).select_from(NOTIFICATIONS).where(at >= since, at < until, failed)
    return int(connection.scalar(counted) or 0)


def _scans(connection: Connection, since: datetime, until: datetime) -> PastScans:
    first, last = since.astimezone(UTC).date(), (until.astimezone(UTC) - timedelta(microseconds=1)).date()
    day, agent, what = SCAN_COUNTS.c.day, SCAN_COUNTS.c.agent, SCAN_COUNTS.c.what
    counted = select(agent, what, func.sum(SCAN_COUNTS.c.count)).where(day >= first, day <= last).group_by(agent, what)
    newest = select(SCANS).where(SCANS.c.at >= since, SCANS.c.at < until).order_by(SCANS.c.at.desc()).limit(_MOST_SCANS)
    return PastScans(
        first,
        last,
        [ScanCount(row[0], row[1], int(row[2])) for row in sorted(connection.execute(counted).all())],
        [
            PastScan(row.at, row.node, row.agent, row.path, row.verdict, row.sha256, row.rules.split())
            for row in reversed(connection.execute(newest).all())
        ],
    )
