"""Ports and web addresses, looked at many at a time."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """How a connection ended. SILENT: accepted, and then nothing. WRONG: something else answers. UNSEEN: the reason is
    on this side (no name server, no free descriptor, no time left), so nothing is known of the other."""

    ANSWERED = "answered"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    NO_SUCH_NAME = "no such name"
    RESET = "reset"
    SILENT = "silent"
    WRONG = "wrong answer"
    TLS = "TLS"
    UNSEEN = "could not look"


@dataclass(frozen=True)
class Door:
    """A TCP port. `send` goes out first, and `expect` has to be in what comes back; both may be empty."""

    host: str
    port: int
    limit: timedelta
    tls: bool = False
    verify: bool = True
    ca_file: str | None = None
    send: bytes = b""
    expect: bytes = b""


@dataclass(frozen=True)
class Knocked:
    """`said` explains the outcome. `local`: the address is this machine's own."""

    outcome: Outcome
    said: str
    seconds: float
    local: bool = False


@dataclass(frozen=True)
class Holder:
    """Who listens on a port. All but port and address are None where the process is another user's."""

    port: int
    address: str
    pid: int | None = None
    name: str | None = None
    command: str | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Request:
    """One HTTP exchange. `limit` holds for the whole of it, redirects and body included.

    `secret_headers` names the environment variable that holds the value of each. Redirects are followed on the same
    host only. `examine` is pure, gets the whole body, and says what is wrong with it; so no body has to be kept.
    """

    url: str
    limit: timedelta
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    redirects: int = 0
    most_bytes: int = 1_000_000
    verify: bool = True
    ca_file: str | None = None
    examine: Callable[[bytes], str | None] | None = None


@dataclass(frozen=True)
class Answer:
    """`status` None: there was no whole answer, and `said` tells why. `wrong`: what is wrong with the body. `expires`:
    the end of the certificate. `location`: where a redirect that was not followed leads to, without its query."""

    outcome: Outcome
    said: str
    seconds: float
    status: int | None = None
    wrong: str | None = None
    expires: datetime | None = None
    location: str | None = None
    local: bool = False


class Network(Protocol):
    """Looks from this node. Never raises for what the other side does; bounded in time and memory."""

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        """One result per door, in order. All at once, and all within 25 s."""
        ...

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Likewise."""
        ...

    def holders(self, ports: Collection[int]) -> Sequence[Holder]:
        """Who listens on these ports of this node. Raises SourceError where it may not be seen."""
        ...


class NoNetwork:
    """guardian.ports.Network of whoever has none."""

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        return [Knocked(Outcome.UNSEEN, "nothing looks at the network here", 0.0) for _ in doors]

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        return [Answer(Outcome.UNSEEN, "nothing looks at the network here", 0.0) for _ in requests]

    def holders(self, ports: Collection[int]) -> Sequence[Holder]:  # noqa: ARG002
        return ()
