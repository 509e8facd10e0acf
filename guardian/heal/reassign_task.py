"""Give a stuck task to a different worker: the one with least to do, never again one that failed it twice. Failed when
it was given out often enough."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from guardian.decide.stuck import Patience, other_worker, reassigned, stuck
from guardian.errors import RemedyError
from guardian.heal.base import Done, Remedy
from guardian.heal.shared.tasks import mend, never_done
from guardian.model import RemedyKind
from guardian.ports import PipelineTask, Ports, TaskChange, TaskStore, WorkerSeen

_WITHIN = timedelta(days=1)


def act(ports: Ports, target: str, patience: Patience = Patience()) -> Done:  # noqa: B008  frozen
    now, workers = ports.now(), dict(ports.heartbeats.workers())
    return mend(ports, target, partial(_change, workers=workers, patience=patience, now=now))


def _change(
    store: TaskStore, task: PipelineTask, *, workers: dict[str, WorkerSeen], patience: Patience, now: datetime
) -> TaskChange | None:
    reading = store.read(_WITHIN)
    if reading.error is not None:
        raise RemedyError(f"{store.name}: {reading.error}", done=False)
    if stuck(task, reading, workers, patience, now) is None:
        return None
    worker = other_worker(task, reading, workers, patience, now)
    if worker is None and task.retries < patience.retries:
        raise RemedyError("no other worker is left for it", done=False)
    return reassigned(task, worker or "", patience)


def bind(patience: Patience | None) -> Remedy:
    return replace(REMEDY, act=partial(act, patience=patience or Patience()))


REMEDY = Remedy(kind=RemedyKind.REPAIR, act=act, already_done=never_done, bind=bind)
