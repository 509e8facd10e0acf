"""supervisord, by XML-RPC over its Unix socket; a look never starts a daemon.

Several sockets are several daemons: the first one's processes keep their names, those of another are
`name@SOCKET`, SOCKET as configured. What is known of supervisord, and how it was measured:
docs/supervisors/supervisord.md.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from guardian.errors import SourceError
from guardian.ports import Ear, Fleet, SupervisedProcess
from guardian.settings import Model, PositiveDuration, Secret, UserPath
from guardian.supervisors.base import SupervisorPlugin
from guardian.supervisors.supervisord.daemon import Daemon, reason
from guardian.supervisors.supervisord.exits import Exits
from guardian.supervisors.supervisord.wire import Address, NoSocketError, WireError, address

_NAME = "supervisord"
USUAL = (
    "/var/run/supervisor.sock",
    "/run/supervisor.sock",
    "/var/run/supervisor/supervisor.sock",
    "/tmp/supervisor.sock",  # noqa: S108  where supervisord's own example has it
    "~/supervisor.sock",
)


def _checked(text: str) -> str:
    address(text)
    return text


class Params(Model):
    enabled: bool = True
    """Whether supervisord is looked at on this machine."""
    sockets: tuple[Annotated[str, Field(min_length=1), AfterValidator(_checked)], ...] = Field(
        (),
        strict=False,
        examples=[["/var/run/supervisor.sock"]],
        json_schema_extra={"default_is": "$SUPERVISOR_SERVER_URL, else the first usual place that has a socket"},
    )
    """The daemons: paths of Unix sockets, or http://127.0.0.1:9001. The first one's processes keep their names."""
    timeout: PositiveDuration = timedelta(seconds=5)
    """For one look at one daemon."""
    username: str | None = Field(None, examples=["guardian"])
    """Where the daemons ask for one."""
    password: Secret | None = Field(
        None, examples=["secret"], json_schema_extra={"env": "GUARDIAN_SUPERVISORD_PASSWORD"}
    )
    """Of that user."""
    password_file: UserPath | None = Field(None, examples=["/run/secrets/supervisord"])
    """A file whose first line is the password."""


@dataclass(frozen=True)
class Server:
    """A configured daemon. `suffix` goes behind the names of its processes."""

    source: str
    suffix: str
    daemon: Daemon


@dataclass(frozen=True)
class Supervisord:
    """See guardian.ports.Supervisor. One daemon after the other: a look takes at most `timeout` for each."""

    servers: Sequence[Server]
    name: str = _NAME

    def look(self) -> Sequence[Fleet]:
        return [_fleet(server) for server in self.servers]

    def find(self, target: str) -> SupervisedProcess | None:
        fleet = _fleet(self._server_of(target))
        if fleet.error is not None:
            raise SourceError(fleet.source, fleet.error)
        return next((process for process in fleet.processes if process.target == target), None)

    def restart(self, target: str) -> None:
        server = self._server_of(target)
        server.daemon.restart(target.removesuffix(server.suffix))

    def stop(self, target: str) -> None:
        server = self._server_of(target)
        server.daemon.stop(target.removesuffix(server.suffix))

    def ears(self) -> Sequence[Ear]:
        return [Exits(server.daemon.running) for server in self.servers]

    def _server_of(self, target: str) -> Server:
        """The name says it: the longest suffix that fits; the first server's is empty and always fits."""
        fits = (server for server in self.servers if target.endswith(server.suffix))
        return max(fits, key=lambda server: len(server.suffix))


def _fleet(server: Server) -> Fleet:
    """No `daemon`: a new one runs what its configuration has, so what is gone was taken out of that."""
    try:
        seen = server.daemon.look()
    except NoSocketError as error:
        return Fleet(server.source, error=str(error), absent=True)
    except WireError as error:
        return Fleet(server.source, error=reason(error))
    return Fleet(
        server.source, [replace(found.process, target=target + server.suffix) for target, found in seen.items()]
    )


def open_supervisord(params: Params) -> Supervisord:
    login = None
    if params.username is not None:
        login = f"{params.username}:{params.password.get_secret_value() if params.password else ''}"
    servers = []
    for number, (text, places) in enumerate(_configured(params).items()):
        suffix = f"@{text}" if number else ""
        servers.append(Server(_NAME + suffix, suffix, Daemon(places, params.timeout, login)))
    return Supervisord(tuple(servers))


def _configured(params: Params) -> dict[str, Sequence[Address]]:
    """By what it is called in the configuration; the usual places are one daemon's."""
    if params.sockets:
        return {text: [address(text)] for text in params.sockets}
    from_environment = os.environ.get("SUPERVISOR_SERVER_URL", "")
    try:
        return {"": [address(from_environment)]}
    except ValueError:
        return {"": [address(text) for text in USUAL]}


SUPERVISOR = SupervisorPlugin(params=Params, open=open_supervisord)
