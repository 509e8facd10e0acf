"""The history as the engine holds it: connected at first use, so that whoever never asks loads no SQLAlchemy."""

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guardian.history.database import Database
    from guardian.history.values import Past


class History:
    """`url` as SQLAlchemy reads it; a secret. `file`: the same place, where that is known without SQLAlchemy."""

    def __init__(self, url: str, file: Path | None = None) -> None:
        self._url = url
        self._file = file

    @cached_property
    def database(self) -> "Database":
        """Raises HistoryError."""
        from guardian.history.database import Database  # noqa: PLC0415

        return Database(self._url)

    def read(self, since: datetime, until: datetime) -> "Past | None":
        """All that touches this span of time; None where nothing was kept yet; nothing is made. Raises HistoryError."""
        if self._file is not None and not self._file.exists():
            return None
        from guardian.history.connect import file_of  # noqa: PLC0415

        file = file_of(self._url)
        if file is not None and not file.exists():
            return None
        return self.database.past(since, until) if self.database.made() else None


def file_url(path: str) -> str:
    """The URL of a SQLite file, whatever its name has in it."""
    from urllib.parse import quote  # noqa: PLC0415

    return "sqlite:///" + quote(path)
