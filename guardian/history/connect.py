"""Connections: one for each transaction, and never longer than `_LONGEST`, so that a server that hangs is left,
whatever its driver waits for."""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from guardian.diagnose.plain import brief
from guardian.errors import HistoryError

_CONNECT_SECONDS, _LOCK_SECONDS, _LONGEST = 3, 5, 20.0
_PAUSE = 0.02


class ClashError(HistoryError):
    """Somebody else wrote the same row first."""


@contextmanager
def errors() -> Iterator[None]:
    """Whatever SQLAlchemy and its drivers raise becomes HistoryError, without secrets."""
    try:
        yield
    except IntegrityError as error:
        raise ClashError(str(error.orig)) from None
    except ModuleNotFoundError as error:
        raise HistoryError(f"{error.name} is missing: install ai-system-guardian[postgresql]") from None
    except (SQLAlchemyError, OSError, ValueError) as error:
        cause = getattr(error, "orig", None) or error
        first = next(iter(str(cause).splitlines()), "")
        raise HistoryError(brief(f"{type(cause).__name__}: {first}", 300)) from None


def file_of(url: str) -> Path | None:
    """The file of a SQLite database."""
    with errors():
        parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        made = create_engine(parsed, poolclass=NullPool, connect_args={"timeout": _LOCK_SECONDS})
        event.listen(made, "connect", _sqlite_connected)
        event.listen(made, "begin", _sqlite_begins)
        return made
    parsed = parsed.set(drivername="postgresql+psycopg")
    made = create_engine(parsed, poolclass=NullPool, connect_args={"connect_timeout": _CONNECT_SECONDS})
    event.listen(made, "connect", _watched)
    event.listen(made, "close", _left)
    return made


def _sqlite_connected(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver at the first write
    _keep_log_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")  # what is taken off the stream must outlive a power failure


def _keep_log_ahead(connection: Any) -> None:
    """SQLite does not wait here by its own time limit: where several switch a new file at once, all but one are refused
    at once (https://sqlite.org/c3ref/busy_handler.html: where waiting could be for ever)."""
    end = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _sqlite_begins(connection: Connection) -> None:
    """A writer is one from its beginning: two that read first could not both go on."""
    writes = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _watched(connection: Any, record: Any) -> None:
    """The driver has no time limit of its own for an answer: at the limit the socket is shut."""
    held = socket.socket(fileno=os.dup(connection.fileno()))
    timer = threading.Timer(_LONGEST, _shut, [held])
    timer.daemon = True
    timer.start()
    record.info["watch"] = (timer, held)


def _shut(held: socket.socket) -> None:
    with suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)


def _left(_connection: Any, record: Any) -> None:
    timer, held = record.info.pop("watch", (None, None))
    if timer is not None:
        timer.cancel()
        held.close()
