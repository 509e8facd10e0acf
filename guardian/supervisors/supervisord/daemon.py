"""One supervisord: a look at its processes, and orders to it. Never starts one."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from guardian.errors import RemedyError
from guardian.supervisors.supervisord.processes import Code, Entry, entries, entry
from guardian.supervisors.supervisord.wire import Address, Line, NoSocketError, RefusedError, WireError

_LEAST_PATIENCE = timedelta(seconds=10)
_MOST_PATIENCE = timedelta(seconds=30)
"""An order has to end within a Celery task's limit, however long a program may take by its own settings."""
_PAUSE_SECONDS = 0.1
_ROUND_SECONDS = 1.0
"""What a stop and the look after it may take. With less than that left none is begun: it would be given up half way,
and that would say that the daemon hangs."""


class Fault(IntEnum):
    """Those of supervisord's faults that an order is decided by."""

    UNKNOWN_METHOD = 1
    SHUTDOWN_STATE = 6
    SPAWN_ERROR = 50
    ALREADY_STARTED = 60
    NOT_RUNNING = 70


_WORDS = {
    Fault.UNKNOWN_METHOD: "it has no [rpcinterface:supervisor] section",
    Fault.SHUTDOWN_STATE: "supervisord is shutting down or starting anew",
    Fault.SPAWN_ERROR: "supervisord could not start it",
}


@dataclass(frozen=True)
class Daemon:
    """The daemon at the first of the places that is there. `timeout` bounds a look; an order may take longer."""

    places: Sequence[Address]
    timeout: timedelta
    login: str | None = None

    def look(self) -> Mapping[str, Entry]:
        """By target. Raises WireError."""
        return _see(self._line())

    def running(self) -> Collection[int]:
        """The process ids of what runs. Raises WireError."""
        return [found.process.pid for found in self.look().values() if found.process.pid is not None]

    def restart(self, target: str) -> None:
        """Raises RemedyError."""
        self._order(target, _restart)

    def stop(self, target: str) -> None:
        """Raises RemedyError."""
        self._order(target, _stop)

    def _line(self) -> Line:
        """The first place that is there counts, alive or not: else its processes would seem to be gone."""
        place = next((place for place in self.places if not place.missing()), None)
        if place is None and len(self.places) > 1:
            raise NoSocketError("no daemon: no socket in any of the usual places", sent=False)
        return Line(place or self.places[0], self.login, self.timeout.total_seconds())

    def _order(self, target: str, order: Callable[[Line, Entry], None]) -> None:
        line, found = self._found(target)
        line.extend(patience(found, self.timeout).total_seconds())
        try:
            order(line, found)
        except WireError as error:
            raise RemedyError(reason(error), done=None if line.ordered else False) from None

    def _found(self, target: str) -> tuple[Line, Entry]:
        try:
            line = self._line()
            found = _see(line).get(target)
        except WireError as error:
            raise RemedyError(f"could not look before acting: {reason(error)}", done=False) from None
        if found is None:
            raise RemedyError(f"{target} is not in supervisord", done=False)
        return line, found


def patience(found: Entry, timeout: timedelta) -> timedelta:
    """supervisord answers a stop when the process is gone, which its stopwaitsecs bounds."""
    return min(max(timeout + found.patience, _LEAST_PATIENCE), _MOST_PATIENCE)


def _see(line: Line) -> Mapping[str, Entry]:
    infos, configs = line.ask_all("supervisor.getAllProcessInfo", "supervisor.getAllConfigInfo")
    if isinstance(infos, dict) and "faultCode" in infos:
        raise RefusedError(str(infos.get("faultString"))[:200], infos["faultCode"])
    return {found.process.target: found for found in entries(infos, configs)}


def reason(error: WireError) -> str:
    """In words for people."""
    if not isinstance(error, RefusedError):
        return str(error)
    return next((words for fault, words in _WORDS.items() if fault == error.code), f"supervisord refused: {error}")


def _restart(line: Line, found: Entry) -> None:
    """A start of what is still stopping is answered with yes, and nothing comes of it: so the stop is waited for."""
    if found.code is Code.STARTING:
        return
    if not found.settled and found.code is not Code.EXITED:
        _stop(line, found)
    try:
        line.order("supervisor.startProcess", found.name, False)  # noqa: FBT003  not to wait: it proves nothing yet
    except RefusedError as error:
        if error.code != Fault.ALREADY_STARTED:  # supervisord itself, or a person, was faster
            raise


def _stop(line: Line, found: Entry) -> None:
    """Again and again until it stays down: the stop of what has just exited is refused, and then it is restarted."""
    while True:
        try:
            line.order("supervisor.stopProcess", found.name, True)  # noqa: FBT003  to wait until it is gone
        except RefusedError as error:
            if error.code != Fault.NOT_RUNNING:
                raise
        if entry(line.ask("supervisor.getProcessInfo", found.name)).settled:
            return
        if line.left() < _PAUSE_SECONDS + _ROUND_SECONDS:
            raise WireError(f"{found.name} does not stop", sent=True)
        time.sleep(_PAUSE_SECONDS)
