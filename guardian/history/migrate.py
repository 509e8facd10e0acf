"""The process that loads Alembic, makes or changes the tables, and ends: `python -m guardian.history.migrate`.

Reads the URL from stdin. Exit code 0: the tables are as this Guardian knows them; else one line on stdout says why not.
"""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from guardian.errors import HistoryError
from guardian.history.connect import engine, errors

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6775617264  # PostgreSQL's advisory lock of this work, among all that a database has


def migrate(url: str, version: str = "head") -> None:
    """In one transaction that others wait for: whole or not at all, however many do it at the same time."""
    with errors():
        made = engine(url)
        with made.connect().execution_options(write=True) as connection, connection.begin():
            if made.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _upgrade(connection, version)  # nothing, where another one was first


def _upgrade(connection: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, version)
    except CommandError as error:
        raise HistoryError(f"its tables are of another version of Guardian: {error}") from None


def main() -> int:
    try:
        migrate(sys.stdin.read())
    except HistoryError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
