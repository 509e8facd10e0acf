"""One periodic task per check: `guardian.check.<id>`, for everything that the check is about on its node."""

from collections.abc import Iterable
from typing import Any

from celery import Celery, Task

from guardian.engine.patrol import patrol
from guardian.tasks.flow import engine_of, follow


def task_name(check: str) -> str:
    return f"guardian.check.{check}"


def register(app: Celery, checks: Iterable[str]) -> None:
    """What checks there are is the configuration's word, the same for workers and beat."""
    for check in checks:
        _register(app, check)


def _register(app: Celery, check: str) -> None:
    @app.task(bind=True, name=task_name(check))
    def run(self: Task[[], Any]) -> list[object]:
        """Gives `[ok, message]`."""
        engine = engine_of(self)
        done = patrol(engine, check)
        follow(engine, done.steps)
        return [done.ok, done.message]
