"""The link `heal` of the chain: see flow.py."""

import uuid
from typing import Any

from celery import Task, shared_task

from guardian.engine import act
from guardian.model import Stage
from guardian.tasks.flow import begin, end_chain, task_name


@shared_task(bind=True, name=task_name(Stage.HEAL))
def run(self: Task[[str, int], Any], incident: str, attempt: int) -> bool:
    """Whether the chain went on."""
    goes_on = act.heal(begin(self, incident), incident, attempt, uuid.uuid4().hex)
    if not goes_on:
        end_chain(self)
    return goes_on
