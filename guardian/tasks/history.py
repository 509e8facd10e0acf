"""Feeds the history with what waits in the store, and reads it back into a store that came back empty."""

from typing import Any

from celery import Task, shared_task

from guardian.engine.history import keep_history
from guardian.tasks.flow import engine_of

NAME = "guardian.history"


@shared_task(bind=True, name=NAME)
def run(self: Task[[], Any]) -> str:
    """Gives what was done."""
    return keep_history(engine_of(self))
