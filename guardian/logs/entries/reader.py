"""`ports.EntryReader` on this machine's files. Keeps nothing between calls: all is in the cursor.

A file is known by its inode and by fingerprints, so it is found again under another name, and one that was emptied,
replaced or had its head cut off is told from one that only grew. What such a file lost is looked for in its copies:
files beside it that begin as it did.
"""

import errno
import gc
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from glob import iglob
from itertools import islice
from pathlib import Path

from guardian.logs.entries import lines
from guardian.logs.entries.place import Place
from guardian.logs.entries.siblings import (
    COMPRESSED,
    Copy,
    behind_the_cut,
    by_inode,
    copy_of,
    key_of,
    opened,
    written_since,
)
from guardian.logs.entries.written import last_written
from guardian.logs.rotation.archives import is_hidden
from guardian.model import JSON
from guardian.ports import Entries, LastWritten, LogEntry

_MOST_FILES = 500
_MOST_TROUBLES = 5
_FORGOTTEN_AFTER = 360
"""Looks without news after which a file that no pattern names any more is forgotten: an hour, every 10 s."""
_MOST_SIBLINGS = 2000
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


class JsonLogs:
    def read(self, patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
        with _no_collector():
            return _read(patterns, cursor, limit_bytes)

    def last_written(self, patterns: Sequence[str]) -> LastWritten:
        return last_written(patterns)


def _read(patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
    look = _Look(_places(cursor), limit_bytes)
    named = look.named(patterns)
    gone = {key: place for key, place in look.places.items() if key not in named}
    for key, place in gone.items():
        look.follow(key, place)
    ready = [(key, path) for key, path in named.items() if path not in look.behind]
    for number, (key, path) in enumerate(ready):
        look.read(key, path, share=len(ready) - number)
    places = {key: place.as_json() for key, place in look.places.items()}
    return Entries(
        look.entries,
        {"files": places},
        behind_bytes=sum(look.left.values()),
        absent=not named and not look.places and not look.troubles,
        troubles=look.troubles[:_MOST_TROUBLES],
    )


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
    entries: list[LogEntry] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    behind: set[str] = field(default_factory=set)
    named_keys: frozenset[str] = frozenset()

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
        self.named_keys = frozenset(found)
        return dict(sorted(found.items(), key=lambda item: written[item[0]]))

    def follow(self, key: str, place: Place) -> None:
        """A known file that no pattern names now: renamed, and read to its end; or gone."""
        path = by_inode(key, Path(place.path).parent)
        if path is None or place.twin or place.idle > _FORGOTTEN_AFTER:
            if path is None and place.size > place.at and not place.twin:
                self.troubles.append(f"{place.path}: removed with {place.size - place.at} bytes that were not read")
            del self.places[key]
            return
        self.read(key, str(path), named=place.path)
        if self.left.get(key):
            self.behind.add(place.path)
        elif place.idle == 0:
            with suppress(OSError):
                self._between(path.stat().st_mtime_ns, place.path, key)

    def _between(self, since: int, log: str, key: str) -> None:
        """What a log was rotated to since then, beside what is known."""
        for each in written_since(since, Path(log), key):
            with closing(each):
                if each.key not in self.places and each.key not in self.named_keys:
                    self._begin(each.key, each.path, each.handle, 1)

    def read(self, key: str, path: str, *, share: int = 1, named: str | None = None) -> None:
        """What is new in one file, within its share of what is left of the limit. `named`: what it was called."""
        known = self.places.get(key)
        try:
            with opened(path) as handle:
                if key_of(os.fstat(handle)) != key:
                    return  # it was renamed this moment: the next look knows it
                if known is None:
                    self._begin(key, path, handle, share)
                elif not known.twin:
                    self._go_on(key, replace(known, path=named or path), path, handle, share)
                elif os.fstat(handle).st_size != known.size or not known.begins(handle):
                    self._begin(key, path, handle, share)  # a copy does not grow: it was none, or is not whole yet
        except OSError as error:
            self._trouble(path, error)

    def _begin(self, key: str, path: str, handle: int, share: int) -> None:
        """A file that is new; a copy of one that is known is read only when that one has lost something."""
        others = {other: place for other, place in self.places.items() if other != key and not place.twin}
        if any(self._is_copy(handle, other, place) for other, place in others.items()):
            self.places[key] = Place(path, twin=True).moved(handle, os.fstat(handle).st_size)
        else:
            self._take(key, Place(path), path, handle, share)

    def _is_copy(self, handle: int, other: str, place: Place) -> bool:
        """A log of its own may begin as another one; it is not that one's copy when it has more than that has."""
        if not place.is_copied_by(handle):
            return False
        with suppress(OSError), opened(place.path) as original:
            state = os.fstat(original)
            if key_of(state) == other and state.st_size >= place.at and place.goes_on(original):
                return os.fstat(handle).st_size <= state.st_size
        return True

    def _go_on(self, key: str, place: Place, path: str, handle: int, share: int) -> None:
        """In a file that is not as it was, what is missing is read from its copy first."""
        if os.fstat(handle).st_size >= place.at and place.goes_on(handle):
            if place.at == 0 and place.written:  # it was empty, so nothing tells whether it was rotated since
                self._between(place.written + 1, place.path, key)
            self._take(key, place, path, handle, share)
            return
        copy = copy_of(place, key, Path(place.path))
        if copy is None:
            if place.size > place.at:
                lost = place.size - place.at
                self.troubles.append(f"{path}: emptied or replaced with {lost} bytes that were not read")
            self._take(key, Place(place.path), path, handle, share)
            return
        with ExitStack() as open_ones:
            open_ones.callback(copy.close)
            later = [
                each
                for each in written_since(copy.written, Path(place.path), copy.key)
                if each.key != key and each.key not in self.places
            ]
            for each in later:
                open_ones.callback(each.close)
            self._recover(key, place, [copy, *later], Copy(key, path, handle, os.fstat(handle).st_size), share)

    def _recover(self, key: str, place: Place, copies: Sequence[Copy], log: Copy, share: int) -> None:
        """What a log lost since it was read: from its copy, then from those that were made after that one, then from
        itself. Of copies that end before the place, it lies that much earlier in the next file."""
        at, next_ones = place.at, [*copies[1:], log]
        for number, (copied, following) in enumerate(zip(copies, next_ones, strict=True)):
            if at > copied.size:
                at = behind_the_cut(place, at, copied, following)
            else:
                its_own = key if number == 0 else copied.key
                begun = replace(place, at=at) if number == 0 else Place(copied.path).moved(copied.handle, at)
                if not self._take(its_own, begun, copied.path, copied.handle, share):
                    if number > 0:  # it has a place of its own, as have those after it: they are gone on with by that
                        self.places |= {each.key: Place(each.path) for each in copies[number + 1 :]}
                        self.places[key] = Place(place.path)
                    return  # what follows comes after the rest of it: at the next look
                at = 0
            self.places[copied.key] = Place(copied.path, twin=True).moved(copied.handle, copied.size)
        begun = Place(place.path).moved(log.handle, at) if at else Place(place.path)
        self._take(key, begun, log.path, log.handle, share)

    def _take(self, key: str, place: Place, path: str, handle: int, share: int) -> bool:
        """Read on from a place; whether to the end."""
        size = os.fstat(handle).st_size
        data = self._bytes(handle, place.at, size, share)
        name, mark = lines.encoding(os.pread(handle, 4, 0))
        begin = lines.after_line(data, name) if place.skips else mark if place.at == 0 else 0
        used = lines.whole(data, name)
        if used > begin:
            self.entries += lines.entries(path, data[begin:used], place.at + begin, name)
        skips = place.skips and not used
        if not used and len(data) > lines.LONGEST:
            if not skips:
                self.entries.append(LogEntry(f"{path}:{place.at}", None, f"longer than {lines.LONGEST} bytes"))
            used, skips = len(data), True
        idle = replace(place, idle=place.idle + 1, size=size, written=os.fstat(handle).st_mtime_ns)
        self.places[key] = place.moved(handle, place.at + used, skips=skips) if used else idle
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
