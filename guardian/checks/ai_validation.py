"""How often what the agents make passes validation: one agent, one validator, or all of them dropped.

Probe: the new lines of the validation logs.
Judge: a sequential test of each agent, each validator and all, each against its own baseline (`decide/blame.py`). FAIL
names who dropped; too few results are unknown, and no incident.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared.entries import Name, picked
from guardian.decide.blame import ALL, Crew, Result, names, take
from guardian.decide.pass_rate import Stream, Terms
from guardian.diagnose.plain import brief
from guardian.errors import SourceAbsent
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import Entries, LogEntry, Ports
from guardian.settings import Model, PositiveDuration, Share, UserPath, at_least, at_most, size_text
from guardian.units import moment

_READ_MOST = 2_000_000
_LONGEST, _SHOWN = 100, 10
_KEPT_FAILURES = 100
_DAY = timedelta(days=1)

_Value = bool | int | str


class Params(Model):
    files: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/agents/validation*.jsonl"]])
    """Logs with one JSON object a line for each validation; as shell-style patterns of whole paths."""
    passed: Name = "passed"
    """The field that says whether it passed; `a.b` is the field `b` of the object `a`, here and below."""
    passes: tuple[_Value, ...] = Field((True, "pass", "passed", "ok"), strict=False)
    """The values that mean passed, in small letters ..."""
    fails: tuple[_Value, ...] = Field((False, "fail", "failed"), strict=False)
    """... and failed. A line with another value is no result; that is said."""
    agent: Name = "agent"
    """The field with whose work it was; lines without it count for all."""
    validator: Name = "validator"
    """The field with who validated; lines without it count for all."""
    id: Name = "id"
    """The field with what the sample is called in a review."""
    score: Name = "score"
    """The field with a number, less is worse, where there is one: it says which samples were the worst."""
    time: Name = "time"
    """The field with when it was: ISO 8601, or seconds or milliseconds since 1970."""
    mean_run: int = Field(1_000_000, ge=1000, le=10**12)
    """Results between two false alarms, on average at least, of an agent, of a validator, and of all."""
    tolerance: Share = 0.05
    """A pass rate that is lower by this much is no drop."""
    least: int = Field(50, ge=20, le=100_000)
    """Results before anything is said of somebody."""
    remember: Annotated[PositiveDuration, at_least(_DAY), at_most(60 * _DAY)] = 14 * _DAY
    """How long a result stays in the baseline, where there are enough newer ones. A drop that lasts as long is the norm
    from then on."""


@dataclass(frozen=True)
class _Read:
    """What the new lines hold: results, failures as (name, agent, validator, score), and how many are neither."""

    results: Sequence[Result]
    failures: Sequence[Sequence[Any]]
    others: int
    first_other: str = ""


def probe(ports: Ports, params: Params, _only: str | None = None, memory: Memory | None = None) -> Entries:
    if not params.files:
        raise SourceAbsent("no validation log is configured")
    return ports.entries.read([str(path) for path in params.files], (memory or {}).get("cursor"), _READ_MOST)


def judge(entries: Entries, params: Params, memory: Memory, now: datetime) -> Judgement:
    read = _read(entries.entries, params, now)
    terms = Terms(params.mean_run, params.tolerance, params.least, params.remember // _DAY)
    crew = take(_recalled(memory), read.results, terms)
    failures = [*memory.get("failures", ()), *read.failures][-_KEPT_FAILURES:]
    after = {"cursor": entries.cursor, "crew": asdict(crew), "failures": failures}
    if entries.absent and not crew.streams:
        return Judgement((), after, nothing="no validation log is there yet")
    trouble = "no validation log is there any more" if entries.absent else _trouble(entries, read)
    blind = [Verdict(str(params.files[0]), Status.UNKNOWN, f"could not look: {trouble}")] if trouble else []
    if blind and not read.results:
        return Judgement(blind, after)
    return Judgement([*blind, *_verdicts(crew, terms, failures, entries)], after)


def _recalled(memory: Memory) -> Crew:
    """What another version wrote otherwise is forgotten."""
    held = memory.get("crew", {})
    try:
        streams = {name: Stream(**each) for name, each in held.get("streams", {}).items()}
    except TypeError:
        return Crew()
    return Crew(streams, held.get("pairs", ()), held.get("blamed", ()))


def _trouble(entries: Entries, read: _Read) -> str | None:
    """Why not everything could be looked at."""
    if entries.troubles:
        return "; ".join(entries.troubles)
    if read.others and not read.results:
        return f"none of {read.others} new lines is a result; {read.first_other}"
    return None


def _read(entries: Sequence[LogEntry], params: Params, now: datetime) -> _Read:
    results, failures, others, first = [], [], 0, ""
    for entry in entries:
        found = _result(entry.data, params, now) if entry.data is not None else None
        if found is None:
            others += 1
            first = first or f"{entry.place}: {entry.broken or f'no `{params.passed}` that is known'}"
            continue
        results.append(found)
        if not found.passed and entry.data is not None:
            failures.append(_failure(entry, found, params))
    return _Read(results, failures, others, first)


def _result(data: Mapping[str, Any], params: Params, now: datetime) -> Result | None:
    passed = _means(picked(data, params.passed), params)
    if passed is None:
        return None
    when = moment(picked(data, params.time)) or now
    names = (_word(picked(data, params.agent)), _word(picked(data, params.validator)))
    return Result(passed, int(min(when, now).timestamp()), *names)


def _means(value: object, params: Params) -> bool | None:
    """Whether it passed; None for what means neither. `true` is no 1."""
    wanted = (type(value), value.lower() if isinstance(value, str) else value)
    if wanted in [(type(each), each) for each in params.passes]:
        return True
    return False if wanted in [(type(each), each) for each in params.fails] else None


def _word(value: object) -> str | None:
    """A name as it can stand in a target; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return brief(str(value), _LONGEST) or None


