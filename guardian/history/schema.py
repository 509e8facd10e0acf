"""Brings the tables to the version that this Guardian knows: once, however many do it at the same time."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from guardian.errors import HistoryError
from guardian.history.tables import HEAD, VERSION_TABLE

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6775617264  # PostgreSQL's advisory lock of this work, among all that a database has


def upgrade(engine: Engine) -> None:
    """In one transaction that others wait for: whole or not at all. Raises HistoryError for a newer Guardian's."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _version(connection) != HEAD:
            _migrate(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return str(connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")))  # noqa: S608  our own name


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  9 MB, needed once
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise HistoryError(f"its tables are of another version of Guardian: {error}") from None
