"""The link `verify` of the chain: see flow.py."""

from typing import Any

from celery import Task, shared_task

from guardian.engine import verify
from guardian.model import Stage
from guardian.tasks.flow import begin, end_chain, task_name


@shared_task(bind=True, name=task_name(Stage.VERIFY))
def run(self: Task[[str, int], Any], incident: str, attempt: int) -> bool:
    """Whether the chain went on."""
    goes_on = verify.verify(begin(self, incident), incident, attempt)
    if not goes_on:
        end_chain(self)
    return goes_on
