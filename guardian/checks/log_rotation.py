"""Log files that grow too large.

Probe: the size of each log that the configuration names; of one that is too large, how it can be rotated.
Judge: FAIL for one over `max_size`, for a rotation that was begun and not ended, and for archives that are to be
compressed still. No line is to be lost, so one that allows no way is a person's matter.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.diagnose.plain import brief
from guardian.errors import SourceAbsent
from guardian.model import Memory, Severity, Status, Verdict
from guardian.ports import Command, LogFile, Ports, ProcessState, Reopen, RotationOrder
from guardian.settings import ByteSize, Model, PositiveDuration, UserPath, at_most
from guardian.units import size_text

_MESSAGE = 200
_OTHER = "pm2-logrotate"
_Argument = Annotated[str, Field(min_length=1)]


class Log(Model):
    files: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/agents/logs/*.log"]])
    """The logs, as shell-style patterns of whole paths."""
    max_size: Annotated[ByteSize, Field(ge=65_536)] = 15_000_000
    """A log larger than this is rotated."""
    keep: int = Field(3, ge=1, le=100_000)
    """So many archives are kept, the newest."""
    keep_size: ByteSize = 1_000_000_000
    """Of at most so many bytes in all; the newest archive is kept in any case."""
    compress: bool = False
    """Compress the archives (gzip)."""
    reopen_signal: Literal["HUP", "USR1", "USR2"] | None = Field(None, examples=["USR1"])
    """The writer opens its log anew at this signal: the log is renamed, then the writer told."""
    reopen_pid_file: UserPath | None = Field(None, examples=["/run/api.pid"])
    """The file that holds the writer's process id, for the signal."""
    reopen_command: tuple[_Argument, ...] = Field((), strict=False, examples=[["/usr/sbin/nginx", "-s", "reopen"]])
    """Or a command that has the writer open its log anew; no shell reads it."""
    reopen_within: Annotated[PositiveDuration, at_most(timedelta(seconds=20))] = timedelta(seconds=10)
    """How long the writer is waited for; after that it is told again at the next look. At most 20s."""
    may_lose_lines: bool = False
    """Where nothing else is possible, copy the log and empty it: lines written between the two are lost."""

    @model_validator(mode="after")
    def _one_way_to_tell(self) -> Self:
        if (self.reopen_signal is None) != (self.reopen_pid_file is None):
            raise ValueError("`reopen_signal` and `reopen_pid_file` go together")
        if self.reopen_signal is not None and self.reopen_command:
            raise ValueError("`reopen_signal` and `reopen_command` are both given: keep one")
        return self


class Params(Log):
    logs: Mapping[Annotated[str, Field(min_length=1, max_length=64)], Log] = Field(
        default_factory=dict, examples=[{"web": {"files": ["/var/log/web/*.log"], "keep": 10}}]
    )
    """More logs with limits of their own, each a table with a name of your choice. A log that two of them name belongs
    to the first."""


@dataclass(frozen=True)
class Found:
    log: LogFile
    rules: Log


@dataclass(frozen=True)
class Sample:
    """`elsewhere`: logs that pm2-logrotate rotates already."""

    found: Sequence[Found]
    elsewhere: Collection[str]


def probe(ports: Ports, params: Params, only: str | None = None) -> Sample:
    sets = list(named(params))
    if not sets:
        raise SourceAbsent("no log is named: give it `files`")
    found: dict[str, Found] = {}
    for rules in sets:
        for log in ports.rotation.look([str(path) for path in rules.files], order_of(rules), rules.max_size):
            if only in (None, log.path):
                found.setdefault(log.path, Found(log, rules))
    return Sample(list(found.values()), _elsewhere(ports))


def judge(sample: Sample, _params: Params, memory: Memory, _now: datetime) -> Judgement:
    verdicts = [_verdict(found, sample.elsewhere) for found in sample.found]
    return Judgement(verdicts, memory, nothing=None if verdicts else "no log is there yet")


def _verdict(found: Found, elsewhere: Collection[str]) -> Verdict:
    log, rules = found.log, found.rules
    size = f"{size_text(log.size_bytes)} (limit {size_text(rules.max_size)})"
    if log.error is not None:
        return Verdict(log.path, Status.UNKNOWN, brief(f"could not look: {log.error}", _MESSAGE))
    if log.path in elsewhere:
        return Verdict(log.path, Status.SKIPPED, f"{_OTHER} rotates it")
    if log.unfinished:
        return _fail(log, f"a rotation was begun and not ended; {size}")
    if log.size_bytes > rules.max_size:
        return _fail(log, size) if log.way else _fail(log, f"{size}: {log.why}", ruled_out=log.why)
    if log.bare:
        return _fail(log, f"{log.bare} archives are to be compressed")
    return Verdict(log.path, Status.OK, size)


def _fail(log: LogFile, text: str, ruled_out: str | None = None) -> Verdict:
    facts = {"size_bytes": log.size_bytes, "way": log.way, "why": log.why}
    return Verdict(
        log.path, Status.FAIL, brief(text, _MESSAGE), Severity.WARNING, ruled_out=ruled_out, facts=facts
    )  # fmt: skip


def evidence(_sample: Sample, _target: str) -> TargetEvidence:
    """The log itself is what grows; its end says who writes so much."""
    return TargetEvidence(logs=[_target])


def named(params: Params) -> Iterator[Log]:
    """The sets of logs, in the order in which they claim them."""
    yield from (rules for rules in (params, *params.logs.values()) if rules.files)


def _elsewhere(ports: Ports) -> Collection[str]:
    """Logs of a supervisor that has a rotating module of its own."""
    fleets = [fleet for supervisor in ports.supervisors for fleet in supervisor.look()]
    return {
        log
        for fleet in fleets
        if any(each.target == _OTHER and each.state is ProcessState.ONLINE for each in fleet.processes)
        for process in fleet.processes
        for log in process.logs
    }


def order(params: Params, target: str) -> RotationOrder | None:
    """What its remedy is to do with a log; None for one that is named no more."""
    for rules in named(params):
        if any(fnmatchcase(target, str(path)) for path in rules.files):
            return order_of(rules)
    return None


def order_of(rules: Log) -> RotationOrder:
    """The same for whoever rotates."""
    reopen = None
    if rules.reopen_signal is not None:
        reopen = Reopen(rules.reopen_signal, str(rules.reopen_pid_file), within=rules.reopen_within)
    elif rules.reopen_command:
        reopen = Reopen(command=Command(rules.reopen_command, rules.reopen_within), within=rules.reopen_within)
    return RotationOrder(rules.keep, rules.keep_size, rules.compress, reopen, rules.may_lose_lines)


CHECK = Check(
    "Log rotation",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="rotate_log",
    order=order,
)
