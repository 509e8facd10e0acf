"""One piece of work that was made a task twice: same kind, same subject, same day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from guardian.ports import PipelineTask, TaskState

_OPEN = (TaskState.ASSIGNED, TaskState.DOING)


def duplicates(tasks: Sequence[PipelineTask]) -> Mapping[str, Sequence[str]]:
    """`{kind, subject and day: ids}`, with at least one that is open. What failed may be tried anew; a task without a
    subject or a day is like no other."""
    groups: dict[str, list[PipelineTask]] = defaultdict(list)
    for task in tasks:
        if task.subject is not None and task.created_at is not None and task.state is not TaskState.FAILED:
            groups[f"{task.kind or 'task'} {task.subject} {task.created_at:%Y-%m-%d}"].append(task)
    return {
        key: sorted(task.id for task in group)
        for key, group in groups.items()
        if len(group) > 1 and any(task.state in _OPEN for task in group)
    }
