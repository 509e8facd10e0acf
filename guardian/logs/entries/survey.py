"""Which logs there are and what each was rotated to. Nothing is read here but fingerprints.

Logs are rotated while this goes on. What was seen counts only where its folder has the same names before and after, and
nobody has noted a rotation there; else it is done again, and at last left to the next look, which loses nothing.
"""

import errno
import os
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from glob import iglob
from itertools import islice
from pathlib import Path

from guardian.logs.entries.family import Around, Family, Observed, observed
from guardian.logs.entries.place import MARK
from guardian.logs.entries.siblings import COMPRESSED, Folder, Found, MovedError, found, is_part_of, opened, owners
from guardian.logs.rotation.archives import NOTE, hidden, is_hidden

_MOST_FILES = 500
_TRIES = 5
_ROTATING = 60.0
"""Seconds that the note of a rotation is believed: whoever wrote it may have died."""


class Survey:
    """Of what the patterns name. `troubles`: what could not be looked at, and what is known to be lost."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.troubles: list[str] = []
        self._heads: dict[str, bytes] = {}
        self.named = self._named(patterns)

    def families(self, known: Mapping[str, Family]) -> list[Family]:
        """Those that are known, as they are now, and those that begin now."""
        taken = {place.key for family in known.values() for place in family.files}
        logs = owners({*known, *self.named})
        families = {log: known.get(log, Family(log)) for log in dict.fromkeys(logs[path] for path in known)}
        for path, each in self.named.items():
            if each.key not in taken:
                families.setdefault(logs[path], Family(logs[path]))
        for path in known:
            if logs[path] != path:
                families[logs[path]] = families[logs[path]].heir_of(known[path])
        settled: dict[str, Family] = {}
        for tries in range(1, _TRIES + 1):
            left = [families[path] for path in families.keys() - settled.keys()]
            settled |= self._settled(left, logs, families.keys(), sure=tries == _TRIES)
        return [family for family in (families | settled).values() if family.files]

    def _named(self, patterns: Sequence[str]) -> dict[str, Found]:
        """The regular files that the patterns name, by path; each once, under its first name."""
        by_key: dict[str, Found] = {}
        for path in islice(_matching(patterns), _MOST_FILES):
            try:
                state = path.stat()
            except OSError as error:
                if error.errno != errno.ENOENT:
                    self._trouble(path, error)
                continue
            if stat.S_ISREG(state.st_mode):
                each = found(str(path), state)
                by_key.setdefault(each.key, each)
            elif not stat.S_ISDIR(state.st_mode):
                self.troubles.append(f"{path}: it is no regular file")
        return {each.path: each for each in by_key.values()}

    def _settled(
        self, families: Sequence[Family], logs: Mapping[str, str], bases: Collection[str], *, sure: bool
    ) -> dict[str, Family]:
        """Those of them that were not rotated meanwhile."""
        folders: dict[str, Folder] = {}
        looked: dict[str, Observed] = {}
        for family in sorted(families, key=lambda each: (each.is_new, each.path)):
            if family.is_new and self._is_copy(self.named.get(family.path), looked):
                looked[family.path] = Observed(family, ())
                continue
            try:
                around = self._around(family, _folder(folders, family), logs, bases)
                looked[family.path] = observed(family, around, sure=sure)
            except MovedError:
                continue
            except OSError as error:
                looked[family.path] = Observed(family, [_said(family.path, error)])
        again: dict[str, Folder] = {}
        settled = {
            path: seen
            for path, seen in looked.items()
            if _names(path, _folder(folders, seen.family)) == _names(path, _folder(again, seen.family))
        }
        self.troubles += [said for seen in settled.values() for said in seen.troubles]
        return {path: seen.family for path, seen in settled.items()}

    def _around(self, family: Family, folder: Folder, logs: Mapping[str, str], bases: Collection[str]) -> Around:
        keys = {place.key for place in family.files}
        log = _log(family.path)
        others = [*self.named.values(), *([log] if log else ())]
        known = folder.by_key(keys) | {each.key: each for each in others if each.key in keys}
        rotated = [each for each in folder.rotated(os.path.basename(family.path)) if each.path not in bases]  # noqa: PTH119
        read = {each.key for path, each in self.named.items() if logs[path] == family.path or each.key in keys}
        return Around(log, sorted(rotated, key=lambda each: each.order), known, frozenset(read))

    def _is_copy(self, new: Found | None, others: Collection[str]) -> bool:
        """Whether a file that is named as a log of its own is another log's copy, as far as one can see."""
        if new is None or not new.size:
            return False
        with suppress(OSError, MovedError), opened(new.path, new.key) as handle:
            head = os.pread(handle, MARK, 0)
            for log in (_log(path) for path in others if self._head(path)[: len(head)] == head):
                if log is not None:
                    with opened(log.path, log.key) as other:
                        if is_part_of(handle, other):
                            return True
        return False

    def _head(self, path: str) -> bytes:
        if path not in self._heads:
            self._heads[path] = b""
            with suppress(OSError), open(path, "rb", buffering=0) as file:  # noqa: PTH123  hundreds of them
                self._heads[path] = file.read(MARK)
        return self._heads[path]

    def _trouble(self, path: object, error: OSError) -> None:
        self.troubles.append(_said(path, error))


def _said(path: object, error: OSError) -> str:
    return f"{path}: {error.strerror or error}"


def _matching(patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        for name in sorted(islice(iglob(pattern), _MOST_FILES)):  # noqa: PTH207  the whole path is the pattern
            if not is_hidden(name) and not name.endswith(COMPRESSED):
                yield Path(name)


def _log(path: str) -> Found | None:
    """The regular file that has the name, which may be a link to it."""
    with suppress(OSError):
        state = os.stat(path)  # noqa: PTH116  hundreds of them
        return found(path, state) if stat.S_ISREG(state.st_mode) else None
    return None


def _folder(held: dict[str, Folder], family: Family) -> Folder:
    """Each once. Raises OSError."""
    path = os.path.dirname(family.path)  # noqa: PTH120  hundreds of them
    if path not in held:
        held[path] = Folder(path)
    return held[path]


def _names(path: str, folder: Folder) -> object:
    """What tells that a log was rotated between two lists of its folder; never the same while it is being rotated."""
    note = hidden(Path(path), NOTE)
    with suppress(OSError):
        if time.time() - note.stat().st_mtime < _ROTATING:
            return object()
    return folder.names(os.path.basename(path))  # noqa: PTH119
