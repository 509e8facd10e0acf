"""Flower, the page of Celery's tasks, in this process: a part of `up`, or by itself as `guardian flower`.

Who can reach it can end tasks and workers, so it listens on loopback, behind a password. Flower itself leaves
`/metrics` and `/healthcheck` open to whoever reaches the port.
"""

import importlib.util
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from celery import Celery

from guardian.errors import GuardianError
from guardian.runtime.statedir import write_json

LOOPBACK, PORT = "127.0.0.1", 5555

_AUTH = "FLOWER_BASIC_AUTH"
"""Flower's own variable for `user:password`, or several with commas."""

_MAX_TASKS = 5000
_PURGE_OFFLINE = 60
"""Seconds after which a worker that is gone is no longer shown."""


@dataclass(frozen=True)
class Door:
    """Where Flower listens, and who may come in. Without a password those of the environment may."""

    address: str = LOOPBACK
    port: int = PORT
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"


def open_door(address: str, port: int) -> Door:
    """Raises GuardianError when Flower cannot run there. Without users in the environment it makes one."""
    if importlib.util.find_spec("flower") is None:
        raise GuardianError("Flower is not installed: pip install 'ai-system-guardian[flower]'")
    try:
        family, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise GuardianError(f"Flower cannot listen on {address}:{port}: {error.strerror or error}") from error
    if os.environ.get(_AUTH):
        return Door(address, port)
    return Door(address, port, "guardian", secrets.token_urlsafe(16))


def invitation(door: Door) -> str:
    """For the person at the terminal alone: it has the password in it."""
    who = f"user {door.user}, password {door.password}" if door.password else f"users as in {_AUTH}"
    return f"Flower: {door.url}  {who}"


@contextmanager
def announced(state: Path, door: Door) -> Iterator[None]:
    """Have `flower.json` (mode 0600) there for as long as this lasts: address, user and password."""
    path = state / "flower.json"
    write_json(path, {"url": door.url, **asdict(door)})
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def run_flower(app: Celery, door: Door) -> int:
    """Serve until SIGTERM. Gives the exit code."""
    options = [
        f"--address={door.address}",
        f"--port={door.port}",
        f"--max_tasks={_MAX_TASKS}",
        f"--purge_offline_workers={_PURGE_OFFLINE}",
        "--logging=warning",
    ]
    if door.password:
        options.append(f"--basic_auth={door.user}:{door.password}")
    app.start(["--quiet", "--skip-checks", "flower", *options])
    return 0
