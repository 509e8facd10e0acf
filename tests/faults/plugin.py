"""What a test does to Guardian's processes from inside them: dying at a named point, sending every message twice.

Installed by program.py before anything is forked; nothing in guardian/ knows of it. A point is `LINK WHERE`: the link
is check, sweep, heal, verify, alert, escalate, history or digest; where is

    begin      before the task's body            act, acted     right before and after the remedy acts
    end        after it, the chain not yet sent  send, sent     right before and after the webhook is called
    over       after the chain was sent          write, written the same for the escalation task's file
                                                 order          between the supervisor's last look and its order
                                                 NAME           after the store's method of that name, inside the link
                                                 committed      after SQL has new steps, fed: and the stream is cut

The file `fault.json` in the test's folder says at which point somebody dies, and who. It fires once: the rename of the
file has one winner.
"""

import contextlib
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from celery import Celery, signals

from guardian import services
from guardian.errors import StoreError
from guardian.history.database import Database
from guardian.model import Stage
from guardian.notify import task_file
from guardian.notify.webhook import Webhook
from guardian.store.past import Past
from guardian.store.spool import Spool
from guardian.store.store import Store
from guardian.supervisors.pm2 import daemon as pm2_daemon
from guardian.supervisors.supervisord import daemon as supervisord_daemon
from guardian.tasks import check, digest, flow, history, sweep

FAULT, FIRED, TWICE, SERVER, DAEMON = "fault.json", "fired.json", "twice", "server.pid", "daemon.pid"

_NEWS: dict[str, Callable[[Any], object]] = {
    "check end": lambda result: not result[0],
    "check record": lambda recorded: recorded.opened or recorded.resolved,
    "check plan": bool,
    "sweep end": bool,
    "sweep over": bool,
    "sweep take_due": bool,
    "sweep incidents": bool,
}
"""Points that every patrol passes: they count only where there is something to do."""


class _Faults:
    """Where this process is, and whether it is to die there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._link: str | None = None

    def wrap(self, function: Callable[..., Any], *, before: str | None = None, after: str | None = None) -> Any:
        @wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._at(before)
            result = function(*args, **kwargs)
            self._at(after, result)
            return result

        return wrapped

    def link(self, name: str, body: Callable[..., Any]) -> Any:
        def enter(*_args: Any, **_kwargs: Any) -> None:
            self._link = name

        inner = self.wrap(body, before="begin", after="end")

        @wraps(body)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            enter()
            return inner(*args, **kwargs)

        return wrapped

    def over(self, retval: object = None, **_facts: object) -> None:
        self._at("over", retval)
        self._link = None

    def _at(self, where: str | None, result: object = None) -> None:
        if self._link is None or where is None:
            return
        point = f"{self._link} {where}"
        with contextlib.suppress(FileNotFoundError):
            fault = json.loads((self._folder / FAULT).read_text())
            if fault["at"] == point and _NEWS.get(point, lambda _: True)(result):
                (self._folder / FAULT).rename(self._folder / FIRED)
                _die(fault["who"], self._folder)


def _die(who: str, folder: Path) -> None:
    """`child`: this pool process. `main`: the worker's main process; this one goes on. `group`: both at once, as when
    `up` ends what is left. `freeze`: both stand still. `server`: Redis.
    `hang daemon`: the supervisor's daemon stands still. `answer`: nobody; the store did what it was asked, and its
    answer is lost."""
    match who:
        case "child":
            os.kill(os.getpid(), signal.SIGKILL)
        case "main":
            os.kill(os.getppid(), signal.SIGKILL)
        case "group":
            os.killpg(os.getpgrp(), signal.SIGKILL)
        case "freeze":
            os.killpg(os.getpgrp(), signal.SIGSTOP)
        case "server":
            os.kill(int((folder / SERVER).read_text()), signal.SIGKILL)
        case "answer":
            raise StoreError("Redis: the answer was lost")
        case "hang daemon":
            os.kill(int((folder / DAEMON).read_text()), signal.SIGSTOP)


def install(app: Celery, folder: Path) -> None:
    faults = _Faults(folder)
    _wrap_tasks(app, faults)
    _wrap_remedies(faults)
    for name, method in list(vars(Store).items()):
        if callable(method) and not name.startswith("_") and name != "close":
            setattr(Store, name, faults.wrap(method, after=name))
    for name in ("keep", "failed"):
        setattr(Spool, name, faults.wrap(getattr(Spool, name), after=name))
    for name in ("fed", "mark_digest", "finish_digest"):
        setattr(Past, name, faults.wrap(getattr(Past, name), after=name))
    Database.feed = faults.wrap(Database.feed, after="committed")  # type: ignore[method-assign]
    Webhook.send = faults.wrap(Webhook.send, before="send", after="sent")  # type: ignore[method-assign]
    for daemon in (pm2_daemon, supervisord_daemon):
        daemon.patience = faults.wrap(daemon.patience, before="order")
    for name in ("write", "close"):
        setattr(task_file, name, faults.wrap(getattr(task_file, name), before=name, after="written"))
    if (folder / TWICE).exists():
        _send_twice(app)


def _wrap_tasks(app: Celery, faults: _Faults) -> None:
    links = {flow.task_name(stage): str(stage) for stage in Stage}
    links |= {
        history.NAME: "history",
        digest.NAME: "digest",
        sweep.NAME: "sweep",
        check.task_name("process_health"): "check",
    }
    for name, link in links.items():
        app.tasks[name].run = faults.link(link, app.tasks[name].run)  # type: ignore[method-assign]
    signals.task_postrun.connect(faults.over, weak=False)


def _wrap_remedies(faults: _Faults) -> None:
    real = services.remedies

    def remedies() -> dict[str, Any]:
        return {
            name: replace(remedy, act=faults.wrap(remedy.act, before="act", after="acted"))
            for name, remedy in real().items()
        }

    services.remedies = remedies


def _send_twice(app: Celery) -> None:
    send = app.amqp.send_task_message

    def twice(*args: Any, **kwargs: Any) -> Any:
        send(*args, **kwargs)
        return send(*args, **kwargs)

    app.amqp.send_task_message = twice  # type: ignore[misc]  # a cached property; it can be set
