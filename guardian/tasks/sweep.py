"""The sweep: sends what is due and was not done, and takes away what is over."""

from typing import Any

from celery import Task, shared_task

from guardian.engine import flags
from guardian.engine.deliver import report_channels
from guardian.engine.sweep import channels, sweep
from guardian.tasks.flow import engine_of, follow, send_kept

NAME = "guardian.sweep"


@shared_task(bind=True, name=NAME)
def run(self: Task[[], Any]) -> int:
    """Gives how many chains were sent."""
    engine = engine_of(self)
    steps = sweep(engine)
    follow(engine, steps)
    send_kept(channels(engine))
    report_channels(engine)
    flags.keep(engine)
    return len(steps)
