"""What an area of mistakes is: what is gathered about it, and rules that judge what was gathered.

Gathering is I/O, bounded in time; a rule is a pure function of facts. Nothing here changes anything.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from guardian.config import Config
from guardian.errors import ConfigFault
from guardian.host.disks import Disk, disk_of
from guardian.host.machine import user
from guardian.host.pm2s import Pm2Daemon, pm2_daemons
from guardian.host.supervisords import SupervisordDaemon, supervisord_daemons
from guardian.model import Severity
from guardian.ports import Fleet
from guardian.services import opened
from guardian.store.server import ServerFacts

LEAST_FREE = 500_000_000
"""Bytes. With fewer on a disk, it is nearly full."""


@dataclass(frozen=True)
class Surroundings:
    """The machine as the doctor sees it; tests bring another. `compose`: the folder of docker-compose.yml and .env.
    `patience` bounds waiting for a second sign of life."""

    disk: Callable[[Path], Disk] = disk_of
    pm2_daemons: Callable[[], Sequence[Pm2Daemon]] = pm2_daemons
    supervisord_daemons: Callable[[], Sequence[SupervisordDaemon]] = supervisord_daemons
    compose: Path = field(default_factory=Path.cwd)
    user: Callable[[], int] = user
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    patience: timedelta = timedelta(seconds=12)


@dataclass(frozen=True)
class Installation:
    """One Guardian as it is set up here. `config` has the defaults where the file is refused (`faults`). `holder` is
    the process of the `up` that runs in the state directory; `announced`: it said how to reach it, and has not ended
    in order since. `server` is None where there is no store to ask, `url` where it cannot be used."""

    config: Config
    faults: Sequence[ConfigFault]
    state: Path
    holder: int | None
    announced: bool
    server: ServerFacts | None
    url: str | None
    around: Surroundings

    @cached_property
    def fleets(self) -> Sequence[Fleet]:
        """What the watched supervisors say, asked once: one that hangs costs its time limit once."""
        return [fleet for supervisor in opened(self.config) for fleet in supervisor.look()]


@dataclass(frozen=True)
class Hit:
    """One mistake that a rule found; `mend` is what to type or to change."""

    what: str
    mend: str


@dataclass(frozen=True)
class Rule:
    """`when` and `why` are its documentation; `find` judges the area's facts."""

    id: str
    severity: Severity
    when: str
    why: str
    find: Callable[[Any], Iterable[Hit]]


@dataclass(frozen=True)
class Area:
    """`gather` gives the facts, or None where there is nothing to judge. It may raise whatever it likes."""

    title: str
    gather: Callable[[Installation], Any]
    rules: Sequence[Rule]


@dataclass(frozen=True)
class Finding:
    rule: str
    severity: Severity
    what: str
    why: str
    mend: str


@dataclass(frozen=True)
class Report:
    """`blind`: areas that could not be looked at, and why. `notes` are no mistakes."""

    findings: Sequence[Finding]
    blind: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


def of_a_folder(fault: ConfigFault) -> bool:
    """It is about a plug-in folder, and the area of those says more."""
    return fault.key.startswith("plugins[")


def judge(area: Area, facts: Any) -> Sequence[Finding]:
    """Pure."""
    return [
        Finding(rule.id, rule.severity, hit.what, rule.why, hit.mend) for rule in area.rules for hit in rule.find(facts)
    ]
