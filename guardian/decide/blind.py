"""Whether Guardian is blind, and to what: pure. From what one look found, and what is remembered, to troubles.

A sign of life is a value that changes: beat's tick, a worker's presence, a queue's canary, a check's last look. Its age
is how long this watch, by its own steady clock, has not seen it change. So neither a clock that was set nor a Guardian
that just starts looks like a dead part: whatever is seen for the first time has its whole time from then on.

A cause hides what follows from it (Redis > beat > worker > queue > check): that is pending meanwhile, and has its time
anew when the cause is gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from guardian.settings import rough_text

REDIS, BEAT, WORKERS, CLOCK = "Redis", "beat", "workers", "clock"

FORGET = timedelta(days=1)
"""A worker without a sign for longer is no longer expected."""

CLOCK_MAY_BE_OFF = timedelta(seconds=10)

_BEAT_EVERY = _PRESENCE_EVERY = timedelta(seconds=5)
_SHORTEST_ILL = timedelta(seconds=8)
_NOTHING = timedelta(0)


class Blindness(StrEnum):
    """Why Guardian does not see: closed, told, shown."""

    STORE_AWAY = "Redis is away"
    STORE_SILENT = "Redis does not answer"
    STORE_REFUSES = "Redis refuses"
    BEAT_AWAY = "beat is dead or hangs"
    NO_WORKER = "no worker was ever seen"
    WORKER_AWAY = "a worker is dead or hangs as a whole"
    QUEUE_STUCK = "a worker lives but works on nothing"
    CHECK_LATE = "a check does not look"
    CLOCK_OFF = "the clocks differ"


class Sight(StrEnum):
    """PENDING: too early to say, or hidden by another trouble."""

    WELL = "well"
    PENDING = "pending"
    TROUBLE = "trouble"


@dataclass(frozen=True)
class Terms:
    """How old a sign of life may get: its own period and `slack`. From `ill` on it proves nothing any more, so that
    what depends on it is not judged."""

    canary_every: timedelta
    slack: timedelta
    ill: timedelta


def terms(blind_after: timedelta, look_every: timedelta, canary_every: timedelta) -> Terms:
    """Leaves room, within `blind_after`, for the sign's own period, the watch's next look, and the telling."""
    telling = blind_after / 6
    slack = blind_after - max(canary_every, _BEAT_EVERY, _PRESENCE_EVERY) - look_every - telling
    return Terms(canary_every, slack, max(blind_after / 3, _SHORTEST_ILL))


@dataclass(frozen=True)
class Worker:
    """`seen_at` None: known from before, and gone from the store."""

    seen_at: datetime | None
    queues: Sequence[str]


@dataclass(frozen=True)
class Queue:
    canary: datetime | None
    waiting: int


@dataclass(frozen=True)
class Look:
    """`queue`: through which the check's messages come."""

    at: datetime | None
    every: timedelta
    queue: str


@dataclass(frozen=True)
class Facts:
    """One look at the store. Names are those that people read: `check@node-1`, `process_health@node-1`.

    `at`: when, by the server's clock, as all the signs are. `clock_off`: how far this machine's clock is ahead of the
    server's, zero where the way there could explain it.
    """

    at: datetime
    beat: datetime | None
    workers: Mapping[str, Worker]
    queues: Mapping[str, Queue]
    looks: Mapping[str, Look]
    clock_off: timedelta = _NOTHING


@dataclass(frozen=True)
class StoreFault:
    """The store could not be read, or not written."""

    reason: Blindness
    text: str


@dataclass(frozen=True)
class Sign:
    """`proven`: it has changed since it was first seen."""

    value: datetime | None
    changed: datetime
    proven: bool = False


@dataclass(frozen=True)
class Memory:
    """`well_since`: what was well at the last look, and since when without a break. Times are the watch's own."""

    began: datetime
    looked_at: datetime | None = None
    bad_since: datetime | None = None
    signs: Mapping[str, Sign] = field(default_factory=dict)
    well_since: Mapping[str, datetime] = field(default_factory=dict)
    workers: Mapping[str, Worker] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """About one subject. `reason` and `text` say more of a trouble."""

    subject: str
    sight: Sight
    reason: Blindness | None = None
    text: str = ""


@dataclass(frozen=True)
class Judged:
    """`whole`: everything was looked at; a subject without a finding is then no longer expected."""

    findings: Sequence[Finding]
    whole: bool

    @property
    def troubles(self) -> Sequence[Finding]:
        return [each for each in self.findings if each.sight is Sight.TROUBLE]

    @property
    def all_well(self) -> bool:
        """A check that is looked at once a day is not waited for: its queue was seen to work."""
        waited = [each for each in self.findings if not each.subject.startswith("check ")]
        return self.whole and not self.troubles and all(each.sight is Sight.WELL for each in waited)


def judge(found: Facts | StoreFault, memory: Memory, terms: Terms, now: datetime) -> tuple[Judged, Memory]:
    if isinstance(found, StoreFault):
        return _store_is_bad(found, memory, terms, now)
    look = _Judge(_remembered(found, memory, now), terms, now)
    findings = look.everything(found)
    return Judged(findings, whole=True), replace(look.memory, well_since=look.well)


def _store_is_bad(fault: StoreFault, memory: Memory, terms: Terms, now: datetime) -> tuple[Judged, Memory]:
    """A moment's fault says nothing, and takes nothing of their time from the others."""
    since = memory.bad_since or now
    if now - since <= terms.ill:
        return Judged([Finding(REDIS, Sight.PENDING)], whole=False), replace(memory, bad_since=since)
    text = f"{fault.text}; for {rough_text(now - since)} now"
    finding = Finding(REDIS, Sight.TROUBLE, fault.reason, text)
    return Judged([finding], whole=False), replace(memory, bad_since=since, well_since={})


