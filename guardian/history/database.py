"""The database: SQLite or PostgreSQL, over SQLAlchemy. Each method is one transaction; all raise HistoryError."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, update

from guardian.history import kept, past, schema
from guardian.history.connect import ClashError, engine, errors
from guardian.history.rows import Row, Rows
from guardian.history.tables import (
    ACTS,
    GAPS,
    HEALS,
    INCIDENTS,
    NOTIFICATIONS,
    SCAN_COUNTS,
    SCANS,
    STEPS,
    STORES,
)
from guardian.history.values import Cursor, Gap, Kept, Past

_NO_ENTRY = ""
_FORGOTTEN = timedelta(days=365)
"""An incident without an end is kept for so much longer: it may be one that is open."""


class Database:
    """Connects at each call. The tables are brought up to date at the first."""

    def __init__(self, url: str) -> None:
        self._url = url
        with errors():
            self._engine = engine(url)
        self._ready = False

    # feeding

    def cursor(self, store: str) -> Cursor | None:
        """None for a store that is new to the history."""
        with self._reading() as connection:
            row = connection.execute(select(STORES).where(STORES.c.store == store)).first()
        return Cursor(row.entry or None, row.number, row.caught_up_at) if row else None

    def feed(
        self,
        store: str,
        before: Cursor | None,
        after: Cursor,
        rows: Rows,
        gap: Gap | None,
        now: datetime,
    ) -> bool:
        """Everything or nothing, and only if the cursor still is `before`; False when somebody else was first."""
        try:
            with self._writing() as connection:
                if not _advance(connection, store, before, after, now):
                    return False
                _write(connection, rows)
                if gap is not None:
                    _insert(connection, GAPS, [vars(gap) | {"store": store}])
        except ClashError:  # two began with the same new store
            return False
        return True

    def prune(self, before: datetime, most: int) -> int:
        """Deletes what ended before then, at most so many rows of each table. Gives how many; what is open stays."""
        old = {
            STEPS: STEPS.c.at < before,
            HEALS: HEALS.c.claimed_at < before,
            NOTIFICATIONS: NOTIFICATIONS.c.at < before,
            ACTS: ACTS.c.at < before,
            GAPS: GAPS.c.at < before,
            SCANS: SCANS.c.at < before,
            SCAN_COUNTS: SCAN_COUNTS.c.day < before.date(),
            INCIDENTS: or_(INCIDENTS.c.resolved_at < before, INCIDENTS.c.seen_at < before - _FORGOTTEN),
        }
        gone = 0
        with self._writing() as connection:
            for table, ended in old.items():
                key = next(iter(table.primary_key))
                some = select(key).where(ended).limit(most)
                gone += connection.execute(delete(table).where(ended, key.in_(some))).rowcount
        return gone

    # reading back

    def adopt(self, store: str, lost: str, since: datetime, made_at: datetime) -> None:
        """What was unfinished in the lost store, and its heals since then, are this store's, which was made then."""
        with self._writing() as connection:
            kept.adopt(connection, store, lost, since, made_at)

    def kept(self, store: str, since: datetime, steps: int) -> Kept:
        """What is to be known again in this store: unfinished incidents with their newest steps, heals since then."""
        with self._reading() as connection:
            return kept.read(connection, store, since, steps)

    # reading

    def made(self) -> bool:
        """Whether there are tables. Makes none."""
        with errors(), self._engine.connect() as connection:
            return schema.version(connection) is not None

    def past(self, since: datetime, until: datetime) -> Past:
        """All that touches this span of time."""
        with self._reading() as connection:
            return past.read(connection, since, until)

    def began(self) -> datetime | None:
        """When what it knows begins; None when it is empty."""
        with self._reading() as connection:
            found: datetime | None = connection.scalar(select(func.min(STORES.c.began_at)))
        return found

    def last_digest(self) -> date | None:
        with self._reading() as connection:
            day = connection.scalar(select(func.max(ACTS.c.subject)).where(ACTS.c.verb == "digest done"))
        return date.fromisoformat(day) if day else None

    # connections

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with errors():
            self._prepare()
            with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with errors():
            self._prepare()
            with self._engine.connect().execution_options(write=True) as connection, connection.begin():
                yield connection

    def _prepare(self) -> None:
        if not self._ready:
            schema.upgrade(self._engine, self._url)
            self._ready = True


# feeding


def _advance(connection: Connection, store: str, before: Cursor | None, after: Cursor, now: datetime) -> bool:
    values = {"entry": after.entry or _NO_ENTRY, "number": after.number, "caught_up_at": after.caught_up_at}
    if before is None:
        _insert(connection, STORES, [{"store": store, "began_at": now, **values}])
        return True
    was = STORES.c.entry == (before.entry or _NO_ENTRY)
    return bool(connection.execute(update(STORES).where(STORES.c.store == store, was).values(values)).rowcount)


def _write(connection: Connection, rows: Rows) -> None:
    _merge(connection, INCIDENTS, list(rows.incidents.values()), keep={"evidence"})
    names = {column.name for column in HEALS.c}
    _merge(connection, HEALS, list(rows.heals.values()), keep=names)
    _insert(connection, STEPS, rows.steps)
    _insert(connection, NOTIFICATIONS, rows.notifications)
    _insert(connection, ACTS, rows.acts)
    _merge(connection, SCANS, list(rows.scans.values()), keep=set())
    _merge(connection, SCAN_COUNTS, list(rows.scan_counts.values()), keep=set())


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))


def _merge(connection: Connection, table: Table, rows: Sequence[Row], keep: set[str]) -> None:
    """Insert or update; of the columns in `keep` nothing known is replaced by nothing."""
    if not rows:
        return
    written = _dialect_insert(connection)(table)
    keys = [column.name for column in table.primary_key]
    changes = {
        column.name: func.coalesce(written.excluded[column.name], column)
        if column.name in keep
        else written.excluded[column.name]
        for column in table.c
        if column.name not in keys
    }
    connection.execute(written.on_conflict_do_update(index_elements=keys, set_=changes), list(rows))


def _dialect_insert(connection: Connection) -> Any:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert
