"""A folder in which each file is an item.

An item is moved by a rename that never takes another file's place: it is in the one folder or in the other. A consumer
has to take its item by a rename or by removing it, as any does that shares a folder with another.
"""

import errno
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from guardian.errors import RemedyError
from guardian.ports import QueueReading
from guardian.queues import rename
from guardian.queues.base import Queue, place_of

_NOT_THIS_ONE = frozenset({errno.ENOENT, errno.EEXIST})
"""A consumer was faster; or the other folder has one of this name."""


class Folder:
    """`pattern` is shell-style. Links are no items: what they point to may lie elsewhere."""

    def __init__(self, name: str, path: Path, pattern: str) -> None:
        self._name, self.path, self._pattern = name, path, pattern

    def look(self) -> QueueReading:
        times = [changed for changed, _ in self._items()]
        oldest = datetime.fromtimestamp(min(times) / 1e9, UTC) if times else None
        place = place_of("folder", str(self.path.stat().st_dev)) if rename.known() else None
        return QueueReading(self._name, len(times), oldest, place)

    def _items(self) -> Iterator[tuple[int, str]]:
        """When it was last changed, in nanoseconds, and its name."""
        hidden = self._pattern.startswith(".")
        with os.scandir(self.path) as entries:
            for entry in entries:
                if not fnmatchcase(entry.name, self._pattern) or (entry.name.startswith(".") and not hidden):
                    continue
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(facts.st_mode):
                    yield facts.st_mtime_ns, entry.name

    def move(self, to: Queue, most: int) -> int:
        if not isinstance(to, Folder):
            raise RemedyError(f"{self._name}: files are moved into a folder only", done=False)
        moved = 0
        for _, name in sorted(self._items(), reverse=True):
            if moved >= most:
                break
            try:
                rename.never_over(self.path / name, to.path / name)
            except OSError as error:
                if error.errno in _NOT_THIS_ONE and to.path.is_dir():
                    continue
                raise RemedyError(f"{name} cannot be moved to {to.path}: {error.strerror}", done=moved > 0) from error
            moved += 1
        return moved
