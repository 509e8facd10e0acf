"""`ports.EntryReader` on this machine's files. Keeps nothing between calls: all is in the cursor.

A file is known by its inode and by fingerprints, so it is found again under another name, and one that was emptied,
replaced or had its head cut off is told from one that only grew. What such a file lost is looked for in its copies:
files beside it that begin as it did.
"""

import errno
import gc
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from glob import iglob
from itertools import islice
from pathlib import Path

from guardian.logs.entries import lines
from guardian.logs.entries.place import Place
from guardian.logs.entries.siblings import (
    COMPRESSED,
    Copy,
    by_inode,
    copy_of,
    is_rotated,
    key_of,
    opened,
    written_between,
)
from guardian.logs.entries.written import last_written
from guardian.logs.rotation.archives import is_hidden
from guardian.model import JSON
from guardian.ports import Entries, LastWritten, LogEntry

_MOST_FILES = 500
_MOST_TROUBLES, _MOST_DONE = 5, 100
_FORGOTTEN_AFTER = 360
"""Looks without news after which a file that no pattern names any more is forgotten: an hour, every 10 s."""


class JsonLogs:
    def read(self, patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
        with _no_collector():
            return _read(patterns, cursor, limit_bytes)

    def last_written(self, patterns: Sequence[str]) -> LastWritten:
        return last_written(patterns)


def _read(patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
    known = _places(cursor)
    look = _Look(known, limit_bytes, list(known.values()))
    named = look.named(patterns)
    gone = {key: place for key, place in look.places.items() if key not in named}
    for number, (key, path) in enumerate(named.items()):
        look.settle(key, path, len(named) - number)
    for key, place in sorted(gone.items(), key=lambda item: item[1].written):
        look.follow(key, place)
    for path in named.values():
        look.catch_up(path, set(named))
    logs = _logs(named.values())
    for number, (key, path) in enumerate(named.items()):
        if path in look.behind or logs[path] in look.behind:
            look.wait(key, path)
            continue
        look.read(key, path, share=len(named) - number)
        if logs[path] != path and look.left.get(key):
            look.behind.add(logs[path])
    places = {key: place.as_json() for key, place in _most(look.places, named).items()}
    return Entries(
        look.entries,
        {"files": places},
        behind_bytes=sum(look.left.values()),
        absent=not named and not look.places and not look.troubles,
        troubles=look.troubles[:_MOST_TROUBLES],
    )


def _logs(paths: Collection[str]) -> Mapping[str, str]:
    """Of which log each file is an archive, where the patterns name both; else itself."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(os.path.dirname(path), []).append(path)  # noqa: PTH120  hundreds of them
    return {path: next((log for log in folders[os.path.dirname(path)] if _is_of(path, log)), path) for path in paths}  # noqa: PTH120


def _is_of(path: str, log: str) -> bool:
    return is_rotated(os.path.basename(path), os.path.basename(log))  # noqa: PTH119


def _most(places: Mapping[str, Place], named: Collection[str]) -> Mapping[str, Place]:
    """Of those that no pattern names any more and that are read to their end, the newest."""
    done = [key for key, place in places.items() if key not in named and (place.twin or place.at >= place.size)]
    oldest = sorted(done, key=lambda key: places[key].written)[:-_MOST_DONE]
    return {key: place for key, place in places.items() if key not in oldest}


def _idle(place: Place, handle: int) -> Place:
    state = os.fstat(handle)
    return replace(place, idle=place.idle + 1, size=state.st_size, written=state.st_mtime_ns)


def _places(cursor: JSON) -> dict[str, Place]:
    """What another version wrote otherwise is forgotten."""
    held = cursor.get("files", {}) if isinstance(cursor, Mapping) else {}
    with suppress(AttributeError, TypeError, ValueError):
        return {key: Place.of(place) for key, place in held.items()}
    return {}


@dataclass
class _Look:
    """One look, as far as it is. `left` bytes of each file wait for the next one; what follows a file that was renamed
    and is `behind` waits as well."""

    places: dict[str, Place]
    limit: int
    before: Sequence[Place] = ()
    entries: list[LogEntry] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    behind: set[str] = field(default_factory=set)

    def named(self, patterns: Sequence[str]) -> dict[str, str]:
        """Key -> path of the regular files that the patterns name; each once, under its first name. What was written
        longest ago comes first, and before what is new."""
        found: dict[str, str] = {}
        written: dict[str, tuple[int, bool]] = {}
        for path in islice(_matching(patterns), _MOST_FILES):
            try:
                state = path.stat()
            except OSError as error:
                if error.errno != errno.ENOENT:
                    self._trouble(path, error)
                continue
            if stat.S_ISREG(state.st_mode):
                key = key_of(state)
                found.setdefault(key, str(path))
                written[key] = state.st_mtime_ns, key not in self.places
            elif not stat.S_ISDIR(state.st_mode):
                self.troubles.append(f"{path}: it is no regular file")
        return dict(sorted(found.items(), key=lambda item: written[item[0]]))

    def follow(self, key: str, place: Place) -> None:
        """A known file that no pattern names now: renamed, and read to its end; or gone."""
        path = by_inode(key, Path(place.path).parent)
        if path is None or place.twin or place.idle > _FORGOTTEN_AFTER:
            if path is None and place.size > place.at and not place.twin:
                self.troubles.append(f"{place.path}: removed with {place.size - place.at} bytes that were not read")
            del self.places[key]
            return
        if place.path in self.behind:  # an older one comes first
            self.left[key] = max(0, place.size - place.at)
            return
        self.settle(key, str(path), 1)
        self.read(key, str(path), named=place.path)
        if self.left.get(key):
            self.behind.add(place.path)

    def catch_up(self, path: str, named: Collection[str]) -> None:
        """What more than one rotation since the last look made of a log comes before the log itself."""
        marks = [place.written for place in self.before if place.path == path and not place.twin]
        if not marks:
            return
        for key, name in written_between(Path(path), max(marks), {*named, *self.places}):
            others = [place for place in self.before if place.path == path]
            if self._is_copied(name, others):
                continue
            if path in self.behind:
                self.wait(key, name, named=path)
                continue
            self.read(key, name, named=path)
            if self.left.get(key) or key not in self.places:
                self.behind.add(path)

    def _is_copied(self, name: str, places: Sequence[Place]) -> bool:
        """Whether it is a copy of what was read already; what that one lost is read from it in its turn."""
        with suppress(OSError), opened(name) as handle:
            return any(place.is_copied_by(handle) for place in places)
        return True

    def wait(self, key: str, path: str, *, named: str | None = None) -> None:
        """What came before it is not read to its end."""
        with suppress(OSError), opened(path) as handle:
            place, size = self.places.get(key), os.fstat(handle).st_size
            if key_of(os.fstat(handle)) != key:
                return
            if place is None or (not place.at and not place.head_bytes):
                place = self.places[key] = Place(named or path).waits(handle)
            self.left[key] = self.left.get(key, 0) or max(0, size - place.at)

    def read(self, key: str, path: str, *, share: int = 1, named: str | None = None) -> None:
        """What is new in one file, within its share of what is left of the limit. `named`: what it was called."""
        known = self.places.get(key)
        try:
            with opened(path) as handle:
                if key_of(os.fstat(handle)) != key:
                    return  # it was renamed this moment: the next look knows it
                if known is None:
                    self._begin(key, named or path, path, handle, share)
                elif not known.twin:
                    if self._is_as_it_was(known, handle):
                        self._take(key, replace(known, path=named or path), path, handle, share)
                elif os.fstat(handle).st_size != known.size or not known.begins(handle):
                    self._begin(key, path, path, handle, share)  # a copy does not grow: it was none
        except OSError as error:
            self._trouble(path, error)

    def _begin(self, key: str, named: str, path: str, handle: int, share: int) -> None:
        """A file that is new; a copy of one that is known is read only when that one has lost something."""
        others = {other: place for other, place in self.places.items() if other != key and not place.twin}
        if any(self._is_copy(handle, other, place) for other, place in others.items()):
            self.places[key] = Place(path, twin=True).moved(handle, os.fstat(handle).st_size)
        else:
            self._take(key, Place(named), path, handle, share)

    def _is_copy(self, handle: int, other: str, place: Place) -> bool:
        """A log of its own may begin as another one; it is not that one's copy when it has more than that has."""
        if not place.is_copied_by(handle):
            return False
        with suppress(OSError), opened(place.path) as original:
            state = os.fstat(original)
            if key_of(state) == other and state.st_size >= place.at and place.goes_on(original):
                return os.fstat(handle).st_size <= state.st_size
        return True

    def settle(self, key: str, path: str, share: int) -> None:
        """In a file that is not as it was, what is missing is read from its copy first; then it begins anew, or behind
        the cut."""
        place = self.places.get(key)
        if place is None or place.twin:
            return
        with suppress(OSError), opened(path) as handle:
            if key_of(os.fstat(handle)) == key and not self._is_as_it_was(place, handle):
                self._settle(key, place, path, handle, share)

    def _is_as_it_was(self, place: Place, handle: int) -> bool:
        return os.fstat(handle).st_size >= place.at and place.goes_on(handle)

    def _settle(self, key: str, place: Place, path: str, handle: int, share: int) -> None:
        copy = copy_of(place, key, Path(path))
        if copy is None:
            if place.size > place.at:
                lost = place.size - place.at
                self.troubles.append(f"{path}: emptied or replaced with {lost} bytes that were not read")
            self.places[key] = Place(place.path)
            return
        with closing(copy) as copied:
            if place.at > copied.size:
                self.places[key] = _behind_the_cut(place, copied, handle)
            elif self._take(key, place, copied.path, copied.handle, share):
                self.places[key] = Place(place.path)
            else:
                self.behind.add(path)  # the rest of the copy comes first: at the next look
                return
            self.places[copied.key] = Place(copied.path, twin=True).moved(copied.handle, copied.size)

    def _take(self, key: str, place: Place, path: str, handle: int, share: int) -> bool:
        """Read on from a place; whether to the end."""
        size = os.fstat(handle).st_size
        data = self._bytes(handle, place.at, size, share)
        name, mark = lines.encoding(os.pread(handle, 4, 0))
        found: list[LogEntry] = []
        begin = lines.after_line(data, name) if place.skips else mark if place.at == 0 else 0
        used = lines.whole(data, name)
        if used > begin:
            found = lines.entries(path, data[begin:used], place.at + begin, name)
        skips = place.skips and not used
        if not used and len(data) > lines.LONGEST:
            if not skips:
                found = [LogEntry(f"{path}:{place.at}", None, f"longer than {lines.LONGEST} bytes")]
            used, skips = len(data), True
        fresh = place.moved(handle, place.at + used, skips=skips) if used else _idle(place, handle)
        if not place.goes_on(handle) or not (fresh.goes_on(handle) and (place.at or not data or fresh.has_read(data))):
            return False  # it was emptied while it was read: the next look knows it
        self.entries += found
        self.places[key] = fresh
        more = place.at + len(data) < size
        self.left[key] = size - place.at - used if more else 0
        return not more

    def _bytes(self, handle: int, at: int, size: int, share: int) -> bytes:
        """Within the limit, but at least one line where there is anything left of it."""
        wanted = min(size - at, self.limit // share)
        if wanted <= 0:
            return b""
        data = os.pread(handle, max(wanted, min(size - at, lines.LONGEST + 1)), at)
        self.limit -= len(data)
        return data

    def _trouble(self, path: object, error: OSError) -> None:
        self.troubles.append(f"{path}: {error.strerror or error}")


def _matching(patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        for name in sorted(islice(iglob(pattern), _MOST_FILES)):  # noqa: PTH207  the whole path is the pattern
            if not is_hidden(name) and not name.endswith(COMPRESSED):
                yield Path(name)


def _behind_the_cut(place: Place, archive: Copy, handle: int) -> Place:
    """Where what was read ends in a file whose head was cut off: the archive ends with the line that was blanked."""
    head = os.pread(handle, lines.LONGEST * 8, 0)
    blank = head.find(b"\n") + 1 if not head[: head.find(b"\n") + 1].strip() else 0
    cut, begin = archive.size - blank, place.at - place.tail_bytes
    after = max(begin, archive.size)
    before = os.pread(archive.handle, max(0, archive.size - begin), begin)
    if not place.ends_with(before + os.pread(handle, place.at - after, after - cut)):
        return Place(place.path)
    return replace(place, head="", head_bytes=0).moved(handle, place.at - cut)


@contextmanager
def _no_collector() -> Iterator[None]:
    """A slice of a backlog is a hundred thousand new objects, none of them in a cycle: to look them over while they are
    made takes longer than to read them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
