"""What beat sends, to whom: (config, live nodes and queues) -> entries. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from celery.schedules import schedule

from guardian.config import Config
from guardian.engine.queues import DEEP, TELL, check_queue, heal_queue, own_queue
from guardian.tasks import canary, check, deep_scan, digest, history, summary, sweep

_DEEP_EVERY = timedelta(seconds=10)
"""From slice to slice of the deep scan."""


def entries(config: Config, nodes: Iterable[str], queues: Iterable[str] = ()) -> Mapping[str, Mapping[str, Any]]:
    """`{name: fields of a celery.beat.ScheduleEntry}`: each check at each node, the sweep once, a summary per node, a
    canary through each queue that a live worker takes from, and what needs the history where that is."""
    nodes = list(nodes)
    found = {"sweep": _entry(sweep.NAME, config.worker.sweep_every, TELL)}
    for queue in queues:
        if queue.startswith(DEEP) and config.scanner.deep_directories:
            found[f"deep scan@{queue.removeprefix(DEEP)}"] = _entry(deep_scan.NAME, _DEEP_EVERY, queue)
        found[f"canary:{queue}"] = {**_entry(canary.NAME, config.watch.canary_every, queue), "args": (queue,)}
    for node in nodes:
        found[f"summary@{node}"] = _entry(summary.NAME, config.summary.every, heal_queue(node))
        for name, settings in config.checks.items():
            if settings.enabled:
                queue = own_queue(node) if settings.own else check_queue(node)
                found[f"{name}@{node}"] = _entry(check.task_name(name), settings.interval, queue)
    return {**found, **_of_the_past(config, nodes)}


def _of_the_past(config: Config, nodes: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """A SQLite file is on one node: beat's own where that has a worker. A server is reached from each."""
    url = config.history.url
    if url is not None and not url.get_secret_value().startswith("sqlite"):
        place, queue = "", TELL
    elif nodes:
        node = config.node if config.node in nodes else min(nodes)
        place, queue = f"@{node}", heal_queue(node)
    else:
        return {}
    found = {f"history{place}": _entry(history.NAME, config.history.every, queue)}
    if config.digest.enabled:
        found[f"digest{place}"] = _entry(digest.NAME, digest.EVERY, queue)
    return found


def _entry(task: str, every: timedelta, queue: str) -> Mapping[str, Any]:
    return {"task": task, "schedule": schedule(every), "options": {"queue": queue}}
