"""A look around before the first start: what runs here, and what Guardian could look after. Starts and changes nothing.

Every part is bounded, and what fails is said in place of what it would have found.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import psutil

from guardian.host.daemons import SUPERVISORD_SOCKETS, Pm2Daemon, pm2_daemons
from guardian.host.listeners import Listener, listeners
from guardian.host.machine import user
from guardian.host.rights import seen
from guardian.ports import Fleet, SupervisedProcess
from guardian.setup.tasks import TaskFolder, task_folders
from guardian.supervisors.pm2 import Params, open_pm2

LOG_PLACES = ("/var/log/supervisor",)

_MOST_LOGS = 100
_LOG_ENDINGS = (".log", ".out", ".err")
_SECONDS = 5.0
_PM2_LIMIT = timedelta(seconds=2)

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Places:
    """Where to look; tests name others."""

    cwd: Path = field(default_factory=Path.cwd)
    home: Path = field(default_factory=Path.home)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    user: Callable[[], int] = user
    pm2_daemons: Callable[[], Sequence[Pm2Daemon]] = pm2_daemons
    listeners: Callable[[], Sequence[Listener]] = listeners
    supervisord: Sequence[Path] = SUPERVISORD_SOCKETS
    logs: Sequence[Path] = tuple(map(Path, LOG_PLACES))


@dataclass(frozen=True)
class Pm2Home:
    """A home with a socket. `usual`: PM2 is looked for there by itself, whatever the environment."""

    home: Path
    fleet: Fleet
    usual: bool


@dataclass(frozen=True)
class SupervisordSocket:
    path: Path
    usable: bool


@dataclass(frozen=True)
class LogFile:
    """`process` is the target that writes it, where that is known."""

    path: Path
    bytes: int
    process: str | None = None


@dataclass(frozen=True)
class Found:
    """`troubles` are what could not be looked at."""

    pm2: Sequence[Pm2Home] = ()
    supervisord: Sequence[SupervisordSocket] = ()
    ports: Sequence[tuple[Listener, str | None]] = ()
    logs: Sequence[LogFile] = ()
    tasks: Sequence[TaskFolder] = ()
    troubles: Sequence[str] = ()

    @property
    def processes(self) -> Sequence[SupervisedProcess]:
        return [process for home in self.pm2 for process in home.fleet.processes]


def look_around(places: Places) -> Found:
    """Whatever fails costs its own part only."""
    troubles: list[str] = []

    def part(name: str, look: Callable[[], Iterable[_Part]]) -> Sequence[_Part]:
        try:
            return list(look())
        except Exception as error:  # noqa: BLE001  what cannot be looked at is no reason to find nothing else
            troubles.append(f"{name}: {type(error).__name__}: {error}")
            return []

    pm2 = part("PM2", lambda: _pm2(places))
    processes = Found(pm2=pm2).processes
    return Found(
        pm2=pm2,
        supervisord=part("supervisord", lambda: _supervisord(places)),
        ports=part("listening ports", lambda: _ports(places, processes)),
        logs=part("log files", lambda: _logs(places, processes)),
        tasks=part("task folders", lambda: task_folders(_roots(places, processes), time.monotonic() + _SECONDS)),
        troubles=troubles,
    )


def _pm2(places: Places) -> Iterator[Pm2Home]:
    """$PM2_HOME first, then the usual home, then those of this user's other daemons; those with a socket."""
    named, usual = places.environ.get("PM2_HOME"), places.home / ".pm2"
    own = sorted(daemon.home for daemon in places.pm2_daemons() if daemon.user == places.user())
    homes: dict[Path, Path] = {}
    for home in (*([Path(named)] if named else []), usual, *own):
        if seen(home / "rpc.sock").socket:
            homes.setdefault(home.resolve(), home)
    if homes:  # together, as they will be looked at: their processes then have the names of later
        fleets = open_pm2(Params(homes=tuple(map(str, homes.values())), timeout=_PM2_LIMIT)).look()
        for home, fleet in zip(homes.values(), fleets, strict=True):
            yield Pm2Home(home, fleet, usual=home == usual and not named)


def _supervisord(places: Places) -> Iterator[SupervisordSocket]:
    for path in {place.resolve(): place for place in places.supervisord}.values():
        known = seen(path)
        if known.socket:
            yield SupervisordSocket(path, known.writable)


def _ports(places: Places, processes: Sequence[SupervisedProcess]) -> Iterator[tuple[Listener, str | None]]:
    """With the watched process that listens, itself or by a child."""
    targets = {process.pid: process.target for process in processes if process.pid}
    for listener in places.listeners():
        own = (pid for pid in (listener.pid, *listener.above) if pid in targets)
        pid = next(own, None)
        yield listener, targets[pid] if pid else None


def _logs(places: Places, processes: Sequence[SupervisedProcess]) -> Iterator[LogFile]:
    """Those of the watched processes, then what lies in the usual places and below their folders' `logs`."""
    named = {Path(log): process.target for process in processes for log in process.logs}
    folders = [*places.logs, *(root / "logs" for root in _roots(places, processes))]
    lying = (file for folder in folders for file in _files(folder) if file.suffix in _LOG_ENDINGS)
    count = 0
    for path in dict.fromkeys((*named, *lying)):
        with suppress(OSError):
            if path.is_file() and count < _MOST_LOGS:
                count += 1
                yield LogFile(path, path.stat().st_size, named.get(path))


def _files(folder: Path) -> Sequence[Path]:
    with suppress(OSError):
        return sorted(folder.iterdir())[:_MOST_LOGS]
    return []


def _roots(places: Places, processes: Sequence[SupervisedProcess]) -> Sequence[Path]:
    """This folder, and those in which the watched processes work; never a whole home or system."""
    found = [places.cwd]
    for process in processes:
        with suppress(psutil.Error, OSError):
            if process.pid:
                found.append(Path(psutil.Process(process.pid).cwd()))
    too_wide = {places.home, Path("/"), Path("/tmp")}  # noqa: S108  not written to
    return [root for root in dict.fromkeys(found) if root not in too_wide]
