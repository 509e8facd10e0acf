"""What the checks of the users' pipelines have in common.

A task's target is `STORE/ID`; what is about a store as a whole is its name, with a word behind it where it needs one.
Only what fails is a target of its own, beside one for each store: a pipeline may hold thousands of tasks. So that it
is also seen to end, what failed is remembered until it is no longer so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from guardian.diagnose.plain import brief
from guardian.errors import SourceAbsent, SourceError, StoreError
from guardian.model import JSON, Memory, Status, Verdict
from guardian.ports import PipelineTask, Ports, TaskReading, WorkerSeen
from guardian.settings import rough_text

WITHIN = timedelta(days=1)
"""Tasks that are over are looked at for this long: for duplicates, and to know who works here."""

MOST = 100
"""Targets of one kind in one look."""

_NAME = 120


@dataclass(frozen=True)
class Sample:
    """`only`: the one target that it was narrowed to."""

    readings: Sequence[TaskReading]
    workers: Mapping[str, WorkerSeen]
    only: str | None = None


def look(ports: Ports, only: str | None) -> Sample:
    """Raises SourceAbsent and SourceError."""
    if not ports.tasks:
        raise SourceAbsent("no task store is configured: `[pipelines.folder.NAME]` or `[pipelines.sql.NAME]`")
    try:
        workers = ports.heartbeats.workers()
    except StoreError as error:
        raise SourceError("heartbeats", str(error)) from None
    stores = [store for store in ports.tasks if only is None or store.name == store_of(only)]
    return Sample([store.read(WITHIN) for store in stores], workers, only)


def target_of(reading: TaskReading, task: str) -> str:
    return f"{reading.store}/{task}"


def store_of(target: str) -> str:
    return target.replace(" ", "/").partition("/")[0]


def named(reading: TaskReading, word: str, name: str = "") -> str:
    """A target about a store that is no task."""
    return brief(f"{reading.store} {word} {name}".strip(), _NAME)


def facts(task: PipelineTask) -> Mapping[str, JSON]:
    known: dict[str, JSON] = {
        "kind": task.kind,
        "subject": task.subject,
        "worker": task.worker,
        "source": task.source,
        "since": task.state_since.isoformat() if task.state_since else None,
        "retries": task.retries,
        "attempt": task.attempt,
        "failed_workers": list(task.failed_workers),
    }
    return {key: value for key, value in known.items() if value not in (None, [])}


def doing(task: PipelineTask, age: timedelta) -> str:
    worker = f" by {task.worker}" if task.worker else ""
    return f"in {task.state} for {rough_text(age)}{worker}"


def blind(sample: Sample, memory: Memory) -> Sequence[Verdict]:
    """One unknown for each store that could not be read and is not one that was never there."""
    seen = memory.get("stores", [])
    return [
        Verdict(reading.store, Status.UNKNOWN, f"could not look: {reading.error}")
        for reading in sample.readings
        if reading.error is not None and (not reading.absent or reading.store in seen)
    ]


def nothing(sample: Sample) -> str:
    return "; ".join(str(reading.error) for reading in sample.readings)


def stores(sample: Sample, memory: Memory) -> Sequence[str]:
    """Those that were ever read."""
    now = {reading.store for reading in sample.readings if reading.error is None}
    return sorted({*now, *memory.get("stores", [])})


def ended(sample: Sample, verdicts: Sequence[Verdict], memory: Memory) -> Sequence[Verdict]:
    """OK for what failed at the last look and does not now, where its store could be read."""
    readable = {reading.store: reading for reading in sample.readings if reading.error is None}
    now = {verdict.target for verdict in verdicts}
    over = [target for target in memory.get("failing", []) if target not in now and store_of(target) in readable]
    return [Verdict(target, Status.OK, _became(readable[store_of(target)], target)) for target in over]


def failing(sample: Sample, verdicts: Sequence[Verdict], memory: Memory) -> Sequence[str]:
    """What is to be remembered: what fails, and what failed in a store that could not be read now."""
    readable = {reading.store for reading in sample.readings if reading.error is None}
    bad = [verdict.target for verdict in verdicts if verdict.status is Status.FAIL and not verdict.notice]
    unread = [target for target in memory.get("failing", []) if store_of(target) not in readable]
    return [*bad, *unread][: 10 * MOST]


def _became(reading: TaskReading, target: str) -> str:
    id_ = target.partition("/")[2]
    task = next((each for each in reading.tasks if id_ and each.id == id_), None)
    if task is None:
        return "it is over"
    return f"{task.state}, {task.worker}" if task.worker else str(task.state)


def narrowed(verdicts: Sequence[Verdict], sample: Sample) -> Sequence[Verdict]:
    """To the one target that was asked for, and what keeps it from being seen."""
    if sample.only is None:
        return verdicts
    own = [each for each in verdicts if each.target == sample.only or each.status is Status.UNKNOWN]
    if any(each.target == sample.only for each in own):
        return [each for each in own if each.target == sample.only]
    unread = [reading for reading in sample.readings if reading.error is not None]
    if unread or not sample.readings:
        return [Verdict(sample.only, Status.UNKNOWN, f"could not look: {nothing(sample)}")]
    return [Verdict(sample.only, Status.OK, _became(sample.readings[0], sample.only))]


def ruled_out(verdict: Verdict, reading: TaskReading) -> Verdict:
    """In a store that is only observed nothing can be mended."""
    return replace(verdict, ruled_out=reading.observe_only) if reading.observe_only else verdict
