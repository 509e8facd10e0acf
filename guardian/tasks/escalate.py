"""The last link of the chain, `escalate`: see flow.py. Closes the task at the good end as well."""

from typing import Any

from celery import Task, shared_task

from guardian.engine import tell
from guardian.model import Stage
from guardian.tasks.flow import begin, task_name


@shared_task(bind=True, name=task_name(Stage.ESCALATE))
def run(self: Task[[str, int], Any], incident: str, _attempt: int) -> None:
    tell.escalate(begin(self, incident), incident)
