"""The link `alert` of the chain: see flow.py. Tells the good end as well."""

from typing import Any

from celery import Task, shared_task

from guardian.engine import tell
from guardian.model import Stage
from guardian.tasks.flow import begin, end_chain, task_name


@shared_task(bind=True, name=task_name(Stage.ALERT))
def run(self: Task[[str, int], Any], incident: str, _attempt: int) -> bool:
    """Whether the chain went on. What is due to tell is the store's word, not the message's."""
    goes_on = tell.alert(begin(self, incident), incident)
    if not goes_on:
        end_chain(self)
    return goes_on
