"""`ports.EntryReader` on this machine's files. Keeps nothing between calls: all is in the cursor.

First every log and what it was rotated to is looked over (survey.py), then as much of it is read as the limit allows.
"""

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from guardian.logs.entries import lines
from guardian.logs.entries.family import Family
from guardian.logs.entries.place import Place
from guardian.logs.entries.siblings import MovedError, opened
from guardian.logs.entries.survey import Survey
from guardian.logs.entries.written import last_written
from guardian.model import JSON
from guardian.ports import Entries, LastWritten, LogEntry

_MOST_TROUBLES = 5


class JsonLogs:
    def read(self, patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
        with _no_collector():
            return _read(patterns, cursor, limit_bytes)

    def last_written(self, patterns: Sequence[str]) -> LastWritten:
        return last_written(patterns)


def _read(patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
    survey, reading = Survey(patterns), _Reading(limit_bytes)
    families = {each.path: each for each in survey.families(_known(cursor))}
    waiting = sorted((each for each in families.values() if each.unread), key=lambda each: each.unread[0].written)
    for number, family in enumerate(waiting):
        families[family.path] = reading.read(family, share=len(waiting) - number)
    seen = bool(families) or (isinstance(cursor, Mapping) and cursor.get("seen") is True)
    troubles = [*survey.troubles, *reading.troubles]
    if seen and not families and not troubles:
        troubles.append("the log that was there is gone")
    return Entries(
        reading.entries,
        {"logs": {path: each.as_json() for path, each in families.items()}, "seen": seen},
        behind_bytes=reading.behind,
        absent=not survey.named and not seen and not troubles,
        troubles=troubles[:_MOST_TROUBLES],
    )


def _known(cursor: JSON) -> dict[str, Family]:
    """What another version wrote otherwise is forgotten."""
    held = cursor.get("logs", {}) if isinstance(cursor, Mapping) else {}
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        return {path: Family.of(path, each) for path, each in held.items()}
    return {}


@dataclass
class _Reading:
    """As far as it is. `limit` bytes may still be read, `behind` wait for the next look."""

    limit: int
    entries: list[LogEntry] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    behind: int = 0

    def read(self, family: Family, *, share: int) -> Family:
        """What is new in its files, one after the other, within its share of the limit."""
        files, kept = list(family.files), self.limit - self.limit // share
        for number, place in enumerate(files):
            if place.unread:
                files[number], more = self._opened(place, self.limit - kept)
                if more:
                    self.behind += sum(each.unread for each in files[number:])
                    break
        return replace(family, files=files)

    def _opened(self, place: Place, limit: int) -> tuple[Place, bool]:
        try:
            with opened(place.path, place.key) as handle:
                return self._taken(place, handle, limit)
        except MovedError:
            return place, True
        except OSError as error:
            self.troubles.append(f"{place.path}: {error.strerror or error}")
            return place, False

    def _taken(self, place: Place, handle: int, limit: int) -> tuple[Place, bool]:
        """The place after as much of it as the limit allows; and whether there is more. What was emptied or cut
        meanwhile is left to the next look."""
        data = self._bytes(handle, place, limit)
        name, mark = lines.encoding(os.pread(handle, 4, 0))
        used = lines.whole(data, name)
        too_long = not used and len(data) > lines.LONGEST
        skips = too_long or (place.skips and not used)
        now = place.moved(handle, place.at + (len(data) if too_long else used), skips=skips)
        if not place.goes_on(handle):
            return place, True
        begin = lines.after_line(data, name) if place.skips else mark if place.at == 0 else 0
        if used > begin:
            self.entries += lines.entries(place.path, data[begin:used], place.at + begin, name)
        if too_long and not place.skips:
            self.entries.append(LogEntry(f"{place.path}:{place.at}", None, f"longer than {lines.LONGEST} bytes"))
        return now, place.at + len(data) < place.size

    def _bytes(self, handle: int, place: Place, limit: int) -> bytes:
        """At least one line, where there is anything left of the limit."""
        wanted = min(place.unread, limit)
        if wanted <= 0:
            return b""
        data = os.pread(handle, max(wanted, min(place.unread, lines.LONGEST + 1)), place.at)
        self.limit -= len(data)
        return data


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
