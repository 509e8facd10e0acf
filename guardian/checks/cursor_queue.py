"""The users' work queues: how much waits and how long, against hard limits, their own history, and their like.

Probe: one look at each queue, all at once; takes nothing out.
Judge: FAIL over `max_depth` or `max_age`, far above its own history (`decide/depths.py`), or the deepest of a badly
uneven group. Only that last one is to be mended by moving items; nothing is moved where that is not one step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.config.queues import Params as Params  # noqa: PLC0414  where the queues are is opened from it as well
from guardian.decide.balance import Uneven, uneven
from guardian.decide.depths import NEEDED, Depths, follow
from guardian.errors import SourceAbsent
from guardian.model import JSON, Memory, Status, Verdict
from guardian.ports import Ports, QueueReading
from guardian.settings import rough_text

_SLOW = 1 / 60
"""Items a second: what changes by less than one a minute neither grows nor drains."""


@dataclass(frozen=True)
class _Seen:
    reading: QueueReading
    known: Depths
    params: Params
    now: datetime
    uneven: Uneven | None = None
    stuck: str | None = None

    @property
    def age(self) -> timedelta | None:
        """A time in the future is a clock that is wrong, and no age."""
        oldest = self.reading.oldest
        return None if oldest is None else max(self.now - oldest, timedelta(0))


@dataclass(frozen=True)
class Balance:
    """What the remedy is to do: even out this group."""

    queues: Sequence[str]
    times: float
    least: int
    most: int


def probe(ports: Ports, params: Params, _only: str | None = None) -> Sequence[QueueReading]:
    """Whole also for one target: whether it is uneven depends on the others."""
    if not params.queues:
        raise SourceAbsent("no queue is configured")
    return ports.queues.look()


def judge(readings: Sequence[QueueReading], params: Params, memory: Memory, now: datetime) -> Judgement:
    past, at = memory.get("queues", {}), int(now.timestamp())
    readable = {reading.queue: reading for reading in readings if reading.error is None}
    known = {name: follow(_recalled(past.get(name)), each.depth, at) for name, each in readable.items()}
    found = _uneven(readable, known, params)
    verdicts = []
    for reading in readings:
        if reading.error is not None:
            verdicts.append(Verdict(reading.queue, Status.UNKNOWN, f"could not look: {reading.error}"))
        else:
            ends, stuck = found.get(reading.queue, (None, None))
            verdicts.append(_verdict(_Seen(reading, known[reading.queue], params, now, ends, stuck)))
    kept = {name: past[name] for name in params.queues if name in past}
    return Judgement(verdicts, {"queues": kept | {name: asdict(each) for name, each in known.items()}})


def _recalled(held: Any) -> Depths:
    """What another version wrote otherwise is forgotten."""
    try:
        return Depths(**held) if held else Depths()
    except TypeError:
        return Depths()


def _uneven(
    readable: Mapping[str, QueueReading], known: Mapping[str, Depths], params: Params
) -> Mapping[str, tuple[Uneven, str | None]]:
    """By the deepest of each uneven group, and why nothing can be moved there."""
    found = {}
    for group in {queue.group for queue in params.queues.values() if queue.group}:
        names = [name for name in readable if name in params.queues and params.queues[name].group == group]
        ends = uneven(_sure(names, known), times=params.uneven_times, least=params.uneven_by)
        if ends is not None:
            place = readable[ends.deepest].place
            apart = place is None or place != readable[ends.shallowest].place
            found[ends.deepest] = (ends, "items cannot be moved between them in one step" if apart else None)
    return found


def _sure(names: Sequence[str], known: Mapping[str, Depths]) -> Mapping[str, tuple[int, int]]:
    """The least and the most that each look of the last minute says."""
    return {name: steady for name in names if (steady := known[name].steady) is not None}


def _verdict(seen: _Seen) -> Verdict:
    troubles = [*_over(seen), *_far(seen), *_beside(seen)]
    said = "; ".join([_holds(seen), *troubles])
    if not troubles:
        return Verdict(seen.reading.queue, Status.OK, said, facts=_facts(seen))
    movable = seen.uneven is not None and seen.stuck is None
    why = None if movable else seen.stuck or "moving items to another queue is for an uneven group"
    return Verdict(seen.reading.queue, Status.FAIL, said, ruled_out=why, facts=_facts(seen))


def _over(seen: _Seen) -> Sequence[str]:
    own = seen.params.queues.get(seen.reading.queue)
    depth = own.max_depth if own and own.max_depth is not None else seen.params.max_depth
    age = own.max_age if own and own.max_age is not None else seen.params.max_age
    troubles = []
    if depth is not None and seen.reading.depth > depth:
        troubles.append(f"over its limit of {depth}")
    if age is not None and seen.age is not None and seen.age > age:
        troubles.append(f"one waits longer than {rough_text(age)}")
    return troubles


def _far(seen: _Seen) -> Sequence[str]:
    known = seen.known
    if not known.far:
        return ()
    return [f"far above its own history: {known.level} for 5m, at most {known.limit} by {known.known / 48:.1f} days"]


def _beside(seen: _Seen) -> Sequence[str]:
    if seen.uneven is None:
        return ()
    stuck = f" ({seen.stuck})" if seen.stuck else ""
    return [f"{seen.uneven.shallowest} of its group has {seen.uneven.low}{stuck}"]


def _holds(seen: _Seen) -> str:
    """How much, for how long, and where it goes."""
    words = [f"{seen.reading.depth} waiting"]
    if seen.age is not None:
        words.append(f"the oldest for {rough_text(seen.age)}")
    growth = seen.known.growth or 0.0
    if growth < -_SLOW:
        words.append(f"empty in {rough_text(timedelta(seconds=seen.reading.depth / -growth))} at this rate")
    elif growth > _SLOW:
        words.append(f"growing by {growth * 60:.0f} a minute")
    if seen.known.limit is None:
        words.append(f"history {seen.known.known} of {NEEDED} half hours")
    return ", ".join(words)


def _facts(seen: _Seen) -> Mapping[str, JSON]:
    known, growth = seen.known, seen.known.growth
    return {
        "depth": seen.reading.depth,
        "level": known.level,
        "oldest_seconds": None if seen.age is None else int(seen.age.total_seconds()),
        "drained_per_minute": None if growth is None else round(-growth * 60, 1),
        "history_limit": known.limit,
        "history_half_hours": known.known,
    }


def evidence(readings: Sequence[QueueReading], target: str) -> TargetEvidence:
    """The other queues beside it, as far as they could be read."""
    others = {each.queue: each.depth for each in readings if each.queue != target and each.error is None}
    return TargetEvidence({"other_queues": others})


def _order(params: Params, target: str) -> Balance | None:
    own = params.queues.get(target)
    if own is None or own.group is None:
        return None
    names = [name for name, each in params.queues.items() if each.group == own.group]
    return Balance(names, params.uneven_times, params.uneven_by, params.move_most)


CHECK = Check(
    "Work queues",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="balance_queues",
    order=_order,
)
