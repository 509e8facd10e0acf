"""Roll a task back that nobody gets on with: assigned anew, to nobody, after a delay; failed when that was done often
enough. Its attempt rises, so that a late result of the old one is refused."""

from dataclasses import replace
from functools import partial

from guardian.decide.stuck import Patience, is_stalled, rolled_back
from guardian.heal.base import Done, Remedy
from guardian.heal.shared.tasks import mend, never_done
from guardian.model import RemedyKind
from guardian.ports import PipelineTask, Ports, TaskChange, TaskStore, WorkerSeen


def act(ports: Ports, target: str, patience: Patience = Patience()) -> Done:  # noqa: B008  frozen
    now, workers = ports.now(), heartbeats(ports)

    def change(store: TaskStore, task: PipelineTask) -> TaskChange | None:
        stalled = is_stalled(task, patience.max_age, store.limits, workers, now)
        return rolled_back(task, patience, now) if stalled else None

    return mend(ports, target, change)


def heartbeats(ports: Ports) -> dict[str, WorkerSeen]:
    """Raises StoreError: nothing is done yet, so it is tried again."""
    return dict(ports.heartbeats.workers())


def bind(patience: Patience | None) -> Remedy:
    return replace(REMEDY, act=partial(act, patience=patience or Patience()))


REMEDY = Remedy(kind=RemedyKind.REPAIR, act=act, already_done=never_done, bind=bind)
