"""Web addresses that must answer: status, body, time, certificate.

Probe: asks all at once; where one of this machine fails to connect, one look at who listens.
Judge: by how far it came, then by status, body, response time and the certificate's end.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared import listening
from guardian.checks.shared.listening import EntryName
from guardian.diagnose.plain import brief
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import Answer, Command, Outcome, Ports, Request
from guardian.settings import (
    ByteSize,
    Duration,
    Model,
    PositiveDuration,
    UserPath,
    at_most,
    duration_text,
    one_of,
    text_of,
)

_LONGEST, _LONGEST_RESTART, _IN_TASK = timedelta(seconds=20), timedelta(hours=1), timedelta(seconds=30)
_MOST_BODY = 10_000_000
_SAID = 60
_NO_RESTART = "it has neither a restart command nor a process"
_NOT_BY_RESTART = frozenset({Outcome.NO_SUCH_NAME, Outcome.UNREACHABLE})

_Status = Annotated[
    str, text_of(r"[1-5](?:[0-9]{2}(?:-[1-5][0-9]{2})?|xx)", "a status like `200`, a range like `200-299`, or `2xx`")
]
_Method = Annotated[str, text_of(r"[A-Z]{1,20}", "a method in capitals, like `GET`")]
_Header = Annotated[str, text_of(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", "a header's name")]
_Value = Annotated[str, text_of(r"[^\r\n\0]{0,4000}", "one line")]
_Variable = Annotated[str, text_of(r"[A-Za-z_][A-Za-z0-9_]*", "a variable's name: letters, digits and `_`")]
_Argument = Annotated[str, text_of(r"[^\0]*", "text without NUL")]
_Arguments = Annotated[tuple[_Argument, ...], Field(min_length=1, strict=False)]
_Text = Annotated[str, Field(min_length=1, max_length=1000)]


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise ValueError("must be an address like `http://127.0.0.1:8080/health`")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must have no login in it: give it as a header, by `secret_headers`")
    return url


class Endpoint(Model):
    """A web address that must answer."""

    url: Annotated[str, AfterValidator(_web_address)] = Field(
        examples=["http://127.0.0.1:8080/health"], json_schema_extra={"default_is": "none: it is required"}
    )
    """Its address, http or https. Secrets go into `secret_headers`."""
    method: _Method = "GET"
    """How it is asked."""
    headers: Mapping[_Header, _Value] = Field(default_factory=dict, examples=[{"Accept": "application/json"}])
    """Headers that are sent. No place for secrets."""
    secret_headers: Mapping[_Header, _Variable] = Field(
        default_factory=dict, examples=[{"Authorization": "DASHBOARD_AUTHORIZATION"}]
    )
    """Headers whose values stand in these environment variables of Guardian's."""
    send: str | None = Field(None, examples=['{"ping": 1}'])
    """The body that is sent."""
    status: Annotated[tuple[_Status, ...], Field(min_length=1, strict=False)] = ("2xx",)
    """What it may answer: `200`, `200-299` or `2xx`."""
    contains: _Text | None = Field(None, examples=["Dashboard"])
    """Text that must be in the body."""
    json_values: Mapping[_Text, bool | int | float | str] = Field(default_factory=dict, examples=[{"db.status": "ok"}])
    """The body is JSON, and under these paths (keys and list indexes with dots) are these values."""
    timeout: Annotated[PositiveDuration, at_most(_LONGEST)] = timedelta(seconds=5)
    """For the whole of it: name, connection, TLS, redirects, headers and body. At most 20s."""
    max_time: PositiveDuration | None = Field(None, examples=["800ms"])
    """A whole answer that took longer fails as too slow."""
    max_body: Annotated[ByteSize, Field(gt=0, le=_MOST_BODY)] = 1_000_000
    """A longer body fails. At most 10MB."""
    redirects: int = Field(0, ge=0, le=20)
    """How many are followed, on the same host and port alone."""
    verify: bool = True
    """Whether the certificate must be valid."""
    ca_file: UserPath | None = Field(None, examples=["/etc/ssl/own-ca.pem"])
    """Certificates to trust in place of the system's."""
    certificate_left: Duration = timedelta(days=14)
    """A certificate that ends sooner is a warning."""
    severity: Annotated[Severity, one_of(Severity)] = Severity.HIGH
    """How much a person should care: `info`, `warning`, `high` or `critical`."""
    restart: _Arguments | None = Field(None, examples=[["systemctl", "--user", "restart", "dashboard"]])
    """The command that cures it: the program and its arguments; no shell reads them. 0 means done."""
    restart_timeout: Annotated[PositiveDuration, at_most(_LONGEST_RESTART)] = _IN_TASK
    """It is ended after this, with all that it started. Where it is over 30s, the verifying look waits as long."""
    cwd: UserPath | None = Field(None, examples=["/srv/dashboard"])
    """The folder in which it runs."""
    env: Mapping[_Variable, _Argument] = Field(default_factory=dict, examples=[{"NODE_ENV": "production"}])
    """Variables beside PATH, HOME and LANG, which are all that it gets. No place for secrets."""
    env_from: tuple[_Variable, ...] = Field((), strict=False)
    """Names of variables that it gets from Guardian's own environment: the way for secrets."""
    process: _Text | None = Field(None, examples=["dashboard"])
    """Or the name of a supervisor's process, which is restarted, also while it runs."""
    logs: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/dashboard/error.log"]])
    """Logs of the program: their ends become evidence."""

    @model_validator(mode="after")
    def _one_cure(self) -> Self:
        if self.restart is not None and self.process is not None:
            raise ValueError("`restart` and `process` are both given: keep one")
        return self


