"""A log and what it was rotated to: which files there are to be read, in the order in which they were written.

Looking comes before reading: whatever was rotated since the last look is noted in this one, with its fingerprints, also
where its turn to be read comes many looks later. Only so is a file known again after the next rotation.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Self

from guardian.logs.entries import siblings
from guardian.logs.entries.place import Place
from guardian.logs.entries.siblings import Found, MovedError

FORGOTTEN_AFTER = 360
"""Looks without news after which a file that is not the log is forgotten: an hour, every 10 s."""


@dataclass(frozen=True)
class Family:
    """`path` is the log's, `files` are in the order of their lines, `live` is the key of the one that had the log's
    name at the last look. Others that were written up to `since` are older than all that is read."""

    path: str
    files: Sequence[Place] = ()
    live: str = ""
    since: int = 0

    @classmethod
    def of(cls, path: str, held: Mapping[str, Any]) -> Self:
        return cls(path, [Place.of(each) for each in held["files"]], held["live"], held["since"])

    def as_json(self) -> dict[str, Any]:
        return {"files": [each.as_json() for each in self.files], "live": self.live, "since": self.since}

    @property
    def unread(self) -> Sequence[Place]:
        return [place for place in self.files if place.unread]

    @property
    def is_new(self) -> bool:
        """Whether this is its first look."""
        return not self.since

    def heir_of(self, other: "Family") -> "Family":
        """With the files of one that is this log's archive: its lines are the older ones."""
        own = {each.key for each in self.files}
        return replace(self, files=[*(each for each in other.files if each.key not in own), *self.files])


@dataclass(frozen=True)
class Around:
    """What there is now. `log` is the file with the log's name, `rotated` those that it may have been rotated to,
    oldest first, `known` those of the family, by key. `named`: keys of what is read in any case."""

    log: Found | None
    rotated: Sequence[Found]
    known: Mapping[str, Found]
    named: frozenset[str]


@dataclass(frozen=True)
class Observed:
    family: Family
    troubles: Sequence[str]


def observed(family: Family, around: Around, *, sure: bool) -> Observed:
    """The family as it is now: nothing is read yet. Raises MovedError when something is renamed meanwhile; where what
    is missing is `sure` to be gone, only when something is opened."""
    missing = [place for place in family.files if place.key not in around.known]
    if missing and not sure:
        raise MovedError
    with ExitStack() as stack:
        return _Look(family, around, stack).observed()


