"""Which tasks a reading holds."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from guardian.ports.tasks import PipelineTask, TaskState

OPEN = (TaskState.ASSIGNED, TaskState.DOING)


def recent(tasks: Iterable[PipelineTask], after: datetime) -> Sequence[PipelineTask]:
    """The open ones and the doubtful, and those that were created or changed after that."""
    return [task for task in tasks if task.state in OPEN or task.doubt or _latest(task) >= after.timestamp()]


def _latest(task: PipelineTask) -> float:
    return max((at.timestamp() for at in (task.created_at, task.state_since) if at is not None), default=0.0)
