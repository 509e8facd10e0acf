"""The health summary file of this node."""

from typing import Any

from celery import Task, shared_task

from guardian.engine.overview import as_json, overview, write_summary
from guardian.tasks.flow import engine_of

NAME = "guardian.summary"


@shared_task(bind=True, name=NAME)
def run(self: Task[[], Any]) -> str:
    """Gives the overall status."""
    engine = engine_of(self)
    view = overview(engine.store, engine.config)
    write_summary(engine.summary_file, as_json(view, engine.config.summary.every))
    return view.status