class _Look:
    def __init__(self, family: Family, around: Around, stack: ExitStack) -> None:
        self._family, self._around, self._stack = family, around, stack
        self._troubles: list[str] = []
        self._changed: Place | None = None
        self._handles: dict[str, int] = {}

    def observed(self) -> Observed:
        log, first = self._around.log, self._family.is_new
        kept = [place for place in map(self._kept, self._family.files) if place is not None]
        kept = [place for place in kept if not self._is_lost_part(place)]
        known = {place.key for place in kept}
        came = [each for each in self._around.rotated if each.key not in known and each.size]
        new = [each for each in came if not self._old(each) and self._open(each)]
        if log is not None and self._open(log) and log.key not in known:
            new.append(log)
        begun = [self._at(each, 0) for each in new] if first else self._since(kept, new)
        since = max((each.written for each in came), default=1) if first else self._family.since
        files, since = self._forgotten([*kept, *begun], since)
        files.sort(key=lambda place: log is not None and place.key == log.key)  # the log is the last
        live = log.key if log else ""
        return Observed(replace(self._family, files=files, live=live, since=since), self._troubles)

    def _open(self, each: Found) -> bool:
        try:
            self._handles[each.key] = self._stack.enter_context(siblings.opened(each.path, each.key))
        except OSError as error:
            self._troubles.append(f"{each.path}: {error.strerror or error}")
            return False
        return True

    def _kept(self, place: Place) -> Place | None:
        """A known file as it is now, where it is the same one still."""
        there = self._around.known.get(place.key)
        if there is not None:
            try:
                with siblings.opened(there.path, there.key) as handle:
                    now = place.seen(handle, there.path)
                    if place.goes_on(handle) and not (place.twin and now.size != place.size):
                        return now
            except OSError as error:
                self._troubles.append(f"{there.path}: {error.strerror or error}")
                return place
        if place.key == self._family.live and not place.twin:
            self._changed = place
        elif place.unread:
            self._lost(place, replaced=there is not None)
        return None

    def _is_lost_part(self, place: Place) -> bool:
        """Whether it was taken for a file of its own, and is what the log lost: it had been copied at the last look."""
        there = self._around.known.get(place.key)
        if self._changed is None or not place.twin or there is None:
            return False
        with siblings.opened(there.path, there.key) as handle:
            return self._changed.is_copied_by(handle)

    def _lost(self, place: Place, *, replaced: bool) -> None:
        how = "emptied or replaced" if replaced else "removed"
        self._troubles.append(f"{place.path}: {how} with {place.unread} bytes that were not read")

    def _since(self, kept: Sequence[Place], new: Sequence[Found]) -> list[Place]:
        """What came since the last look."""
        came = [each for each in new if not self._is_copy_of_the_log(each)]
        if self._changed is not None:
            return self._after(self._changed, came)
        only_grew = self._only_grew(kept)
        return [self._copy(each) if only_grew and self._strange(each) else self._at(each, 0) for each in came]

    def _is_copy_of_the_log(self, each: Found) -> bool:
        """Of the log as it is: one in the making, which is known when the log is emptied, or a backup."""
        log = self._around.log
        if log is None or each == log or log.key not in self._handles:
            return False
        return siblings.is_part_of(self._handles[each.key], self._handles[log.key])

    def _only_grew(self, kept: Sequence[Place]) -> bool:
        """Whether the log is what it was at the last look. Nothing tells of one that was empty then."""
        told = {place.key for place in self._family.files if place.size}
        is_log = [place.key for place in kept if place.path == self._family.path]
        return self._family.live in told and self._family.live in is_log

    def _after(self, changed: Place, came: Sequence[Found]) -> list[Place]:
        """What the log lost since the last look: in its copy, then in what came after that one."""
        copies = [each for each in came if each != self._around.log and changed.is_copied_by(self._handles[each.key])]
        if not copies:
            if changed.unread:
                self._lost(changed, replaced=self._around.log is not None)
            return [self._at(each, 0) for each in came]
        whole = [each for each in copies if each.size >= changed.at]
        begin = came.index((whole or copies)[-1])  # the newest one: those before are backups
        left_out = [each in copies or self._strange(each) for each in came[:begin]]
        before = [self._copy(each) if out else self._at(each, 0) for each, out in zip(came, left_out, strict=False)]
        return [*before, *self._in_stream(changed, came[begin:])]

    def _in_stream(self, changed: Place, stream: Sequence[Found]) -> Iterator[Place]:
        """Of archives that end before the place, it lies that much earlier in the next file."""
        at, skips = changed.at, changed.skips
        for each, following in zip_longest(stream, stream[1:]):
            if at > os.fstat(self._handles[each.key]).st_size:
                if following is not None:
                    yield self._copy(each)
                    handles = self._handles[each.key], self._handles[following.key]
                    at, skips = siblings.behind_the_cut(changed, at, *handles), False
                    continue
                at = 0
            yield self._at(each, at, skips=skips)
            at, skips = 0, False

    def _at(self, each: Found, at: int, *, skips: bool = False) -> Place:
        handle = self._handles[each.key]
        return Place(each.key, each.path).seen(handle, each.path).moved(handle, at, skips=skips)

    def _copy(self, each: Found) -> Place:
        place = self._at(each, 0)
        return replace(place.moved(self._handles[each.key], place.size), twin=True)

    def _strange(self, each: Found) -> bool:
        return each != self._around.log and each.key not in self._around.named

    def _old(self, each: Found) -> bool:
        return self._strange(each) and (self._family.is_new or each.written <= self._family.since)

    def _forgotten(self, files: Sequence[Place], since: int) -> tuple[list[Place], int]:
        """Without those that are long done, and until when those were written."""
        log = self._around.log
        kept = {*self._around.named, log.key if log else ""}
        over = [place for place in files if place.idle > FORGOTTEN_AFTER and place.key not in kept]
        return [place for place in files if place not in over], max([since, *(place.written for place in over)])
