"""What the core asks of the world, as Protocols. Adapters implement them; tests hand in others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from guardian.model import OwnAct


class ProcessState(StrEnum):
    """A supervisor's word for a process, made one vocabulary.

    WAITING: the supervisor itself will start it again after a delay. STOPPED does not say by whom: see
    `SupervisedProcess.stopped_by_hand`. ENDED: by itself, in a way that its supervisor's configuration calls expected,
    and it is left so. ERRORED: the supervisor gave up.
    """

    ONLINE = "online"
    LAUNCHING = "launching"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ENDED = "ended"
    WAITING = "waiting restart"
    ERRORED = "errored"
    UNRECOGNIZED = "unrecognized"


@dataclass(frozen=True)
class SupervisedProcess:
    """One process of a supervisor, named fields only: its environment is never kept.

    `target` is what a person calls it, stable across restarts and renumbering: the name, `name#k` where several
    share it. `pid` is None unless the process is believed to run. `started_at` is the last start. `restarts` is
    the supervisor's own counter (a decrease means that it was reset), None where it keeps none. `autorestart` is None
    where it does not tell. `stopped_by_hand` holds the evidence that a person stopped it on purpose, in words, or None.
    `why` it does not run: the supervisor's own words beside the exit code, where it has any.
    """

    target: str
    state: ProcessState
    pid: int | None
    restarts: int | None
    started_at: datetime | None
    created_at: datetime | None
    exit_code: int | None
    autorestart: bool | None
    stopped_by_hand: str | None = None
    why: str | None = None
    logs: Sequence[str] = ()
    memory_bytes: int | None = None
    cpu_percent: float | None = None


@dataclass(frozen=True)
class Fleet:
    """One look at one supervisor daemon.

    `daemon` identifies the running daemon (process id and start time), so that a new, empty one is told from
    the old one; None where that cannot be, or where a new one knows whatever the old one did. `error` says why it could
    not be read; `processes` is then empty and means nothing. `absent`: no daemon was ever seen there, as far as the
    adapter can tell.
    """

    source: str
    processes: Sequence[SupervisedProcess] = ()
    daemon: str | None = None
    error: str | None = None
    absent: bool = False


class Ear(Protocol):
    """Hears from one daemon that a process ended. It only hastens a look: what it misses is found by the next one."""

    def wait(self, limit: timedelta) -> bool:
        """True as soon as a process ended; False when `limit` is over. Never raises for a daemon that is away, and
        takes whatever else the daemon tells meanwhile."""
        ...

    def close(self) -> None: ...


class Supervisor(Protocol):
    """A process supervisor of this node. All calls are bounded in time."""

    @property
    def name(self) -> str: ...

    def look(self) -> Sequence[Fleet]:
        """Every daemon of this supervisor on this node. Never raises for a daemon that is away or hung, and never
        starts one."""
        ...

    def find(self, target: str) -> SupervisedProcess | None:
        """A fresh look at one process; None when it is not there. Raises SourceError when it cannot look."""
        ...

    def restart(self, target: str) -> None:
        """Have the process running anew. Returns when the supervisor took the order, which proves nothing yet.
        Raises RemedyError; `done` is None when the order may have been taken."""
        ...

    def stop(self, target: str) -> None:
        """Have the process stopped and left so. Raises as `restart`."""
        ...

    def ears(self) -> Sequence[Ear]:
        """One per daemon that can be listened to, each to be used by one thread. Connects at first use."""
        ...


class OwnActs(Protocol):
    """What Guardian did on this node lately."""

    def recent(self) -> Sequence[OwnAct]: ...


class NeverActed:
    """guardian.ports.OwnActs of a Guardian that only looks."""

    def recent(self) -> Sequence[OwnAct]:
        return ()


class Acknowledged(Protocol):
    """What a person took on this node."""

    def targets(self, *checks: str) -> Collection[str]:
        """The targets with an open incident of one of these checks that somebody acknowledged."""
        ...


class NobodyTook:
    """guardian.ports.Acknowledged where there are no people."""

    def targets(self, *_checks: str) -> Collection[str]:
        return ()


class LogReader(Protocol):
    """Reads the ends of log files."""

    def tail(self, paths: Sequence[str], lines: int) -> Sequence[str]:
        """The last lines of the files, newest last, decoded with replacement, bounded in bytes. A file that
        cannot be read is one line that says so."""
        ...


@dataclass(frozen=True)
class Command:
    """Something to run: an argument list, never a shell's line.

    The environment is PATH, HOME and LANG, what `env_from` names in Guardian's own, and `env`. `goes_on`: it is a
    cure, so what it started is not ended with it, and where its limit is longer than a task may wait it goes on.
    """

    arguments: Sequence[str]
    limit: timedelta
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    env_from: Sequence[str] = ()
    goes_on: bool = False


@dataclass(frozen=True)
class Ran:
    """What became of a command. `code` is None where it did not end by itself, and `trouble` says why. `output`:
    the beginning of its output, or where that is empty of its error output."""

    code: int | None = None
    output: str = ""
    trouble: str | None = None
    seconds: float = 0.0
    started: bool = True
    running: bool = False

    @property
    def line(self) -> str:
        """The first line that says something."""
        return next((line for line in map(str.strip, self.output.splitlines()) if line), "")


class CommandRunner(Protocol):
    """Runs the operator's own commands on this node."""

    def run(self, command: Command) -> Ran:
        """Never raises for what a command does; bounded in time and memory."""
        ...


class NoCommands:
    """For whoever has no commands to run."""

    def run(self, command: Command) -> Ran:
        return Ran(trouble=f"could not be started: {command.arguments[0]}: nothing runs commands here", started=False)


_NO_COMMANDS = NoCommands()


@dataclass(frozen=True)
class Ports:
    """What a probe and a remedy may use of the world."""

    node: str
    supervisors: Sequence[Supervisor]
    acts: OwnActs
    logs: LogReader
    commands: CommandRunner = _NO_COMMANDS
    acknowledged: Acknowledged = field(default_factory=NobodyTook)


class Clock(Protocol):
    """Says what time it is for every decision; tests bring their own."""

    def now(self) -> datetime: ...


@dataclass(frozen=True)
class Notification:
    """A message for a person, ready to be formatted by each channel. `step` is alert, escalation, resolved,
    healed or test."""

    step: str
    incident: str
    title: str
    text: str
    severity: str
    check: str
    target: str
    node: str
    at: datetime
    details: dict[str, object]


class Channel(Protocol):
    """One place where alerts go."""

    @property
    def name(self) -> str: ...

    def send(self, notification: Notification, limit: timedelta) -> None:
        """Deliver within `limit`. Raises DeliveryError."""
        ...
