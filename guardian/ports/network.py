"""Ports and web addresses, looked at many at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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


class Network(Protocol):
    """Looks from this node. Never raises for what the other side does; bounded in time and memory."""

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        """One result per door, in order. All at once, and all within 25 s."""
        ...

    def holders(self, ports: Collection[int]) -> Sequence[Holder]:
        """Who listens on these ports of this node. Raises SourceError where it may not be seen."""
        ...


class NoNetwork:
    """guardian.ports.Network of whoever has none."""

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        return [Knocked(Outcome.UNSEEN, "nothing looks at the network here", 0.0) for _ in doors]

    def holders(self, ports: Collection[int]) -> Sequence[Holder]:  # noqa: ARG002
        return ()
