"""What beat sends, to whom: (config, live nodes) -> entries. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from celery.schedules import schedule

from guardian.config import Config
from guardian.engine.queues import TELL, check_queue, heal_queue, own_queue
from guardian.tasks import check, summary, sweep


def entries(config: Config, nodes: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
    """`{name: fields of a celery.beat.ScheduleEntry}`: each check at each node, the sweep once, a summary per node."""
    found = {"sweep": _entry(sweep.NAME, config.worker.sweep_every, TELL)}
    for node in nodes:
        found[f"summary@{node}"] = _entry(summary.NAME, config.summary.every, heal_queue(node))
        for name, settings in config.checks.items():
            if settings.enabled:
                queue = own_queue(node) if settings.own else check_queue(node)
                found[f"{name}@{node}"] = _entry(check.task_name(name), settings.interval, queue)
    return found


def _entry(task: str, every: timedelta, queue: str) -> Mapping[str, Any]:
    return {"task": task, "schedule": schedule(every), "options": {"queue": queue}}
