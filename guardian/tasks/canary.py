"""A canary: goes through a queue like any other message, and notes that somebody worked on it.

What `inspect ping` cannot say: a worker answers that while each of its processes hangs.
"""

from typing import Any

from celery import Task, shared_task

from guardian.tasks.flow import engine_of

NAME = "guardian.canary"


@shared_task(bind=True, name=NAME)
def run(self: Task[[str], Any], queue: str) -> None:
    engine_of(self).store.signs.canary_seen(queue)
