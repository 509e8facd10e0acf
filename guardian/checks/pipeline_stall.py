"""The pipeline stands still: tasks that nobody gets on with, and what makes that happen.

Probe: one read of each task store; changes nothing.
Judge: each task that is in `doing` without a sign of life for longer than `max_age` fails, and is rolled back. The cap,
duplicates and ping-pong are told to a person. Many at once are told once, with what they have in common.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared import pipelines as shared
from guardian.checks.shared.pipelines import MOST, Sample, named, target_of
from guardian.decide.duplicates import duplicates
from guardian.decide.pingpong import Flips, advance
from guardian.decide.stuck import Patience, in_common, is_stalled, life
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import DamagedTask, PipelineTask, Ports, TaskReading, TaskState
from guardian.settings import Model, PositiveDuration, duration_text

_AT_LEAST = 3
_DAMAGED, _CAP, _TWICE, _PINGPONG = "damaged", "cap", "twice", "ping-pong"
_LOOKS, _UNCHANGED_MS = 3, 60_000
_MOST_DAMAGED, _MOST_DUPLICATES = 200, 20


class Params(Model):
    max_age: PositiveDuration = timedelta(minutes=30)
    """The longest in `doing` without a sign of life. Where its kind has a limit of its own, that is added."""
    retries: int = Field(3, ge=0, le=100)
    """How often a task is rolled back; the next time it is failed."""
    delay: PositiveDuration = timedelta(seconds=30)
    """How long a task that was rolled back is not to be begun, doubled with each time."""
    many: int = Field(5, ge=1, le=100_000)
    """More stalled tasks than this, or half of those in `doing` and at least 3, are told as one."""
    flips: int = Field(4, ge=2, le=20)
    """So many changes of one task between two sources within `flip_window` are a ping-pong."""
    flip_window: PositiveDuration = timedelta(minutes=10)
    """How long such a change counts."""


@dataclass(frozen=True)
class _Known:
    """What is remembered of one store: damaged files (as they are, looks, since when in ms), who wrote each task last,
    and the stalled tasks that were told of as one."""

    damaged: Mapping[str, Sequence[Any]]
    sources: Mapping[str, Flips]
    told: Sequence[str]

    @classmethod
    def recalled(cls, raw: Mapping[str, Any]) -> "_Known":
        sources = {id_: Flips(**each) for id_, each in raw.get("sources", {}).items()}
        return cls(raw.get("damaged", {}), sources, raw.get("told", []))


def probe(ports: Ports, _params: Params, only: str | None = None) -> Sample:
    return shared.look(ports, only)


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    verdicts, kept = list(shared.blind(sample, memory)), dict(memory.get("known", {}))
    for reading in sample.readings:
        if reading.error is None:
            known = _Known.recalled(kept.get(reading.store, {}))
            found, known = _judged(reading, sample, params, known, now)
            verdicts += found
            kept[reading.store] = asdict(known)
    over = shared.ended(sample, verdicts, memory)
    if not verdicts:
        return Judgement((), memory, nothing=shared.nothing(sample))
    remembered = {
        "stores": shared.stores(sample, memory),
        "known": kept,
        "failing": shared.failing(sample, verdicts, memory),
    }
    return Judgement(shared.narrowed([*verdicts, *over], sample), remembered)


def _judged(
    reading: TaskReading, sample: Sample, params: Params, known: _Known, now: datetime
) -> tuple[Sequence[Verdict], _Known]:
    at = round(now.timestamp() * 1000)
    stalled = _stalled(reading, sample, params, now)
    damaged = _seen_damaged(reading, known.damaged, at)
    sources = advance(known.sources, reading.tasks, at, round(params.flip_window.total_seconds() * 1000))
    whole, told = _whole(reading, stalled, params, known.told)
    verdicts = [
        whole,
        *_stalls(reading, sample, params, stalled, now),
        *_doubtful(reading, sample),
        *_cap(reading),
        *_duplicates(reading),
        *(_flipped(reading, id_, flips) for id_, flips in sources.items() if len(flips.times) >= params.flips),
        *(_damage(reading, each, damaged[each.name], at) for each in reading.damaged[:_MOST_DAMAGED]),
    ]
    return list({each.target: each for each in verdicts}.values()), _Known(damaged, sources, told)


def _stalled(reading: TaskReading, sample: Sample, params: Params, now: datetime) -> Sequence[PipelineTask]:
    """The oldest first."""
    found = [task for task in reading.tasks if is_stalled(task, params.max_age, reading.limits, sample.workers, now)]
    return sorted(found, key=lambda task: (life(task, sample.workers) or now, task.id))


def _whole(
    reading: TaskReading, stalled: Sequence[PipelineTask], params: Params, told: Sequence[str]
) -> tuple[Verdict, Sequence[str]]:
    """The verdict about the store as a whole; and the stalled tasks that were told of as one."""
    working = sum(task.state is TaskState.DOING for task in reading.tasks)
    waiting = sum(task.state is TaskState.ASSIGNED for task in reading.tasks)
    ids = [task.id for task in stalled]
    if not _is_many(len(ids), working, params):
        return Verdict(reading.store, Status.OK, f"{working} in doing, {waiting} assigned"), []
    text = (
        f"{len(ids)} of {working} in doing stand still for over {duration_text(params.max_age)}; {in_common(stalled)}"
    )
    if set(ids[:MOST]) <= set(told):
        return Verdict(reading.store, Status.OK, f"told: {text}"), told
    facts: Mapping[str, JSON] = {"tasks": ids[:MOST], "count": len(ids)}
    if reading.observe_only:
        return Verdict(reading.store, Status.FAIL, text, ruled_out=reading.observe_only, facts=facts), []
    return Verdict(reading.store, Status.FAIL, text, Severity.HIGH, notice=True, facts=facts), ids[:MOST]


def _is_many(stalled: int, working: int, params: Params) -> bool:
    return stalled > params.many or (stalled >= _AT_LEAST and 2 * stalled >= working)


def _stalls(
    reading: TaskReading,
    sample: Sample,
    params: Params,
    stalled: Sequence[PipelineTask],
    now: datetime,
) -> Sequence[Verdict]:
    working = sum(task.state is TaskState.DOING for task in reading.tasks)
    if reading.observe_only and _is_many(len(stalled), working, params):
        return []  # told as one, and nothing can be done for each
    return [_stall(reading, sample, task, now) for task in stalled[:MOST]]


def _stall(reading: TaskReading, sample: Sample, task: PipelineTask, now: datetime) -> Verdict:
    age = now - (life(task, sample.workers) or now)
    verdict = Verdict(target_of(reading, task.id), Status.FAIL, shared.doing(task, age), facts=shared.facts(task))
    return shared.ruled_out(verdict, reading)


def _doubtful(reading: TaskReading, sample: Sample) -> Sequence[Verdict]:
    found = [
        Verdict(target_of(reading, task.id), Status.UNKNOWN, f"could not look: {why}")
        for task in reading.tasks
        if (why := _doubt(task, sample))
    ]
    return found[:MOST]


def _doubt(task: PipelineTask, sample: Sample) -> str | None:
    if task.doubt is not None:
        return task.doubt
    if task.state is TaskState.DOING and life(task, sample.workers) is None:
        return "nobody can tell since when it is in doing"
    return None


def _cap(reading: TaskReading) -> Sequence[Verdict]:
    working = [task.id for task in reading.tasks if task.state is TaskState.DOING]
    if reading.cap is None or len(working) <= reading.cap:
        return []
    text = f"{len(working)} in doing, and at most {reading.cap} may be"
    why = "which of them is to wait is not Guardian's to say"
    facts = {"tasks": sorted(working)[:MOST]}
    return [Verdict(named(reading, _CAP), Status.FAIL, text, ruled_out=why, facts=facts)]


def _duplicates(reading: TaskReading) -> Sequence[Verdict]:
    why = "which of them is the right one is not Guardian's to say"
    return [
        Verdict(
            named(reading, _TWICE, key),
            Status.FAIL,
            f"{len(ids)} tasks of one kind, subject and day: {', '.join(ids[:5])}",
            ruled_out=why,
            facts={"tasks": list(ids[:MOST])},
        )
        for key, ids in list(duplicates(reading.tasks).items())[:_MOST_DUPLICATES]
    ]


def _flipped(reading: TaskReading, id_: str, flips: Flips) -> Verdict:
    text = f"flipped {len(flips.times)} times between {flips.other} and {flips.source}"
    why = "two that write one task have to agree which of them does"
    facts = {"task": id_, "sources": sorted([flips.source, flips.other or ""])}
    return Verdict(named(reading, _PINGPONG, id_), Status.FAIL, text, ruled_out=why, facts=facts)


def _seen_damaged(reading: TaskReading, before: Mapping[str, Sequence[Any]], at: int) -> Mapping[str, Sequence[Any]]:
    found = {}
    for each in reading.damaged[:_MOST_DAMAGED]:
        as_it_is = [each.reason, each.since.isoformat() if each.since else None]
        was = before.get(each.name)
        same = was is not None and list(was[0]) == as_it_is
        found[each.name] = [as_it_is, was[1] + 1, was[2]] if was is not None and same else [as_it_is, 1, at]
    return found


def _damage(reading: TaskReading, each: DamagedTask, known: Sequence[Any], at: int) -> Verdict:
    target = f"{reading.store} {_DAMAGED} {each.name}"  # whole: the remedy finds it by its name
    _, looks, since = known
    if looks < _LOOKS or at - since < _UNCHANGED_MS:
        return Verdict(target, Status.SKIPPED, f"{each.reason}; is it being written?")
    why = None if each.movable else "only what is no JSON is set aside"
    verdict = Verdict(target, Status.FAIL, each.reason, Severity.WARNING, ruled_out=why, facts={"file": each.name})
    return shared.ruled_out(verdict, reading)


def evidence(_sample: Sample, _target: str) -> TargetEvidence:
    return TargetEvidence()


def remedy_by(target: str) -> str:
    return "set_aside_task" if " " in target.partition("/")[0] else "roll_back_task"


def order(params: Params, _target: str) -> Patience:
    return Patience(params.max_age, params.retries, params.delay)


CHECK = Check(
    "Pipeline stall",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="roll_back_task",
    remedy_by=remedy_by,
    order=order,
)
