"""What waits for one channel is sent. Sent by the sweep for as long as something waits."""

from typing import Any

from celery import Task, shared_task

from guardian.engine.deliver import drain
from guardian.tasks.flow import engine_of

NAME = "guardian.deliver"


@shared_task(bind=True, name=NAME)
def run(self: Task[[str], Any], channel: str) -> int:
    """Gives how many got through."""
    return drain(engine_of(self), channel)
