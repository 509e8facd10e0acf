"""How a client reaches the Guardian that runs: $GUARDIAN_REDIS_URL, else the `client.json` of its state directory."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guardian.errors import GuardianError, NotRunning

if TYPE_CHECKING:  # loaded at first use
    from celery import Celery

    from guardian.store.store import Store

STATE = Path(".guardian")
_PREFIX = "guardian:"
_CONNECT, _ANSWER, _STORE_ANSWER = 3, 10, 2.0
_NO_RETRY = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""Whoever asks waits for a script to run: no answer now is the answer."""


@dataclass(frozen=True)
class Address:
    """`url` is a secret: it holds a password."""

    url: str
    prefix: str


def address(state: Path | None) -> Address:
    """Raises NotRunning, and GuardianError for a file that cannot be read."""
    if url := os.environ.get("GUARDIAN_REDIS_URL"):
        return Address(url, os.environ.get("GUARDIAN_REDIS_PREFIX", _PREFIX))
    path = (state or STATE) / "client.json"
    try:
        known = _announced(path)
        return Address(str(known["url"]), str(known["prefix"]))
    except FileNotFoundError:
        raise NotRunning(f"no Guardian runs in {path.parent.absolute()}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GuardianError(f"{path} cannot be read: {error}") from None


def flags_file(state: Path | None) -> Path:
    """Where the control flags are mirrored: as the Guardian that runs says, else where one that ran has them."""
    folder = state or STATE
    try:
        return Path(_announced(folder / "client.json")["flags"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder / "flags.json"


def _announced(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def store(at: Address) -> "Store":
    """Guardian's store, one a process. Connects at first use; each call is bounded in time."""
    return _store(at, os.getpid())


@cache
def _store(at: Address, _pid: int) -> "Store":
    from guardian.store.identity import Identity  # noqa: PLC0415  redis takes 0.2 s to load
    from guardian.store.store import Store, connect  # noqa: PLC0415  as above

    return Store(connect(at.url, _STORE_ANSWER, retries=0), at.prefix, Identity(None), timedelta(0))


def application(at: Address) -> "Celery":
    """A Celery application that speaks to Guardian's queues; one a process. Connects at first use."""
    return _application(at, os.getpid())


def forget() -> None:
    """After an error: Celery's connection to the results does not mend itself, so the next one is new."""
    _application.cache_clear()


@cache
def _application(at: Address, _pid: int) -> "Celery":
    from celery import Celery  # noqa: PLC0415  0.2 s

    from guardian.store.urls import broker_url  # noqa: PLC0415

    url = broker_url(at.url)
    app = Celery("guardian.client", broker=url, backend=url, set_as_current=False)
    options = {
        "global_keyprefix": at.prefix,
        "socket_timeout": _ANSWER,
        "socket_connect_timeout": _CONNECT,
    }
    app.conf.update(
        accept_content=["json"],
        broker_connection_timeout=_CONNECT,
        broker_transport_options=options | {"max_retries": 0},
        result_backend_transport_options=options | {"retry_policy": _NO_RETRY},
        redis_socket_timeout=_ANSWER,
        redis_socket_connect_timeout=_CONNECT,
        result_backend_max_retries=1,
    )
    return app