class Params(Model):
    endpoints: Mapping[EntryName, Endpoint] = Field(
        default_factory=dict, examples=[{"dashboard": {"url": "http://127.0.0.1:8080/health"}}]
    )
    """The addresses, each a table of its own with a name of your choice: `[checks.dashboard_http.endpoints.NAME]`."""
    grace: Duration = timedelta(seconds=15)
    """How long a restarted program may take to start, before the look that verifies it."""


@dataclass(frozen=True)
class Sample:
    """`holders` are of all ports that were asked about. `logs` by name."""

    answers: Mapping[str, Answer]
    holders: listening.Seen
    logs: Mapping[str, Sequence[str]]


def probe(ports: Ports, params: Params, only: str | None = None) -> Sample:
    wanted = {name: each for name, each in params.endpoints.items() if only in (None, name)}
    answers = dict(zip(wanted, ports.network.ask([_request(each) for each in wanted.values()]), strict=True))
    asked = {_port(wanted[name]) for name, answer in answers.items() if answer.local and answer.status is None}
    logs = {name: [str(path) for path in each.logs] for name, each in wanted.items()}
    return Sample(answers, listening.holders(ports, asked), logs)


def _port(endpoint: Endpoint) -> int:
    parts = urlsplit(endpoint.url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _request(endpoint: Endpoint) -> Request:
    wants = endpoint.contains is not None or endpoint.json_values
    return Request(
        url=endpoint.url,
        limit=endpoint.timeout,
        method=endpoint.method,
        headers=endpoint.headers,
        secret_headers=endpoint.secret_headers,
        body=endpoint.send.encode() if endpoint.send is not None else None,
        redirects=endpoint.redirects,
        most_bytes=endpoint.max_body,
        verify=endpoint.verify,
        ca_file=str(endpoint.ca_file) if endpoint.ca_file else None,
        examine=partial(examine, endpoint.contains, endpoint.json_values) if wants else None,
    )


def examine(contains: str | None, values: Mapping[str, JSON], body: bytes) -> str | None:
    """What is wrong with a body. Never raises."""
    if contains is not None and contains.encode() not in body:
        return f"its body lacks `{contains}`"
    if not values:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "its body is no JSON"
    return next((trouble for path, value in values.items() if (trouble := _differs(found, path, value))), None)


def _differs(document: Any, path: str, wanted: JSON) -> str | None:
    for part in path.split("."):
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return f"its JSON has no `{path}`"
    same = document == wanted and isinstance(document, bool) == isinstance(wanted, bool)
    return None if same else f"its JSON has {brief(_text(document), _SAID)} under `{path}`, not {_text(wanted)}"


def _text(value: object) -> str:
    whole = not isinstance(value, float) or math.isfinite(value)
    return json.dumps(value) if whole else str(value)


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    verdicts = [
        _verdict(name, params.endpoints[name], answer, sample.holders, now) for name, answer in sample.answers.items()
    ]
    nothing = None if verdicts else "no endpoint is configured: [checks.dashboard_http.endpoints.NAME]"
    return Judgement(verdicts, memory, nothing)


def _verdict(name: str, endpoint: Endpoint, answer: Answer, holders: listening.Seen, now: datetime) -> Verdict:
    own = listening.of(holders, _port(endpoint)) if answer.local and answer.status is None else ()
    facts: dict[str, JSON] = {
        "outcome": str(answer.outcome), "status": answer.status, "seconds": answer.seconds, "port": _port(endpoint),
        "certificate_ends": answer.expires.isoformat() if answer.expires else None, **listening.facts(own),
    }  # fmt: skip
    if answer.outcome is Outcome.UNSEEN:
        return Verdict(name, Status.UNKNOWN, answer.said, endpoint.severity, facts=facts)
    if trouble := _trouble(endpoint, answer, own):
        ruled_out = _ruled_out(endpoint, answer)
        return Verdict(name, Status.FAIL, trouble, endpoint.severity, ruled_out, facts=facts)
    if warning := _certificate(endpoint, answer, now):
        renew = "a restart renews no certificate"
        return Verdict(name, Status.FAIL, warning, Severity.WARNING, renew, facts=facts)
    return Verdict(name, Status.OK, f"{answer.status} in {_milliseconds(answer)}", facts=facts)


def _trouble(endpoint: Endpoint, answer: Answer, holders: listening.Seen) -> str | None:
    if answer.outcome is not Outcome.ANSWERED:
        who = f": {listening.nobody(holders, _port(endpoint))}" if answer.outcome is Outcome.REFUSED else ""
        return f"{answer.said}{who if answer.local else ''}"
    if not any(_fits(answer.status, each) for each in endpoint.status):
        to = f", a redirect to {answer.location}, which is not followed" if answer.location else ""
        return f"answered {answer.status}{to} (expected {', '.join(endpoint.status)})"
    if answer.wrong is not None:
        return f"{answer.wrong} (status {answer.status})"
    if endpoint.max_time is not None and answer.seconds > endpoint.max_time.total_seconds():
        return f"slow: {_milliseconds(answer)} (limit {duration_text(endpoint.max_time)})"
    return None


def _fits(status: int | None, wanted: str) -> bool:
    first, _, last = wanted.replace("xx", "00").partition("-")
    end = int(last) if last else int(first) + (99 if wanted.endswith("xx") else 0)
    return status is not None and int(first) <= status <= end


def _ruled_out(endpoint: Endpoint, answer: Answer) -> str | None:
    if endpoint.restart is None and endpoint.process is None:
        return _NO_RESTART
    if answer.outcome in _NOT_BY_RESTART or (answer.outcome is Outcome.TLS and "certificate" in answer.said):
        return f"a restart does not mend that ({answer.outcome})"
    return None


def _certificate(endpoint: Endpoint, answer: Answer, now: datetime) -> str | None:
    if answer.expires is None or answer.expires - now >= endpoint.certificate_left:
        return None
    return f"its certificate ends on {answer.expires:%Y-%m-%d}, in {max((answer.expires - now).days, 0)} days"


def _milliseconds(answer: Answer) -> str:
    return f"{answer.seconds * 1000:.0f} ms"


def evidence(sample: Sample, target: str) -> TargetEvidence:
    return TargetEvidence(logs=sample.logs.get(target, ()))


def order(params: Params, target: str) -> Command | str | None:
    """What its remedy is to do; an endpoint that the configuration has no longer is left alone."""
    endpoint = params.endpoints.get(target)
    if endpoint is None or endpoint.restart is None:
        return endpoint.process if endpoint else None
    cwd = str(endpoint.cwd) if endpoint.cwd else None
    return Command(
        endpoint.restart, endpoint.restart_timeout, cwd, endpoint.env, endpoint.env_from, goes_on=True
    )  # fmt: skip


def settle(params: Params) -> timedelta:
    long = [each.restart_timeout for each in params.endpoints.values() if each.restart]
    return max([params.grace, *(length for length in long if length > _IN_TASK)])


CHECK = Check(
    "Dashboard HTTP",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="restart_endpoint",
    settle=settle,
    order=order,
)
