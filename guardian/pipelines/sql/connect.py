"""Connections to the users' databases: one for each call, bounded in time whatever its server does, and never making
what is not there."""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from guardian.diagnose.plain import brief
from guardian.errors import GuardianError

_STEPS = 10_000
"""Of SQLite's machine between two looks at the clock."""


class DatabaseError(GuardianError):
    """`connected`: it answered at first, so that nobody knows what became of a change."""

    def __init__(self, reason: str, *, connected: bool) -> None:
        super().__init__(reason)
        self.connected = connected


def file_of(url: str) -> Path | None:
    """The file of a SQLite database."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def engine(url: str, seconds: float) -> Engine:
    """No I/O yet. A statement and the wait for a lock may take `seconds` each."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        made = create_engine(
            "sqlite://", poolclass=NullPool, creator=lambda: _sqlite(Path(parsed.database or ""), seconds)
        )
        event.listen(made, "begin", _begins)
        return made
    return _postgresql(parsed, seconds)


@contextmanager
def connected(made: Engine) -> Iterator[Connection]:
    """A transaction. Raises DatabaseError for whatever SQLAlchemy and the drivers raise, without secrets."""
    reached = False
    try:
        with made.begin() as connection:
            reached = True
            yield connection
    except ModuleNotFoundError as error:
        text = f"{error.name} is missing: install ai-system-guardian[postgresql]"
        raise DatabaseError(text, connected=False) from None
    except (SQLAlchemyError, sqlite3.Error, OSError, ValueError) as error:
        cause = getattr(error, "orig", None) or error
        first = next(iter(str(cause).splitlines()), "")
        raise DatabaseError(brief(f"{type(cause).__name__}: {first}", 200), connected=reached) from None


def _sqlite(file: Path, seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=seconds, isolation_level=None)
    end = time.monotonic() + 2 * seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    return connection


def _begins(connection: Connection) -> None:
    """A writer is one from its beginning: it waits for the lock, and never finds that it read too early."""
    writes = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(parsed: URL, seconds: float) -> Engine:
    milliseconds = max(1, round(seconds * 1000))
    made = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        connect_args={
            "connect_timeout": max(2, round(seconds)),  # the library's least
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}",
        },
    )

    def watched(connection: Any, record: Any) -> None:
        """The driver has no limit of its own for an answer: at the limit the socket is shut."""
        held = socket.socket(fileno=os.dup(connection.fileno()))
        timer = threading.Timer(2 * seconds, _shut, [held])
        timer.daemon = True
        timer.start()
        record.info["watch"] = (timer, held)

    event.listen(made, "connect", watched)
    event.listen(made, "close", _left)
    return made


def _shut(held: socket.socket) -> None:
    with suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)


def _left(_connection: Any, record: Any) -> None:
    timer, held = record.info.pop("watch", (None, None))
    if timer is not None:
        timer.cancel()
        held.close()
