"""Rows of a table, or a SELECT of the operator's, in any database that SQLAlchemy speaks.

Names come from the configuration as names, values as parameters. Rows are moved by one UPDATE in one transaction, which
asks again whether they are still items of this queue.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from guardian.errors import RemedyError, SourceError
from guardian.ports import QueueReading
from guardian.queues.base import Queue, place_of
from guardian.units import moment

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Where = Mapping[str, str | int | bool]


class _Database:
    """One database. Connects for each transaction anew."""

    def __init__(self, url: str, answer: timedelta) -> None:
        self.url, self._answer = url, answer

    @contextmanager
    def begun(self, *, write: bool = False) -> Iterator["Connection"]:
        """A transaction that only reads, as far as the database can be told so, and is rolled back; or one that is
        committed at the end."""
        engine = self._engine(write=write)
        try:
            with engine.connect() as connection:
                if engine.dialect.name == "postgresql":
                    limit = int(self._answer.total_seconds() * 1000)
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit}")
                    if not write:
                        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                yield connection
                if write:
                    connection.commit()
        finally:
            engine.dispose()

    def _engine(self, *, write: bool) -> "Engine":
        from sqlalchemy import NullPool, create_engine, make_url  # noqa: PLC0415  loaded only where there is such a queue

        url = make_url(self.url)
        if url.get_backend_name() == "sqlite":
            file = _file(url.database)
            return create_engine("sqlite://", poolclass=NullPool, creator=lambda: self._opened(file, write=write))
        arguments: dict[str, Any] = {}
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
            arguments = {"connect_timeout": max(2, int(self._answer.total_seconds()))}
        return create_engine(url, poolclass=NullPool, connect_args=arguments)

    def _opened(self, file: Path, *, write: bool) -> sqlite3.Connection:
        """Never makes a file."""
        mode = "rw" if write else "ro"
        return sqlite3.connect(f"file:{quote(str(file))}?mode={mode}", self._answer.total_seconds(), uri=True)


def _file(path: str | None) -> Path:
    if not path or not Path(path).is_file():
        raise SourceError("sqlite", f"there is no file {path or ''}")
    return Path(path)


class Rows:
    """`key` tells rows apart; without it nothing is moved. `time` is the column that says when an item came."""

    def __init__(self, name: str, url: str, table: str, where: Where, key: str | None, time: str | None,
                 answer: timedelta) -> None:  # fmt: skip
        self._name, self._database, self.where = name, _Database(url, answer), where
        self._table, self._key, self._time = table, key, time

    def _place(self) -> str | None:
        if self._key is None or not self.where:
            return None
        return place_of("sql", self._database.url, self._table, self._key, *sorted(self.where))

    def look(self) -> QueueReading:
        import sqlalchemy as sa  # noqa: PLC0415  as above

        oldest = sa.func.min(sa.column(self._time)) if self._time else sa.null()
        with self._database.begun() as connection:
            wanted = sa.select(sa.func.count(), oldest).select_from(self._named()).where(*self._like())
            depth, first = connection.execute(wanted).one()
        return QueueReading(self._name, int(depth), moment(first), self._place())

    def _named(self) -> Any:
        import sqlalchemy as sa  # noqa: PLC0415  as above

        schema, _, table = self._table.rpartition(".")
        names = {*self.where, *filter(None, (self._key, self._time))}
        return sa.table(table, *map(sa.column, sorted(names)), schema=schema or None)

    def _like(self) -> list[Any]:
        import sqlalchemy as sa  # noqa: PLC0415  as above

        return [sa.column(name) == value for name, value in self.where.items()]

    def move(self, to: Queue, most: int) -> int:
        import sqlalchemy as sa  # noqa: PLC0415  as above

        if not isinstance(to, Rows) or to.where.keys() != self.where.keys() or self._key is None:
            raise RemedyError(f"{self._name}: rows are moved to a queue of the same table only", done=False)
        table = self._named()
        key: Any = sa.column(self._key)
        newest = sa.select(key).select_from(table).where(*self._like())
        newest = newest.order_by(sa.column(self._time or self._key).desc()).limit(most)
        with self._database.begun(write=True) as connection:
            found = list(connection.execute(newest).scalars())
            change = sa.update(table).where(key.in_(found), *self._like()).values(**to.where)
            return int(connection.execute(change).rowcount) if found else 0


class Query:
    """The operator's own SELECT: the number of items, and perhaps when the oldest came."""

    def __init__(self, name: str, url: str, query: str, answer: timedelta) -> None:
        self._name, self._database, self._query = name, _Database(url, answer), query

    def look(self) -> QueueReading:
        from sqlalchemy import text  # noqa: PLC0415  as above

        with self._database.begun() as connection:
            row = connection.execute(text(self._query)).first()
        if not row or isinstance(row[0], bool) or not isinstance(row[0], int) or row[0] < 0:
            return QueueReading(self._name, error="the query gives no number of items in its first column")
        return QueueReading(self._name, row[0], moment(row[1]) if len(row) > 1 else None)

    def move(self, to: Queue, most: int) -> int:  # noqa: ARG002
        raise RemedyError(f"{self._name}: what a query counts cannot be moved", done=False)
