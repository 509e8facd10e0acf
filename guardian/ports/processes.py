"""Process supervisors and what they run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


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
