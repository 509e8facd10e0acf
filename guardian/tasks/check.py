"""One periodic task per check: `guardian.check.<id>`, for everything that the check is about on its node."""

from typing import Any

from celery import Task, shared_task

from guardian.engine.patrol import patrol
from guardian.registry import discover
from guardian.tasks.flow import engine_of, follow


def task_name(check: str) -> str:
    return f"guardian.check.{check}"


def _register(check: str) -> None:
    @shared_task(bind=True, name=task_name(check))
    def run(self: Task[[], Any]) -> list[object]:
        """Gives `[ok, message]`."""
        engine = engine_of(self)
        done = patrol(engine, check)
        follow(engine, done.steps)
        return [done.ok, done.message]


for _check in discover("guardian.checks", "CHECK"):
    _register(_check)
