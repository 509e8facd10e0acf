"""The tables, as the newest migration leaves them (a test holds the two together). Times are UTC.

Core, not the ORM: rows go in and out in bulk, and the ORM would cost each feeding process half as much memory again.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

VERSION_TABLE = "guardian_alembic_version"
HEAD = "0002"
"""The newest migration."""

METADATA = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware datetime; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _number() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _time(name: str, *, known: bool = False) -> Column[datetime]:
    return Column(name, Moment(), nullable=not known)


def _text(name: str, *, known: bool = False) -> Column[str]:
    return Column(name, Text(), nullable=not known)


STORES = Table(
    "guardian_stores",
    METADATA,
    Column("store", Text(), primary_key=True),
    _text("predecessor"),
    _time("began_at", known=True),
    _text("entry"),
    Column("number", BigInteger(), nullable=False),
    _time("caught_up_at"),
)
"""One row a store that Redis ever held: how far its stream is in here."""

INCIDENTS = Table(
    "guardian_incidents",
    METADATA,
    Column("id", Text(), primary_key=True),
    _text("store", known=True),
    _text("check_name", known=True),
    _text("node", known=True),
    _text("target", known=True),
    _text("state", known=True),
    _text("status", known=True),
    _text("severity", known=True),
    _text("message", known=True),
    _time("opened_at", known=True),
    _time("seen_at", known=True),
    _time("looked_before", known=True),
    Column("failing_looks", Integer(), nullable=False),
    Column("attempt", Integer(), nullable=False),
    _text("heal"),
    _text("tell"),
    _text("action"),
    _text("reason"),
    _text("acked_by"),
    _time("acked_at"),
    _time("alerted_at"),
    _time("escalated_at"),
    _time("resolved_at"),
    _text("resolution"),
    _time("changed_at", known=True),
    _text("document", known=True),
    _text("evidence"),
    Index("guardian_incidents_opened", "opened_at"),
    Index("guardian_incidents_resolved", "resolved_at"),
    Index("guardian_incidents_target", "check_name", "target"),
)

STEPS = Table(
    "guardian_steps",
    METADATA,
    _number(),
    _text("incident", known=True),
    _time("at", known=True),
    _text("kind", known=True),
    _text("text", known=True),
    _text("reason"),
    Index("guardian_steps_incident", "incident"),
    Index("guardian_steps_at", "at"),
)

HEALS = Table(
    "guardian_heals",
    METADATA,
    Column("incident", Text(), primary_key=True),
    Column("attempt", Integer(), primary_key=True, autoincrement=False),
    _text("store", known=True),
    _text("check_name", known=True),
    _text("node", known=True),
    _text("target", known=True),
    _text("remedy"),
    _text("act"),
    Column("cure", Boolean(), nullable=True),
    _time("claimed_at"),
    _time("finished_at"),
    _text("outcome"),
    _text("text"),
    Index("guardian_heals_claimed", "claimed_at"),
)

NOTIFICATIONS = Table(
    "guardian_notifications",
    METADATA,
    _number(),
    _text("incident", known=True),
    _time("at", known=True),
    _text("step", known=True),
    _text("channel", known=True),
    Column("sent", Boolean(), nullable=False),
    _text("text", known=True),
    Index("guardian_notifications_at", "at"),
)

ACTS = Table(
    "guardian_acts",
    METADATA,
    _number(),
    _time("at", known=True),
    _text("author", known=True),
    _text("verb", known=True),
    _text("subject", known=True),
    _text("about", known=True),
    Index("guardian_acts_at", "at"),
)
"""What people did, and the days whose digest was told."""

GAPS = Table(
    "guardian_gaps",
    METADATA,
    _number(),
    _time("at", known=True),
    _text("store", known=True),
    Column("entries", BigInteger(), nullable=False),
    _time("after"),
    _time("before", known=True),
    Index("guardian_gaps_at", "at"),
)

SCANS = Table(
    "guardian_scans",
    METADATA,
    Column("id", Text(), primary_key=True),
    _time("at", known=True),
    _text("node", known=True),
    _text("agent", known=True),
    _text("path", known=True),
    _text("sha256"),
    _text("verdict", known=True),
    _text("rules", known=True),
    Index("guardian_scans_at", "at"),
)
"""Those that were blocked or are for review, one by one up to a bound a day. `rules`: their ids, a blank between."""

SCAN_COUNTS = Table(
    "guardian_scan_counts",
    METADATA,
    Column("day", Date(), primary_key=True),
    Column("store", Text(), primary_key=True),
    Column("agent", Text(), primary_key=True),
    Column("what", Text(), primary_key=True),
    Column("count", BigInteger(), nullable=False),
)
"""All scans of a day (UTC), as one store counted them. `what`: a scan verdict, or the id of a rule with a finding."""
