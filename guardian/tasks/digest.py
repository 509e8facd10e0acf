"""Tells the day's digest when its time has come."""

from datetime import timedelta
from typing import Any

from celery import Task, shared_task

from guardian.engine.digest import tell_digest
from guardian.tasks.flow import engine_of

NAME = "guardian.digest"
EVERY = timedelta(seconds=30)


@shared_task(bind=True, name=NAME)
def run(self: Task[[], Any]) -> str:
    """Gives what was done."""
    return tell_digest(engine_of(self))
