"""The Celery application: settings, queues and routes.

Each setting was run through killed and hung brokers, and killed workers. Acknowledgement is early: what a dead
worker left undone is found by Guardian's own sweep, never by redelivery (only `scan` acknowledges late).
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from celery import Celery

from guardian.config import Config
from guardian.engine.engine import Engine
from guardian.engine.queues import SCAN, TELL, taken_by
from guardian.store.urls import broker_url as broker_url  # noqa: PLC0414  what runs a worker finds it here

GRACE = timedelta(seconds=8)
"""How long running tasks may go on after a worker was asked to stop."""

_SOFT_LIMIT = 0.9
"""Of the time limit: a task is told before it is ended."""

_SCAN_ROOM = 27.0
"""Seconds: a scan task lasts longer than the scan, by the start of its child and the move into the quarantine."""

_SOCKET_TIMEOUT, _CONNECT_TIMEOUT, _HEALTH_CHECK = 10, 3, 10


class Role(StrEnum):
    """What a worker does. CHECK looks; OWN looks by the operator's own checks; ACT heals, verifies and tells, so that
    a flood of looks never starves it; ALL is all three. SCAN answers callers who wait, some of them inside a task: it
    never shares a process with the others."""

    CHECK = "check"
    OWN = "own"
    ACT = "act"
    ALL = "all"
    SCAN = "scan"


def queues(role: Role, node: str) -> list[str]:
    """What a worker of this role at this node takes from."""
    return list(taken_by(role, node))


class GuardianApp(Celery):
    """Celery with the engine that its tasks work with, made at first use, so that each process has its own."""

    def __init__(self, build: Callable[[], Engine]) -> None:
        super().__init__("guardian", set_as_current=True)
        self._build = build

    @cached_property
    def engine(self) -> Engine:
        return self._build()


def create(config: Config, redis_url: str, build: Callable[[], Engine]) -> GuardianApp:
    """The application, made the current one so that shared tasks bind to it. Connects to nothing yet."""
    app = GuardianApp(build)
    app.conf.update(_settings(config, broker_url(redis_url)))
    app.set_default()
    return app


def _settings(config: Config, url: str) -> dict[str, object]:
    limit = config.worker.time_limit.total_seconds()
    limits = {"task_time_limit": limit, "task_soft_time_limit": _SOFT_LIMIT * limit}
    return {**_connection(config, url), **_TASKS, **limits, "task_annotations": _scan_limits(config), **_PROCESSES}


def _scan_limits(config: Config) -> dict[str, dict[str, float]]:
    """A scan lasts as long as its policy lets it, however short other tasks are kept."""
    scanner = config.scanner
    longest = max([scanner.max_seconds, *(each.max_seconds or 0.0 for each in scanner.agents.values())]) + _SCAN_ROOM
    limit = max(longest, config.worker.time_limit.total_seconds())
    limits = {"time_limit": limit, "soft_time_limit": _SOFT_LIMIT * limit}
    return {"guardian.scan": limits, "guardian.deep_scan": limits}


def _connection(config: Config, url: str) -> dict[str, object]:
    transport = {
        "global_keyprefix": config.redis.prefix,
        "visibility_timeout": int(config.worker.visibility_timeout.total_seconds()),
        "socket_timeout": _SOCKET_TIMEOUT,
        "socket_connect_timeout": _CONNECT_TIMEOUT,
        "socket_keepalive": True,
        "health_check_interval": _HEALTH_CHECK,
    }
    return {
        "broker_url": url,
        "broker_connection_timeout": _CONNECT_TIMEOUT,
        "broker_connection_max_retries": None,
        "broker_connection_retry_on_startup": True,
        # the default sweep for unacknowledged messages takes 100 s beside a time-out of 60 s
        "broker_transport_options": transport | {"unacked_restore_interval": 5, "unacked_restore_throttle": 1},
        "result_backend": url,
        "result_backend_transport_options": transport,
        "redis_socket_timeout": _SOCKET_TIMEOUT,
        "redis_socket_connect_timeout": _CONNECT_TIMEOUT,
        "redis_socket_keepalive": not url.startswith("redis+socket:"),
        "redis_backend_health_check_interval": _HEALTH_CHECK,
    }


_TASKS = {
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_serializer": "json",
    "timezone": "UTC",
    "enable_utc": True,
    "task_default_queue": TELL,
    # checks and heals name their node's queue where they are sent
    "task_routes": {"guardian.scan": {"queue": SCAN}},
    "task_acks_late": False,
    "task_ignore_result": True,
    "result_expires": 300,
    "task_send_sent_event": True,
}

_PROCESSES = {
    "worker_prefetch_multiplier": 1,
    "worker_disable_prefetch": True,
    "worker_send_task_events": True,
    "worker_redirect_stdouts": False,
    "worker_hijack_root_logger": False,
    "worker_max_memory_per_child": 250_000,  # KiB: a leak ends with the task, not with the machine
    "beat_max_loop_interval": 5,
    "beat_sync_every": 0,
}
