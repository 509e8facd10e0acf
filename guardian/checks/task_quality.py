"""Results that agents made by falling back to a template, several in a row.

Probe: the lines that are new in the results logs.
Judge: FAIL for an agent whose last `streak` results were all fallbacks, and for all agents where they were over all;
ok again as soon as a good result returns. Each line counts once: place and counts are written together.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared.entries import Name, name_of, picked
from guardian.decide.streaks import Result, Streak, Streaks, counted, without
from guardian.diagnose.plain import brief
from guardian.errors import SourceAbsent
from guardian.model import JSON, Memory, Status, Verdict
from guardian.ports import EVERYTHING, Containment, Entries, LogEntry, Ports
from guardian.settings import ByteSize, Model, PositiveDuration, UserPath
from guardian.units import moment, rough_text, size_text

ALL, AGENT, SOURCE = "all agents", "agent ", "results log"
_MESSAGE = 200
_LONGEST_VALUE = 1000
_CATCH_UP = timedelta(minutes=10)
_SHOWN = 10


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"must be a regular expression: {error}") from None
    return value


_Value = bool | int | str


class Params(Model):
    files: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/agents/results*.jsonl"]])
    """The results logs, JSON lines, as shell-style patterns of whole paths."""
    field: Name = "template_fallback"
    """The field that says whether a result is a fallback; a dot goes into an object (`result.source`), here and below.
    A line without it is a good result."""
    values: tuple[_Value, ...] = Field((True,), strict=False, examples=[["template", "fallback"]])
    """Its values that mean a fallback."""
    pattern: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_pattern)] | None = Field(
        None, examples=["(?i)as an ai language model"]
    )
    """Or a regular expression that is found in its text, in the first 1000 characters."""
    result: Name | None = Field(None, examples=["output"], json_schema_extra={"default_is": "none: each line is one"})
    """A line without this field is no result, and is passed over."""
    agent: Name = "agent"
    """The field with whose result it is; lines without it count over all alone."""
    time: Name = "time"
    """The field with when it was: epoch seconds or milliseconds, or ISO 8601. Without it a line counts as it comes."""
    streak: int = Field(5, ge=2, le=100)
    """So many fallbacks in a row fail."""
    forget: PositiveDuration = timedelta(days=1)
    """An agent without a result for this long is forgotten, unless it fails."""
    read_at_most: Annotated[ByteSize, Field(ge=100_000, le=256_000_000)] = 4_000_000
    """So many bytes are read in one look; the next look goes on."""


@dataclass(frozen=True)
class Sample:
    """What was read, and the field of it that names an agent."""

    read: Entries
    agent: str


def probe(ports: Ports, params: Params, _only: str | None, memory: Memory) -> Sample:
    if not params.files:
        raise SourceAbsent("no results log is named: give it `files`")
    read = ports.entries.read([str(path) for path in params.files], memory.get("cursor"), params.read_at_most)
    if read.absent:
        raise SourceAbsent("no results log is there yet")
    return Sample(read, params.agent)


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    read, failing = sample.read, list(memory.get("failing", ()))
    streaks = counted(_recall(memory), _results(read.entries, params, now), params.streak)
    streaks = without(streaks, (now - params.forget).timestamp(), (each.removeprefix(AGENT) for each in failing))
    behind = _behind_since(read, memory, now)
    if read.troubles and not read.entries:
        verdicts = [Verdict(SOURCE, Status.UNKNOWN, brief(f"could not look: {read.troubles[0]}", _MESSAGE))]
    elif behind is not None:
        verdicts = _catching_up(read, failing, behind, now)
    else:
        verdicts = _verdicts(streaks, read, params, now)
        failing = [verdict.target for verdict in verdicts if verdict.status is Status.FAIL]
    kept = {"cursor": read.cursor, "streaks": asdict(streaks), "failing": failing, "behind_since": behind}
    return Judgement(verdicts, _as_json(kept))


def _results(entries: Iterable[LogEntry], params: Params, now: datetime) -> Iterator[Result]:
    pattern = re.compile(params.pattern) if params.pattern else None
    names: dict[object, str | None] = {}
    for entry in entries:
        data = entry.data
        if data is None or (params.result is not None and picked(data, params.result) is None):
            continue
        at = moment(picked(data, params.time))
        agent = picked(data, params.agent)
        if isinstance(agent, str | int) and agent not in names:
            names[agent] = name_of(agent)
        name = names[agent] if isinstance(agent, str | int) else None
        yield Result(min(at or now, now).timestamp(), name, _is_fallback(data, params, pattern))


def _is_fallback(data: Mapping[str, Any], params: Params, pattern: re.Pattern[str] | None) -> bool:
    value = picked(data, params.field)
    if pattern is not None:
        return isinstance(value, str) and pattern.search(value[:_LONGEST_VALUE]) is not None
    return any(type(value) is type(each) and value == each for each in params.values)


def _behind_since(read: Entries, memory: Memory, now: datetime) -> float | None:
    if not read.behind_bytes:
        return None
    known = memory.get("behind_since")
    return float(known) if known is not None else now.timestamp()


def _catching_up(read: Entries, failing: Sequence[str], since: float, now: datetime) -> list[Verdict]:
    """What is to be read still may end a streak or begin one, so nothing new is said; what failed still does."""
    text = f"{size_text(read.behind_bytes)} of the results logs are still to be read"
    long = now.timestamp() - since > _CATCH_UP.total_seconds()
    kept = [Verdict(target, Status.FAIL, text, news=False) for target in failing]
    if ALL in failing:
        return kept
    return [Verdict(ALL, Status.UNKNOWN if long else Status.SKIPPED, text), *kept]


def _verdicts(streaks: Streaks, read: Entries, params: Params, now: datetime) -> list[Verdict]:
    agents = [_verdict(f"{AGENT}{name}", streak, params, now) for name, streak in streaks.agents.items()]
    besides = _said_besides(read)
    whole = _verdict(ALL, streaks.all, params, now, besides)
    if whole.status is Status.FAIL and len(streaks.last) == 1:  # then it is that agent's own matter
        text = f"{streaks.all.length} fallbacks in a row, all of agent {streaks.last[0]}{besides}"
        whole = Verdict(ALL, Status.OK, brief(text, _MESSAGE), facts=whole.facts)
    return [whole, *agents]


def _verdict(target: str, streak: Streak, params: Params, now: datetime, besides: str = "") -> Verdict:
    ago = rough_text(timedelta(seconds=max(0.0, now.timestamp() - streak.newest)))
    facts = {"fallbacks_in_a_row": streak.length, "results": streak.results, "limit": params.streak}
    if streak.length >= params.streak:
        text = f"{streak.length} template fallbacks in a row (limit {params.streak}), the last {ago} ago{besides}"
        return Verdict(target, Status.FAIL, brief(text, _MESSAGE), facts=facts)
    if streak.results < params.streak:
        text = f"too few results so far: {streak.results} of {params.streak}{besides}"
        return Verdict(target, Status.SKIPPED, brief(text, _MESSAGE), facts=facts)
    text = f"{streak.length} fallbacks in a row (limit {params.streak}), {streak.results} results{besides}"
    return Verdict(target, Status.OK, brief(text, _MESSAGE), facts=facts)


def _said_besides(read: Entries) -> str:
    broken = [entry for entry in read.entries if entry.data is None]
    parts = [f"{len(broken)} lines not understood ({broken[0].place}: {broken[0].broken})"] if broken else []
    return "".join(f"; {part}" for part in [*parts, *read.troubles[:1]])


def _recall(memory: Memory) -> Streaks:
    """What another version wrote otherwise is forgotten."""
    held = memory.get("streaks", {})
    try:
        agents = {name: Streak(**each) for name, each in held.get("agents", {}).items()}
        return Streaks(agents, Streak(**held.get("all", {})), held.get("last", ()))
    except (TypeError, AttributeError):
        return Streaks()


def _as_json(value: Any) -> Any:
    """As it comes back from the store."""
    if isinstance(value, Mapping):
        return {name: _as_json(each) for name, each in value.items()}
    return [_as_json(each) for each in value] if isinstance(value, list | tuple) else value


def evidence(sample: Sample, target: str) -> TargetEvidence:
    """Where the last lines of this look are that it is about."""
    name = target.removeprefix(AGENT)
    places: list[JSON] = [
        entry.place
        for entry in sample.read.entries
        if entry.data is not None and (target == ALL or name_of(picked(entry.data, sample.agent)) == name)
    ]
    return TargetEvidence({"lines": places[-_SHOWN:]} if places else {})


def order(_params: Params, target: str) -> Containment | None:
    if target == SOURCE:
        return None
    return Containment(EVERYTHING if target == ALL else f"agent:{target.removeprefix(AGENT)}")


CHECK = Check(
    "Task quality",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="pause_pipeline",
    order=order,
    continues=True,
)
