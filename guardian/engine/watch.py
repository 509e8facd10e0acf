"""The watch: looks at Guardian's own signs of life, and says when it is blind, over the channels directly.

Needs no queue, no worker and no beat; where the store is away, not that either. Of several watches one tells, by a
claim in the store; while that is away each tells for itself. What was told is remembered outside, so that a watch
that is started again tells nothing twice.
"""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guardian.config import Config
from guardian.decide import occurrences
from guardian.decide.blind import Blindness, Facts, Finding, Judged, Memory, StoreFault, judge, terms
from guardian.decide.occurrences import Occurrence
from guardian.engine import signs
from guardian.errors import StoreError
from guardian.notify import blind_texts, together
from guardian.ports import Channel, Clock
from guardian.store.store import Store

_FIRST_RETRY, _LAST_RETRY = timedelta(seconds=5), timedelta(minutes=5)

_FAULTS: Mapping[str, Blindness] = {
    "away": Blindness.STORE_AWAY,
    "silent": Blindness.STORE_SILENT,
    "refuses": Blindness.STORE_REFUSES,
}

logger = logging.getLogger(__name__)


@dataclass
class _Rest:
    """Of a channel that failed."""

    tries: int = 0
    until: datetime | None = None

    def failed(self, now: datetime) -> None:
        self.until = now + min(_FIRST_RETRY * 2 ** min(self.tries, 10), _LAST_RETRY)
        self.tries += 1


@dataclass
class Watch:
    """One process' watch. `known`: what was told before; `remember` is called with each change of it, and may raise
    OSError. `wall` is this machine's clock, to be compared with the server's."""

    config: Config
    store: Store
    channels: Sequence[Channel]
    wall: Clock
    remember: Callable[[Sequence[Occurrence]], None]
    known: Sequence[Occurrence] = ()
    _memory: Memory | None = field(default=None, init=False)
    _rests: dict[str, _Rest] = field(default_factory=dict, init=False)
    _reached: bool = field(default=False, init=False)
    _id: str = field(default_factory=lambda: uuid.uuid4().hex, init=False)

    def step(self, now: datetime) -> Judged:
        """Look, judge, tell. `now` is of a clock that is never set. Raises nothing for what it looks at."""
        settings = self.config.watch
        found = self._look()
        self._reached = isinstance(found, Facts)
        given = terms(settings.blind_after, settings.every, settings.canary_every)
        judged, self._memory = judge(found, self._memory or Memory(began=now), given, now)
        self._keep(occurrences.advance(self.known, judged, now, self._new_id))
        for each in self.known:
            if each.over is None:
                self._named(each.id, each)
            if due := occurrences.due(each, now, settings.repeat_after):
                self._keep_one(each, self._told(due, now))
        return judged

    def _look(self) -> Facts | StoreFault:
        try:
            seen = [blind_texts.line(each) for each in self.known if each.over is None]
            self.store.signs.watch_seen(self.config.node, seen)  # shows as well that the store takes what is written
            return signs.read(self.store, self.config, self.wall)
        except StoreError as error:
            return StoreFault(_FAULTS[error.fault], str(error))
        except Exception as error:
            logger.exception("the store cannot be read")
            return StoreFault(Blindness.STORE_REFUSES, f"it holds what cannot be read: {type(error).__name__}")

    def _new_id(self, trouble: Finding) -> str:
        return self._named(uuid.uuid4().hex[:12], trouble)

    def _named(self, id_: str, subject: Finding | Occurrence) -> str:
        """The trouble's id, which all watches share while the store is there."""
        with suppress(StoreError):
            if self._reached:
                return self.store.signs.open_trouble(subject.subject, id_, self.config.watch.blind_after)
        return id_

    def _told(self, each: Occurrence, now: datetime) -> Occurrence | None:
        """As it is after trying; None when nothing more is to be told of it."""
        names = [channel.name for channel in self.channels]
        claim = self._claimed(each)
        if claim == "told":
            logger.warning("%s (%s, told by another watch)", blind_texts.line(each), each.telling)
            return occurrences.told(each, names, names, now)
        lacking = [channel for channel in self.channels if channel.name not in each.told and self._ready(channel, now)]
        if claim == "busy" or not lacking:
            return each
        limit = self.config.watch.blind_after / 12
        have = together.send(lacking, blind_texts.notification(each, self.config.node, now), limit)
        for channel in lacking:
            self._rate(channel, now, delivered=channel.name in have)
        after = occurrences.told(each, have, names, now)
        if after is None or after.done_at is not None:
            with suppress(StoreError):
                if self._reached:
                    self.store.signs.step_told(each.step, self._id)
        return after

    def _claimed(self, each: Occurrence) -> str:
        """go where the store cannot say: told twice is better than by nobody."""
        with suppress(StoreError):
            if self._reached:
                return self.store.signs.claim_step(each.step, self._id, self.config.watch.blind_after / 2)
        return "go"

    def _ready(self, channel: Channel, now: datetime) -> bool:
        rest = self._rests.get(channel.name)
        return rest is None or rest.until is None or now >= rest.until

    def _rate(self, channel: Channel, now: datetime, *, delivered: bool) -> None:
        if delivered:
            self._rests.pop(channel.name, None)
        else:
            self._rests.setdefault(channel.name, _Rest()).failed(now)

    def _keep_one(self, before: Occurrence, after: Occurrence | None) -> None:
        kept = [after if each.id == before.id else each for each in self.known]
        self._keep([each for each in kept if each is not None])

    def _keep(self, known: Sequence[Occurrence]) -> None:
        changed = [_progress(each) for each in known] != [_progress(each) for each in self.known]
        self.known = known
        if not changed:
            return
        try:
            self.remember(known)
        except OSError as error:
            logger.warning("what was told cannot be remembered: %s", error.strerror or error)


def _progress(each: Occurrence) -> tuple[object, ...]:
    """What is worth writing; the text changes with each look."""
    return each.id, each.over, each.times, each.told, each.done_at