def _failure(entry: LogEntry, result: Result, params: Params) -> Sequence[Any]:
    data = entry.data or {}
    score = picked(data, params.score)
    number = score if isinstance(score, int | float) and not isinstance(score, bool) else None
    return [_word(picked(data, params.id)) or entry.place[-_LONGEST:], result.agent, result.validator, number]


def _verdicts(crew: Crew, terms: Terms, failures: Sequence[Sequence[Any]], entries: Entries) -> Sequence[Verdict]:
    """Of all, and of each who has enough results."""
    judged = [name for name, each in crew.streams.items() if name != ALL and each.size >= terms.least]
    few = len(crew.streams) - len(judged) - 1
    more = [f"{few} more have too few results"] if few > 0 else []
    if entries.behind_bytes:
        more.append(f"{size_text(entries.behind_bytes)} are still to be read")
    return [
        _verdict(ALL, crew, terms, failures, more),
        *[_verdict(name, crew, terms, failures, ()) for name in judged],
    ]


def _verdict(name: str, crew: Crew, terms: Terms, failures: Sequence[Sequence[Any]], more: Sequence[str]) -> Verdict:
    stream = crew.streams.get(name, Stream())
    said = "; ".join([_said(stream, terms), *more])
    if name in crew.blamed:
        severity = Severity.CRITICAL if name == ALL else Severity.HIGH
        who = "all dropped" if name == ALL else "others hold"
        return Verdict(name, Status.FAIL, f"{said}; {who}", severity, facts=_facts(name, stream, failures))
    if stream.size < terms.least:
        return Verdict(name, Status.UNKNOWN, said, early=True)
    return Verdict(name, Status.OK, said, facts={"pass_rate_usual": stream.usual, "results": stream.size})


def _said(stream: Stream, terms: Terms) -> str:
    """With how many it rests on."""
    if stream.usual is None or stream.size < terms.least:
        return f"{stream.size} results, {terms.least} are needed"
    last = f"{stream.now:.0%} of the last {len(stream.recent)} pass, " if stream.recent else ""
    return f"{last}usual {stream.usual:.1%} of {stream.size}"


def _facts(name: str, stream: Stream, failures: Sequence[Sequence[Any]]) -> Mapping[str, JSON]:
    return {
        "pass_rate_now": round(stream.now, 3),
        "last_results": len(stream.recent),
        "pass_rate_usual": None if stream.usual is None else round(stream.usual, 3),
        "results": stream.size,
        "worst_samples": _worst(name, failures, stream.recent.count("f")),
    }


def _worst(name: str, failures: Sequence[Sequence[Any]], last: int) -> Sequence[str]:
    """Of the last failed samples those with the least scores; those without one after them, the newest first."""
    own = [each for each in reversed(failures) if name in names(each[1], each[2])][:last]
    scored = sorted((each for each in own if each[3] is not None), key=lambda each: each[3])
    ranked = [*scored, *(each for each in own if each[3] is None)]
    return list(dict.fromkeys(str(each[0]) for each in ranked))[:_SHOWN]


def evidence(_entries: Entries, _target: str) -> TargetEvidence:
    """The verdict's own facts have it all."""
    return TargetEvidence()


CHECK = Check(
    "AI validation",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    continues=True,
    task_kind="quality_review",
)
