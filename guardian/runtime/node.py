"""One worker, in this process: forked by `up`, or by itself as `guardian worker`."""

import gc
import importlib
import logging
import os
import signal
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from billiard.util import get_pdeathsig  # type: ignore[attr-defined]  # its stubs lack it
from celery import Celery, signals
from celery.exceptions import SecurityWarning

from guardian import __version__, services
from guardian import app as application
from guardian.app import GuardianApp, Role
from guardian.config import Config
from guardian.errors import HistoryError, StoreError
from guardian.host.machine import host, machine
from guardian.store.store import Store
from guardian.store.values import ProcessSign
from guardian.tasks import check

HEARTBEAT = 5
"""Seconds between a worker's signs of life."""

SCAN_PROCESSES = 2
"""One scan that takes long keeps nobody else waiting."""

_TASKS = "guardian.tasks"
_SHARED = (
    "billiard.popen_fork",
    "billiard.sharedctypes",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.prefork",
    "celery.events.dispatcher",
    "celery.events.receiver",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.strategy",
    "kombu.transport.redis",
    _TASKS,
)
"""Loaded once before forking, so that every child shares their memory."""

logger = logging.getLogger(__name__)


def prepare(config: Config, redis_url: str, state: Path) -> GuardianApp:
    """The application with every task and all that a worker or beat imports. Connects to nothing, so that a
    parent can fork from here."""
    for module in _SHARED:
        importlib.import_module(module)
    with suppress(OSError):  # it loads a C parser, where there is cffi, as each process of a pool does else for itself
        get_pdeathsig()
    signals.setup_logging.connect(_leave_alone)
    warnings.simplefilter("ignore", SecurityWarning)  # of root, where pickle is accepted: here only JSON is
    app = application.create(config, redis_url, partial(services.build, config, redis_url, state))
    app.loader.import_task_module(_TASKS)
    check.register(app, config.checks)
    for fault in services.plugin_faults(config):
        logger.warning("plug-in %s", fault)
    app.finalize()
    return app


def _leave_alone(**_facts: object) -> None:
    """A receiver of this signal is what keeps Celery from setting up logging."""


def run_worker(app: Celery, config: Config, store: Store, role: Role) -> int:
    """Work until SIGTERM: takes nothing new then, and ends with its running tasks or after the grace period.
    Gives the exit code. Lives on while Redis is away."""
    presence = _Presence(store, config.node, role)
    signals.heartbeat_sent.connect(presence.seen)
    signals.worker_shutting_down.connect(_limit_grace)
    if role in (Role.ACT, Role.ALL):
        _load_history(config)
    worker = app.Worker(
        hostname=f"{role}@{config.node}",
        queues=application.queues(role, config.node),
        concurrency=_processes(config, role),
        pool="prefork",
        loglevel="WARNING",
        quiet=True,
        heartbeat_interval=HEARTBEAT,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return worker.exitcode or 0


def _load_history(config: Config) -> None:
    """SQLAlchemy, for the workers that feed the history, before their pool is forked: once for all of them."""
    url = config.history.url
    with suppress(HistoryError):  # who feeds says what is wrong
        importlib.import_module("guardian.history.database").Database(url.get_secret_value() if url else "sqlite://")
    gc.collect()
    gc.freeze()  # collecting in a child writes to what it shares


def _processes(config: Config, role: Role) -> int:
    settings = config.worker
    own = settings.own_processes if has_own_checks(config) else 0
    check, act = settings.check_processes, settings.act_processes
    return {
        Role.CHECK: check,
        Role.OWN: own or 1,
        Role.ACT: act,
        Role.ALL: check + own + act,
        Role.SCAN: SCAN_PROCESSES,
    }[role]


def has_own_checks(config: Config) -> bool:
    return any(settings.own and settings.enabled for settings in config.checks.values())


class _Presence:
    """Tells the store that this worker lives, from the loop that hands out its tasks. Says once that it cannot."""

    def __init__(self, store: Store, node: str, role: Role) -> None:
        self._store, self._node, self._role = store, node, role
        self._pid = os.getpid()
        self._away = False

    def seen(self, **_facts: object) -> None:
        self._away = say_once(self._away, self._tell)

    def _tell(self) -> None:
        if os.getpid() == self._pid:
            self._store.signs.node_seen(self._node, self._role)
            self._store.signs.process_seen(sign(self._role, self._node))


def sign(role: str, node: str) -> ProcessSign:
    """How this process is told from another one that does the same."""
    return ProcessSign(role, node, machine(), host(), os.getpid(), __version__)


def say_once(away: bool, call: Callable[[], object]) -> bool:  # noqa: FBT001  the answer of the call before
    """Call, and log the store's absence only when it begins and ends. Gives whether it is away."""
    try:
        call()
    except StoreError as error:
        if not away:
            logger.warning("the store is away: %s", error)
        return True
    if away:
        logger.info("the store is back")
    return False


def _limit_grace(how: str, **_facts: object) -> None:
    """After a warm shutdown began, end in the cold way when the grace period is over: a hung task must not keep
    the worker for longer than its own hard limit."""
    if how == "Warm":
        timer = threading.Timer(application.GRACE.total_seconds(), os.kill, (os.getpid(), signal.SIGQUIT))
        timer.daemon = True
        timer.start()
