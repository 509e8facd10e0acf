"""The history as the engine holds it: connected at first use, so that whoever never asks loads no SQLAlchemy."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guardian.history.database import Database


class History:
    """`url` as SQLAlchemy reads it; a secret."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def database(self) -> "Database":
        """Raises HistoryError."""
        from guardian.history.database import Database  # noqa: PLC0415

        return Database(self._url)

    @property
    def is_file(self) -> bool:
        """Only one machine has it."""
        return self._url.startswith("sqlite")


def file_url(path: str) -> str:
    """The URL of a SQLite file, whatever its name has in it."""
    from urllib.parse import quote  # noqa: PLC0415

    return "sqlite:///" + quote(path)
