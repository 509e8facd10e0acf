"""One PM2 daemon: a look at its processes, and orders to it. Never starts one.

An order looks first, over the same connection: the numbers are then those of the daemon that gets it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import psutil

from guardian.errors import RemedyError
from guardian.ports import ProcessState, SupervisedProcess
from guardian.supervisors.pm2 import orders
from guardian.supervisors.pm2.processes import Entry, entries, targets
from guardian.supervisors.pm2.wire import RefusedError, WireError

_LEAST_PATIENCE = timedelta(seconds=10)
_MOST_PATIENCE = timedelta(seconds=30)
"""An order has to end within a Celery task's limit, however long an app may take by its own settings."""


class Transport(Protocol):
    """A way to talk to a daemon that runs. Every method raises WireError."""

    @property
    def daemon(self) -> str | None: ...

    def call(self, method: str, argument: object) -> Any: ...

    def extend(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Seen:
    """What one daemon runs, by target."""

    daemon: str | None
    found: Mapping[str, Entry]

    def processes(self) -> Sequence[SupervisedProcess]:
        return [replace(entry.process, target=target) for target, entry in self.found.items()]


@dataclass(frozen=True)
class Daemon:
    """The daemon of `home`, which may be away. `timeout` bounds a look; an order may take longer."""

    home: Path
    timeout: timedelta
    connect: Callable[[Path, float], AbstractContextManager[Transport]]

    def look(self) -> Seen:
        """Raises WireError."""
        with self._open() as line:
            return self._see(line)

    def restart(self, target: str) -> None:
        """Raises RemedyError."""
        self._order(target, _restart)

    def stop(self, target: str) -> None:
        """Raises RemedyError."""
        self._order(target, _stop)

    def _open(self) -> AbstractContextManager[Transport]:
        return self.connect(self.home, self.timeout.total_seconds())

    def _see(self, line: Transport) -> Seen:
        found = entries(line.call("getMonitorData", {}))
        stopped = any(entry.process.state is ProcessState.STOPPED for entry in found)
        log = orders.tail(self.home / "pm2.log") if stopped else b""
        names = Counter(entry.raw_name for entry in found)
        told = [orders.told(entry, log, only_one=names[entry.raw_name] == 1) for entry in found]
        return Seen(line.daemon, dict(zip(targets(found), told, strict=True)))

    def _order(self, target: str, order: Callable[[Transport, Entry], None]) -> None:
        try:
            with self._open() as line:
                entry = self._entry(line, target)
                line.extend(patience(entry, self.timeout).total_seconds())
                order(line, entry)
        except RefusedError as error:
            raise RemedyError(f"PM2 refused: {error}", done=_taken_elsewhere(error)) from None
        except WireError as error:
            raise RemedyError(str(error), done=None if error.sent else False) from None

    def _entry(self, line: Transport, target: str) -> Entry:
        try:
            entry = self._see(line).found.get(target)
        except WireError as error:
            raise RemedyError(f"could not look before acting: {error}", done=False) from None
        if entry is None:
            raise RemedyError(f"{target} is not in PM2", done=False)
        return entry


def patience(entry: Entry, timeout: timedelta) -> timedelta:
    """PM2 answers when the old process is gone, which its kill time-out bounds, and the new one is up."""
    return min(max(timeout + entry.patience, _LEAST_PATIENCE), _MOST_PATIENCE)


def _restart(line: Transport, entry: Entry) -> None:
    """PM2 refuses to restart what waits for its own restart: it is stopped first."""
    if entry.process.state is ProcessState.WAITING:
        _stop(line, entry)
    line.call("restartProcessId", {"id": entry.id})


def _stop(line: Transport, entry: Entry) -> None:
    """PM2 kills whatever has the number that it remembers, also when the process is long gone."""
    if entry.process.pid is None and entry.raw_pid > 0 and psutil.pid_exists(entry.raw_pid):
        raise RemedyError(f"PM2 would kill process {entry.raw_pid}, which is another one by now", done=False)
    answer = line.call("stopProcessId", entry.id)
    env = answer.get("pm2_env") if isinstance(answer, dict) else None
    if isinstance(env, dict) and env.get("status") == ProcessState.ERRORED:
        raise RemedyError("PM2 could not kill the process", done=False)


def _taken_elsewhere(error: RefusedError) -> bool | None:
    """None where another order (a person's, PM2's own) is under way: then it may well be running anew."""
    return None if "already" in str(error) else False
