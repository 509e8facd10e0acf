"""A slice of the deep scan of this node, where one is due."""

from typing import Any

from celery import Task, shared_task

from guardian.engine import deep_scan
from guardian.tasks.flow import engine_of

NAME = "guardian.deep_scan"


@shared_task(bind=True, name=NAME)
def run(self: Task[[], Any]) -> str:
    engine = engine_of(self)
    settings = engine.config.scanner
    now = engine.store.clock.now()
    return deep_scan.step(engine.deep_desk, settings.deep_directories, settings.deep_every, engine.deep_report, now)
