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

from guardian.host.listeners import Listener, listeners
from guardian.host.machine import user
from guardian.host.network import HostNetwork
from guardian.host.pm2s import Pm2Daemon, pm2_daemons
from guardian.host.rights import seen
from guardian.host.supervisords import SupervisordDaemon, supervisord_daemons
from guardian.ports import Fleet, Network, Request, SupervisedProcess
from guardian.setup.tasks import TaskFolder, task_folders
from guardian.supervisors import pm2, supervisord
from guardian.supervisors.supervisord.wire import Address, address

LOG_PLACES = ("/var/log/supervisor",)

_MOST_LOGS = 100
_LOG_ENDINGS = (".log", ".out", ".err")
_SECONDS = 5.0
_LOOK_LIMIT = timedelta(seconds=2)
_MOST_WEB = 50
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}  # noqa: S104  nothing is bound

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
    supervisord_daemons: Callable[[], Sequence[SupervisordDaemon]] = supervisord_daemons
    supervisord_usual: Sequence[str] = supervisord.USUAL
    logs: Sequence[Path] = tuple(map(Path, LOG_PLACES))
    network: Network = field(default_factory=HostNetwork)


@dataclass(frozen=True)
class Pm2Home:
    """A home with a socket. `usual`: PM2 is looked for there by itself, whatever the environment."""

    home: Path
    fleet: Fleet
    usual: bool


@dataclass(frozen=True)
class SupervisordServer:
    """A daemon by its address, as a configuration names it. `usual`: it is looked for there by itself."""

    address: str
    fleet: Fleet
    usual: bool


@dataclass(frozen=True)
class LogFile:
    """`process` is the target that writes it, where that is known."""

    path: Path
    bytes: int
    process: str | None = None


@dataclass(frozen=True)
class WebAddress:
    """A port of a watched process that speaks HTTP, and what it answered there."""

    url: str
    port: int
    process: str
    status: int


@dataclass(frozen=True)
class Found:
    """`troubles` are what could not be looked at."""

    pm2: Sequence[Pm2Home] = ()
    supervisord: Sequence[SupervisordServer] = ()
    ports: Sequence[tuple[Listener, str | None]] = ()
    web: Sequence[WebAddress] = ()
    logs: Sequence[LogFile] = ()
    tasks: Sequence[TaskFolder] = ()
    troubles: Sequence[str] = ()

    @property
    def processes(self) -> Sequence[SupervisedProcess]:
        fleets = [*(home.fleet for home in self.pm2), *(server.fleet for server in self.supervisord)]
        return [process for fleet in fleets for process in fleet.processes]


def look_around(places: Places) -> Found:
    """Whatever fails costs its own part only."""
    troubles: list[str] = []

    def part(name: str, look: Callable[[], Iterable[_Part]]) -> Sequence[_Part]:
        try:
            return list(look())
        except Exception as error:  # noqa: BLE001  what cannot be looked at is no reason to find nothing else
            troubles.append(f"{name}: {type(error).__name__}: {error}")
            return []

    homes = part("PM2", lambda: _pm2(places))
    servers = part("supervisord", lambda: _supervisord(places))
    processes = Found(pm2=homes, supervisord=servers).processes
    ports = part("listening ports", lambda: _ports(places, processes))
    return Found(
        pm2=homes,
        supervisord=servers,
        ports=ports,
        web=part("web addresses", lambda: _web(places, ports)),
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
        params = pm2.Params(homes=tuple(map(str, homes.values())), timeout=_LOOK_LIMIT)
        fleets = pm2.open_pm2(params).look()
        for home, fleet in zip(homes.values(), fleets, strict=True):
            yield Pm2Home(home, fleet, usual=home == usual and not named)


def _supervisord(places: Places) -> Iterator[SupervisordServer]:
    """$SUPERVISOR_SERVER_URL first, then the usual places, then where the daemons of the process list listen."""
    usual = [text for text in places.supervisord_usual if _is_there(address(text))]
    named = [places.environ.get("SUPERVISOR_SERVER_URL"), *(each.address for each in places.supervisord_daemons())]
    met: dict[str, str] = {}
    for text in (named[0], *usual, *named[1:]):
        with suppress(ValueError):  # one with a user in it, or that is none: never written down
            if text and _is_there(place := address(text)):
                met.setdefault(_real(place), text)
    if met:
        params = supervisord.Params(sockets=tuple(met.values()), timeout=_LOOK_LIMIT)
        fleets = supervisord.open_supervisord(params).look()
        for text, fleet in zip(met.values(), fleets, strict=True):
            yield SupervisordServer(text, fleet, usual=text in usual[:1] and not named[0])


def _is_there(place: Address) -> bool:
    return place.path is None or seen(place.path).socket


def _real(place: Address) -> str:
    """The same for two names of one socket."""
    return str(place.path.resolve() if place.path else place)


def _ports(places: Places, processes: Sequence[SupervisedProcess]) -> Iterator[tuple[Listener, str | None]]:
    """With the watched process that listens, itself or by a child."""
    targets = {process.pid: process.target for process in processes if process.pid}
    for listener in places.listeners():
        own = (pid for pid in (listener.pid, *listener.above) if pid in targets)
        pid = next(own, None)
        yield listener, targets[pid] if pid else None


def _web(places: Places, ports: Sequence[tuple[Listener, str | None]]) -> Iterator[WebAddress]:
    """One GET of `/` at each port of a watched process. Whatever does not answer like a web server is none."""
    own = {(each.port, target): each for each, target in reversed(ports) if target is not None}
    asked = [(_url(each), each.port, target) for (_, target), each in sorted(own.items())[:_MOST_WEB]]
    answers = places.network.ask([Request(url, _LOOK_LIMIT) for url, _, _ in asked])
    for (url, port, target), answer in zip(asked, answers, strict=True):
        if answer.status is not None:
            yield WebAddress(url, port, target, answer.status)


def _url(listener: Listener) -> str:
    address = _ANY_ADDRESS.get(listener.address, listener.address)
    return f"http://{f'[{address}]' if ':' in address else address}:{listener.port}/"


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
