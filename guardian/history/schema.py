"""Which version the tables have. They are made and changed in a process of its own (`migrate`): Alembic and what comes
with it are 44 MB, which no process that lives on should keep for work that is done once."""

import subprocess
import sys

from sqlalchemy import Connection, Engine, inspect, text

from guardian.errors import HistoryError
from guardian.history.tables import HEAD, VERSION_TABLE

_MODULE = "guardian.history.migrate"
_LIMIT_SECONDS = 30


def version(connection: Connection) -> str | None:
    """None: there are no tables."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608  our own name
    return str(found) if found else None


def upgrade(engine: Engine, url: str) -> None:
    """To the version that this Guardian knows. Raises HistoryError, also for the tables of a newer one."""
    with engine.connect() as connection:
        found = version(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise HistoryError(f"its tables are of a newer Guardian: version {found}, this one knows {HEAD}")
    _apart(url)


def _apart(url: str) -> None:
    """The URL is a secret: it goes by stdin. `-P` keeps a folder `alembic` of the current directory from being taken
    for the package. A task that ends by its time limit leaves the process to finish; it is bounded by itself."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        said, _ = child.communicate(url, _LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise HistoryError(f"its tables could not be made within {_LIMIT_SECONDS} s") from None
    if child.returncode:
        raise HistoryError(said.strip() or f"making its tables ended with exit code {child.returncode}")
