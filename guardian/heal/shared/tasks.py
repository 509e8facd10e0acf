"""Finding the task that a target names, fresh, and changing it as it was found."""

from collections.abc import Callable
from datetime import datetime

from guardian.errors import RemedyError, SourceError
from guardian.heal.base import Done
from guardian.ports import PipelineTask, Ports, TaskChange, TaskState, TaskStore

_TRIES = 3

Change = Callable[[TaskStore, PipelineTask], TaskChange | None]
"""What the task is to become; None where it is well by now."""


def mend(ports: Ports, target: str, change: Change) -> Done:
    """Compare-and-set, looking again where it was changed in between. Raises RemedyError."""
    name, _, id_ = target.partition("/")
    store = store_named(ports, name)
    for _ in range(_TRIES):
        task = _found(store, id_)
        if task is None:
            return Done(changed=False, text="it is gone")
        if task.doubt is not None:
            raise RemedyError(f"{target}: {task.doubt}", done=False)
        if (wanted := change(store, task)) is None:
            return Done(changed=False, text=f"found in {task.state}, and well")
        if store.change(task, wanted):
            return Done(changed=True, text=_told(wanted))
    raise RemedyError(f"{target} changes too fast", done=False)


def never_done(_ports: Ports, _target: str, _claimed_at: datetime) -> bool:
    """It is looked at anew before it is changed: doing it again does nothing where it was done."""
    return False


def store_named(ports: Ports, name: str) -> TaskStore:
    found = next((store for store in ports.tasks if store.name == name), None)
    if found is None:
        raise RemedyError(f"no task store is called {name}", done=False)
    return found


def _found(store: TaskStore, id_: str) -> PipelineTask | None:
    try:
        return store.find(id_)
    except SourceError as error:
        raise RemedyError(str(error), done=False) from None


def _told(change: TaskChange) -> str:
    if change.state is TaskState.FAILED:
        return f"failed for good after {change.retries} retries"
    to = f"given to {change.worker}" if change.worker else "rolled back"
    wait = f", not before {change.not_before:%H:%M:%S} UTC" if change.not_before else ""
    return f"{to}, retry {change.retries}{wait}"
