"""PM2, over its daemon's own socket; a look never starts a daemon.

Several homes are several daemons: the first home's processes keep their names, those of another are
`name@HOME`, HOME as configured. What is known of PM2, and how it was measured: docs/supervisors/pm2.md.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from guardian.errors import SourceError
from guardian.ports import Ear, Fleet, SupervisedProcess
from guardian.settings import Model, PositiveDuration
from guardian.supervisors.base import SupervisorPlugin
from guardian.supervisors.pm2.bus import Bus
from guardian.supervisors.pm2.command import command_connector, socket_connector
from guardian.supervisors.pm2.daemon import Daemon
from guardian.supervisors.pm2.wire import NoSocketError, WireError

_NAME = "pm2"


class Params(Model):
    enabled: bool = True
    """Whether PM2 is looked at on this machine."""
    homes: tuple[Annotated[str, Field(min_length=1)], ...] = Field(("~/.pm2",), min_length=1, strict=False)
    """Folders of PM2 daemons. When the key is absent, $PM2_HOME goes before the default."""
    timeout: PositiveDuration = timedelta(seconds=5)
    """For one look at one daemon."""
    use_cli: bool = False
    """Call the `pm2` command (on PATH) in place of the socket: slow, for a PM2 of another protocol."""


@dataclass(frozen=True)
class Home:
    """A configured home. `suffix` goes behind the names of its processes."""

    source: str
    suffix: str
    daemon: Daemon


@dataclass(frozen=True)
class Pm2:
    """See guardian.ports.Supervisor. One home after the other: a look takes at most `timeout` for each."""

    homes: Sequence[Home]
    name: str = _NAME

    def look(self) -> Sequence[Fleet]:
        return [_fleet(home) for home in self.homes]

    def find(self, target: str) -> SupervisedProcess | None:
        fleet = _fleet(self._home_of(target))
        if fleet.error is not None:
            raise SourceError(fleet.source, fleet.error)
        return next((process for process in fleet.processes if process.target == target), None)

    def restart(self, target: str) -> None:
        home = self._home_of(target)
        home.daemon.restart(target.removesuffix(home.suffix))

    def stop(self, target: str) -> None:
        home = self._home_of(target)
        home.daemon.stop(target.removesuffix(home.suffix))

    def ears(self) -> Sequence[Ear]:
        return [Bus(home.daemon.home) for home in self.homes]

    def _home_of(self, target: str) -> Home:
        """The name says it: the longest suffix that fits; the first home's is empty and always fits."""
        return max((home for home in self.homes if target.endswith(home.suffix)), key=lambda home: len(home.suffix))


def _fleet(home: Home) -> Fleet:
    try:
        seen = home.daemon.look()
    except NoSocketError as error:
        return Fleet(home.source, error=str(error), absent=True)
    except WireError as error:
        return Fleet(home.source, error=str(error))
    processes = [replace(process, target=process.target + home.suffix) for process in seen.processes()]
    return Fleet(home.source, processes, daemon=seen.daemon)


def open_pm2(params: Params) -> Pm2:
    given = params.homes
    if "homes" not in params.model_fields_set and (from_environment := os.environ.get("PM2_HOME")):
        given = (from_environment,)
    connect = command_connector() if params.use_cli else socket_connector
    homes = []
    for number, text in enumerate(dict.fromkeys(given)):
        suffix = f"@{text}" if number else ""
        homes.append(Home(_NAME + suffix, suffix, Daemon(Path(text).expanduser(), params.timeout, connect)))
    return Pm2(tuple(homes))


SUPERVISOR = SupervisorPlugin(params=Params, open=open_pm2)
