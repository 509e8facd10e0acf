"""The files of this node: the health summary, and the mirror of the control flags."""

from typing import Any

from celery import Task, shared_task

from guardian.engine import flags
from guardian.engine.overview import as_json, overview, write_summary
from guardian.tasks.flow import engine_of

NAME = "guardian.summary"


@shared_task(bind=True, name=NAME)
def run(self: Task[[], Any]) -> str:
    """Gives the overall status."""
    engine = engine_of(self)
    flags.keep(engine)
    view = overview(engine.store, engine.config)
    write_summary(engine.summary_file, as_json(view, engine.config.summary.every))
    return view.status
