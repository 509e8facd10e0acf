"""A task that its worker does not get on with: how it is known, and what becomes of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guardian.ports import PipelineTask, TaskChange, TaskReading, TaskState, WorkerSeen

_FAILURES = 2
"""Of one task on one worker; then it is never given to that one again."""

Workers = Mapping[str, WorkerSeen]


@dataclass(frozen=True)
class Patience:
    """`max_age`: the longest without a sign of life. `retries`: how often a task is given out anew before it is failed.
    `delay` before it may be begun again, doubled with each. `lost_after`: the longest between heartbeats."""

    max_age: timedelta = timedelta(minutes=30)
    retries: int = 3
    delay: timedelta = timedelta(seconds=30)
    lost_after: timedelta = timedelta(minutes=5)


def life(task: PipelineTask, workers: Workers) -> datetime | None:
    """The last sign that somebody works on it; None where there is none at all."""
    seen = workers.get(task.worker or "")
    own = seen.at if seen is not None and seen.task == task.id else None
    signs = (task.state_since or task.created_at, task.heartbeat_at, own)
    return max((at for at in signs if at is not None), default=None)


def is_stalled(
    task: PipelineTask, max_age: timedelta, limits: Mapping[str, timedelta], workers: Workers, now: datetime
) -> bool:
    """A kind that has a limit of its own has that on top."""
    last, limit = life(task, workers), max_age + limits.get(task.kind or "", timedelta(0))
    return _is_at_work(task) and last is not None and now - last > limit


def stuck(task: PipelineTask, reading: TaskReading, workers: Workers, patience: Patience, now: datetime) -> str | None:
    """Why it is taken for stuck, in words: over the limit of its kind, or its worker's heartbeat is lost."""
    if not _is_at_work(task):
        return None
    limit, since = reading.limits.get(task.kind or ""), task.state_since or task.created_at
    if limit is not None and since is not None and now - since > limit:
        return "over the limit of its kind"
    seen = workers.get(task.worker or "")
    beats = [at for at in (task.heartbeat_at, seen.at if seen else None) if at is not None]
    if not beats or now - max([*beats, *([since] if since else [])]) <= patience.lost_after:
        return None
    return "no heartbeat"


def _is_at_work(task: PipelineTask) -> bool:
    return task.state is TaskState.DOING and task.doubt is None


def rolled_back(task: PipelineTask, patience: Patience, now: datetime) -> TaskChange:
    if task.retries >= patience.retries:
        return _failed(task)
    wait: timedelta = patience.delay * 2**task.retries
    return TaskChange(
        TaskState.ASSIGNED,
        worker=None,
        retries=task.retries + 1,
        attempt=task.attempt + 1,
        not_before=now + wait,
        failed_workers=_failed_workers(task),
    )


def reassigned(task: PipelineTask, worker: str, patience: Patience) -> TaskChange:
    if task.retries >= patience.retries:
        return _failed(task)
    return TaskChange(
        TaskState.ASSIGNED,
        worker=worker,
        retries=task.retries + 1,
        attempt=task.attempt + 1,
        failed_workers=_failed_workers(task),
    )


def other_worker(
    task: PipelineTask, reading: TaskReading, workers: Workers, patience: Patience, now: datetime
) -> str | None:
    """Who has least to do, of those that are not known to be gone and have not failed it twice; those that are
    configured or were seen with tasks of its kind before others."""
    failures = Counter(_failed_workers(task))
    able = {*reading.workers, *(each.worker for each in reading.tasks if each.kind == task.kind)}
    load = Counter(each.worker for each in reading.tasks if each.state in (TaskState.ASSIGNED, TaskState.DOING))
    gone = {name for name, seen in workers.items() if now - seen.at > patience.lost_after}
    known = {*reading.workers, *workers, *(each.worker for each in reading.tasks if each.worker)}
    fit = [name for name in known - gone - {task.worker} if failures[name] < _FAILURES]
    return min(fit, key=lambda name: (name not in able, load[name], name), default=None)


def _failed(task: PipelineTask) -> TaskChange:
    """A result that comes late is refused all the same."""
    return TaskChange(TaskState.FAILED, task.worker, task.retries, task.attempt + 1, None, _failed_workers(task))


def _failed_workers(task: PipelineTask) -> Sequence[str]:
    return [*task.failed_workers, *([task.worker] if task.worker else [])]


def in_common(tasks: Sequence[PipelineTask]) -> str:
    """What all of them share, in words: the first thing to look at when many are stuck at once."""
    shared = []
    for field in ("kind", "worker", "source"):
        values = {getattr(task, field) for task in tasks}
        if len(values) == 1 and (value := values.pop()) is not None:
            shared.append(f"{field} {value}")
    return f"in common: {', '.join(shared)}" if shared else "nothing in common"
