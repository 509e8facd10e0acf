"""TCP ports that must answer, and who holds them.

Probe: connects to all at once; where one of this machine fails, or has an expected holder, one look at who listens.
Judge: by how the connection ended. It never heals: which of two programs is to have the port, a person decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import Field, model_validator

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared import listening
from guardian.checks.shared.listening import EntryName
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import Door, Knocked, Outcome, Ports
from guardian.settings import Model, PositiveDuration, UserPath, at_most, one_of, text_of

_LONGEST = timedelta(seconds=10)
_Host = Annotated[str, text_of(r"[^\s/\0]{1,253}", "a host name or an IP address")]
_Text = Annotated[str, Field(min_length=1, max_length=1000)]


class Port(Model):
    """A port that must answer."""

    port: int = Field(ge=1, le=65_535, examples=[8080], json_schema_extra={"default_is": "none: it is required"})
    """Its number."""
    host: _Host = "127.0.0.1"
    """Where it is."""
    timeout: Annotated[PositiveDuration, at_most(_LONGEST)] = timedelta(seconds=3)
    """For the whole of it: name, connection, TLS and answer. At most 10s."""
    http: Annotated[str, text_of(r"/[!-~]*", "a path that begins with `/`")] | None = Field(None, examples=["/"])
    """A path that is asked for: any HTTP answer will do. More is what `dashboard_http` is for."""
    send: _Text | None = Field(None, examples=["PING\r\n"])
    """Text that is sent, for servers that speak only when spoken to."""
    expect: _Text | None = Field(None, examples=["+PONG"])
    """Text that must come back. Without it or `http`, a port that accepts connections is well."""
    tls: bool = False
    """Agree on TLS first."""
    verify: bool = True
    """Whether the certificate must be valid for `host`."""
    ca_file: UserPath | None = Field(None, examples=["/etc/ssl/own-ca.pem"])
    """Certificates to trust in place of the system's."""
    process: _Text | None = Field(None, examples=["node*"])
    """Who must hold it on this machine: a shell-style pattern of the program's name or command line."""
    logs: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/api/error.log"]])
    """Logs of the program that should listen: their ends become evidence, and say why it could not."""
    severity: Annotated[Severity, one_of(Severity)] = Severity.HIGH
    """How much a person should care: `info`, `warning`, `high` or `critical`."""

    @model_validator(mode="after")
    def _one_way_of_asking(self) -> Self:
        if self.http is not None and (self.send is not None or self.expect is not None):
            raise ValueError("`http` stands for `send` and `expect`: keep one")
        return self


class Params(Model):
    ports: Mapping[EntryName, Port] = Field(
        default_factory=dict, examples=[{"redis": {"port": 6379, "send": "PING\r\n", "expect": "+PONG"}}]
    )
    """The ports, each a table of its own with a name of your choice: `[checks.gateway.ports.NAME]`."""


@dataclass(frozen=True)
class Sample:
    """`holders` are of all ports that were asked about. `logs` by name."""

    knocked: Mapping[str, Knocked]
    holders: listening.Seen
    logs: Mapping[str, Sequence[str]]


def probe(ports: Ports, params: Params, only: str | None = None) -> Sample:
    wanted = {name: port for name, port in params.ports.items() if only in (None, name)}
    knocked = dict(zip(wanted, ports.network.knock([_door(port) for port in wanted.values()]), strict=True))
    asked = {wanted[name].port for name, each in knocked.items() if _is_of_interest(wanted[name], each)}
    logs = {name: [str(path) for path in port.logs] for name, port in wanted.items()}
    return Sample(knocked, listening.holders(ports, asked), logs)


def _is_of_interest(port: Port, knocked: Knocked) -> bool:
    return knocked.local and (port.process is not None or knocked.outcome is not Outcome.ANSWERED)


def _door(port: Port) -> Door:
    send, expect = (port.send or "").encode(), (port.expect or "").encode()
    if port.http is not None:
        send = f"GET {port.http} HTTP/1.1\r\nHost: {port.host}:{port.port}\r\nConnection: close\r\n\r\n".encode()
        expect = b"HTTP/1."
    ca_file = str(port.ca_file) if port.ca_file else None
    return Door(port.host, port.port, port.timeout, port.tls, port.verify, ca_file, send, expect)


def judge(sample: Sample, params: Params, memory: Memory, _now: datetime) -> Judgement:
    verdicts = [
        _verdict(name, params.ports[name], knocked, listening.of(sample.holders, params.ports[name].port))
        for name, knocked in sample.knocked.items()
    ]
    return Judgement(verdicts, memory, None if verdicts else "no port is configured: [checks.gateway.ports.NAME]")


def _verdict(name: str, port: Port, knocked: Knocked, holders: listening.Seen) -> Verdict:
    facts: dict[str, JSON] = {
        "host": port.host, "port": port.port, "outcome": str(knocked.outcome), "seconds": knocked.seconds,
        **listening.facts(holders),
    }  # fmt: skip
    status, message = _judged(port, knocked, holders)
    return Verdict(name, status, f"{port.host}:{port.port} {message}", port.severity, facts=facts)


def _judged(port: Port, knocked: Knocked, holders: listening.Seen) -> tuple[Status, str]:
    if knocked.outcome is Outcome.UNSEEN:
        return Status.UNKNOWN, knocked.said
    if stranger := _stranger(port, knocked, holders):
        return Status.FAIL, f"{stranger}; it {knocked.said or 'answers'}"
    if knocked.outcome is Outcome.ANSWERED:
        if port.process and knocked.local and holders is None:
            return Status.UNKNOWN, "answers, but who holds it cannot be seen"
        return Status.OK, f"answers in {knocked.seconds * 1000:.0f} ms"
    return Status.FAIL, f"{knocked.said}{_who(port, knocked, holders)}"


def _stranger(port: Port, knocked: Knocked, holders: listening.Seen) -> str | None:
    """Who holds the port in place of the one that should."""
    if port.process is None or not knocked.local or not holders:
        return None
    if any(_is_expected(port.process, each.name, each.command) for each in holders):
        return None
    return f"is held by {listening.described(holders[0])}, not by {port.process}"


def _is_expected(pattern: str, *texts: str | None) -> bool:
    return any(fnmatchcase(text, pattern) for text in texts if text is not None)


def _who(port: Port, knocked: Knocked, holders: listening.Seen) -> str:
    if not knocked.local:
        return ""
    if knocked.outcome is Outcome.REFUSED:
        return f": {listening.nobody(holders, port.port)}"
    return f"; held by {listening.described(holders[0])}" if holders else ""


def evidence(sample: Sample, target: str) -> TargetEvidence:
    return TargetEvidence(logs=sample.logs.get(target, ()))


CHECK = Check("Gateway", every=timedelta(seconds=10), params=Params, probe=probe, judge=judge, evidence=evidence)
