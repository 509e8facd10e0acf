"""Which store this Guardian knew last: kept in the process, and in a file where there is a state directory."""

from contextlib import suppress
from pathlib import Path


class Identity:
    """One for all of a machine's processes, by the file, so that a worker that starts after the store was lost
    still knows that there was one."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def known(self) -> str | None:
        if self._file is None:
            return None
        with suppress(OSError):
            return self._file.read_text(encoding="ascii", errors="replace").strip() or None
        return None

    def learned(self, id_: str) -> None:
        """A file that cannot be written costs only the memory of it."""
        if self._file is not None and self.known() != id_:
            with suppress(OSError):
                self._file.write_text(id_ + "\n", encoding="ascii")
