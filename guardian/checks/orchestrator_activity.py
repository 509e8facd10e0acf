"""The orchestrator's logs, in which nothing new is written any more.

Probe: which of the named logs was written last, and when. Opens none.
Judge: FAIL when that is longer ago than `max_age`. A log that was never there is unknown, which is brought to a person
when it lasts; so is a time stamp in the future, which says nothing about the past. It has no remedy.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.diagnose.plain import brief
from guardian.errors import SourceAbsent
from guardian.model import Memory, Status, Verdict
from guardian.ports import LastWritten, Ports
from guardian.settings import Model, PositiveDuration, UserPath, duration_text
from guardian.units import rough_text

TARGET = "orchestrator"
_MESSAGE = 200
_AHEAD = timedelta(minutes=1)
"""A file server's clock may be a little ahead."""


class Params(Model):
    files: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/agents/logs/orchestrator*.log"]])
    """The orchestrator's logs, as shell-style patterns of whole paths; the one that was written last counts."""
    max_age: PositiveDuration = timedelta(hours=1)
    """Nothing new for longer than this fails."""


@dataclass(frozen=True)
class _Known:
    """The newest writing that was ever seen."""

    path: str
    at: datetime


def probe(ports: Ports, params: Params, _only: str | None = None) -> LastWritten:
    if not params.files:
        raise SourceAbsent("no log of an orchestrator is named: give it `files`")
    return ports.entries.last_written([str(path) for path in params.files])


def judge(found: LastWritten, params: Params, memory: Memory, now: datetime) -> Judgement:
    known = _recall(memory)
    if found.path is None or found.at is None:
        return Judgement([_not_there(found, known, params, now)], memory)
    if found.at > now + _AHEAD:
        text = f"{found.path} has a time stamp {rough_text(found.at - now)} in the future"
        return Judgement([_verdict(Status.UNKNOWN, text)], memory)
    newest = _Known(found.path, found.at)
    if known is not None and known.at > newest.at:  # that one is gone, and what it said still holds
        newest = known
    kept = {"path": newest.path, "at": newest.at.timestamp()}
    return Judgement([_by_age(newest, params, now, "")], kept)


def _not_there(found: LastWritten, known: _Known | None, params: Params, now: datetime) -> Verdict:
    if found.troubles:
        return _verdict(Status.UNKNOWN, f"could not look: {found.troubles[0]}")
    if known is not None:
        return _by_age(known, params, now, ", and is gone")
    return _verdict(Status.UNKNOWN, f"no such log was ever there: {', '.join(map(str, params.files))}")


def _by_age(known: _Known, params: Params, now: datetime, besides: str) -> Verdict:
    age = max(now - known.at, timedelta(0))
    old = age > params.max_age
    said = f"nothing new for {rough_text(age)} (limit {duration_text(params.max_age)})" if old else "active"
    text = f"{said}: {known.path} was written last, {rough_text(age)} ago{besides}"
    return _verdict(Status.FAIL if old else Status.OK, text)


def _verdict(status: Status, text: str) -> Verdict:
    return Verdict(TARGET, status, brief(text, _MESSAGE))


def _recall(memory: Memory) -> _Known | None:
    """What another version wrote otherwise is forgotten."""
    path, at = memory.get("path"), memory.get("at")
    if not isinstance(path, str) or not isinstance(at, int | float):
        return None
    return _Known(path, datetime.fromtimestamp(at, UTC))


def evidence(found: LastWritten, _target: str) -> TargetEvidence:
    """The end of the log that was written last says what the orchestrator did last."""
    if found.path is None or found.at is None:
        return TargetEvidence()
    return TargetEvidence({"log": found.path, "written_at": found.at.isoformat()}, [found.path])


CHECK = Check(
    "Orchestrator activity",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
)