def _remembered(found: Facts, memory: Memory, now: datetime) -> Memory:
    """With what is new. A worker that the store no longer knows (it came back empty) is still expected."""
    workers = {name: replace(worker, seen_at=None) for name, worker in memory.workers.items()} | dict(found.workers)
    values = {
        BEAT: found.beat,
        **{_worker(name): worker.seen_at for name, worker in workers.items()},
        **{_queue(name): queue.canary for name, queue in found.queues.items()},
        **{_check(name): look.at for name, look in found.looks.items()},
    }
    since = memory.looked_at or now
    changed = {name: _changed(value, found.at, since, now) for name, value in values.items()}
    signs = {name: _sign(memory.signs.get(name), value, changed[name], now) for name, value in values.items()}
    kept = {name: worker for name, worker in workers.items() if now - signs[_worker(name)].changed <= FORGET}
    return replace(memory, looked_at=now, bad_since=None, signs=signs, workers=kept)


def _changed(value: datetime | None, at: datetime, since: datetime, now: datetime) -> datetime:
    """When a sign that is new at this look came, by the watch's clock: not before the last look, whatever the
    server's clock says."""
    age = at - value if value is not None else _NOTHING
    return min(max(now - age, since), now)


def _sign(before: Sign | None, value: datetime | None, changed: datetime, now: datetime) -> Sign:
    if before is None:
        return Sign(value, now)
    if value is None or value == before.value:
        return before
    return Sign(value, changed, proven=True)


def _worker(name: str) -> str:
    return f"worker {name}"


def _queue(name: str) -> str:
    return f"queue {name}"


def _check(name: str) -> str:
    return f"check {name}"


class _Judge:
    """One look. `well` gathers what is well now, and since when."""

    def __init__(self, memory: Memory, terms: Terms, now: datetime) -> None:
        self.memory, self.terms, self.now = memory, terms, now
        self.well: dict[str, datetime] = {REDIS: memory.well_since.get(REDIS, now)}

    def everything(self, found: Facts) -> list[Finding]:
        """In the order of causes: each asks what the ones before have put into `well`."""
        return [
            Finding(REDIS, Sight.WELL),
            _clock(found.clock_off),
            self._beat(found.beat),
            self._somebody(),
            *[self._one_worker(name) for name in self.memory.workers],
            *[self._one_queue(name, queue) for name, queue in found.queues.items()],
            *[self._one_check(name, look) for name, look in found.looks.items()],
        ]

    def _beat(self, tick: datetime | None) -> Finding:
        text = "it sends nothing any more, so nothing is looked at" if tick else "it was never seen here"
        return self._sign(BEAT, [REDIS], _BEAT_EVERY, Blindness.BEAT_AWAY, text)

    def _somebody(self) -> Finding:
        if self.memory.workers:
            return Finding(WORKERS, Sight.WELL)
        since = max(self.memory.began, self.well[REDIS])
        if self.now - since <= _PRESENCE_EVERY + self.terms.slack:
            return Finding(WORKERS, Sight.PENDING)
        return Finding(WORKERS, Sight.TROUBLE, Blindness.NO_WORKER, "nobody looks, heals or tells")

    def _one_worker(self, name: str) -> Finding:
        text = "it gives no sign of life: killed, stopped, or its machine is away"
        return self._sign(_worker(name), [REDIS], _PRESENCE_EVERY, Blindness.WORKER_AWAY, text)

    def _one_queue(self, name: str, queue: Queue) -> Finding:
        """Blamed only while a worker that lives could have taken its canary."""
        serving = [_worker(each) for each, worker in self.memory.workers.items() if name in worker.queues]
        alive = [each for each in serving if each in self.well]
        first = min(alive, key=lambda each: self.well[each], default=WORKERS)  # WORKERS is never in `well`
        text = f"{queue.waiting} messages wait in it: its tasks hang, or it is flooded"
        return self._sign(_queue(name), [BEAT, first], self.terms.canary_every, Blindness.QUEUE_STUCK, text)

    def _one_check(self, name: str, look: Look) -> Finding:
        text = "it has looked at nothing since" if look.at else "it has never looked"
        return self._sign(_check(name), [_queue(look.queue)], look.every, Blindness.CHECK_LATE, text)

    def _sign(self, subject: str, needs: Iterable[str], every: timedelta, reason: Blindness, text: str) -> Finding:
        if any(need not in self.well for need in needs):
            return Finding(subject, Sight.PENDING)
        sign = self.memory.signs[subject]
        age = self.now - max(sign.changed, *(self.well[need] for need in needs))
        if age <= self.terms.ill:
            self.well[subject] = self.memory.well_since.get(subject, self.now)
        silent, may_be = self.now - sign.changed, every + self.terms.slack
        if age > may_be:
            return Finding(subject, Sight.TROUBLE, reason, f"{text}; no sign for {rough_text(silent)}")
        return Finding(subject, Sight.WELL if sign.proven and silent <= may_be else Sight.PENDING)


def _clock(off: timedelta) -> Finding:
    if abs(off) <= CLOCK_MAY_BE_OFF:
        return Finding(CLOCK, Sight.WELL)
    way = "ahead of" if off > _NOTHING else "behind"
    return Finding(CLOCK, Sight.TROUBLE, Blindness.CLOCK_OFF, f"this machine's is {rough_text(abs(off))} {way} Redis'")
