"""What the checks of processes share: one look at every supervisor, and the answers that are the same for each."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import Field

from guardian.checks.base import TargetEvidence
from guardian.model import JSON, Memory, OwnAct, Status, Verdict
from guardian.ports import Fleet, Ports, SupervisedProcess
from guardian.settings import duration_text

_MESSAGE = 200
_MOST_TARGETS = 2000

Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False)]


@dataclass(frozen=True)
class Sample:
    """One look at this node's supervisors, what Guardian itself did lately, and which targets a person has."""

    fleets: Sequence[Fleet]
    acts: Sequence[OwnAct]
    acknowledged: Collection[str] = frozenset()


class Known(Protocol):
    """What is remembered of a process: at least where and when (milliseconds since 1970) it was seen last."""

    @property
    def source(self) -> str: ...
    @property
    def seen(self) -> int: ...


K = TypeVar("K", bound=Known)


@dataclass(frozen=True)
class Past(Generic[K]):
    """The memory: sources that ever answered, and processes by target."""

    sources: Collection[str]
    targets: Mapping[str, K]


def recall(memory: Memory, kind: type[K]) -> Past[K]:
    """Processes that another version wrote otherwise are forgotten."""
    try:
        targets = {target: kind(**held) for target, held in memory.get("targets", {}).items()}
    except TypeError:
        targets = {}
    return Past(memory.get("sources", ()), targets)


def remember(sources: Collection[str], targets: Mapping[str, Any]) -> Memory:
    newest = sorted(targets.items(), key=lambda item: item[1].seen, reverse=True)[:_MOST_TARGETS]
    return {
        "sources": sorted(sources),
        "targets": {target: asdict(known, dict_factory=_as_json) for target, known in newest},
    }


def _as_json(fields: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """As it comes back from the store."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields}


def look(ports: Ports) -> Sample:
    """Whole also for one target: a look costs the same, and whether a target is lost depends on its source."""
    fleets = [fleet for supervisor in ports.supervisors for fleet in supervisor.look()]
    return Sample(fleets, ports.acts.recent())


def evidence(sample: Sample, target: str) -> TargetEvidence:
    for fleet in sample.fleets:
        for process in fleet.processes:
            if process.target == target:
                return TargetEvidence(facts(process, fleet.source), process.logs)
    return TargetEvidence()


def facts(process: SupervisedProcess, source: str) -> Mapping[str, JSON]:
    return {
        "state": str(process.state),
        "exit_code": process.exit_code,
        "why": process.why,
        "restarts": process.restarts,
        "pid": process.pid,
        "started_at": process.started_at.isoformat() if process.started_at else None,
        "autorestart": process.autorestart,
        "memory_bytes": process.memory_bytes,
        "supervisor": source,
    }


def by_target(*groups: Sequence[Verdict]) -> Sequence[Verdict]:
    """One verdict per target: that of a later group takes an earlier one's place."""
    verdicts = {verdict.target: verdict for group in groups for verdict in group}
    return [replace(verdict, message=verdict.message[:_MESSAGE]) for verdict in verdicts.values()]


def is_blind(fleet: Fleet, past: Past[Any]) -> bool:
    """A daemon that was never seen is no loss; one that was and is away cannot be looked at."""
    return fleet.error is not None and (not fleet.absent or fleet.source in past.sources)


def blind_verdicts(blind: Mapping[str, Fleet]) -> Sequence[Verdict]:
    return [Verdict(source, Status.UNKNOWN, f"could not look: {fleet.error}") for source, fleet in blind.items()]


def is_ignored(target: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(target, pattern) for pattern in patterns)


def ambiguous(targets: Sequence[str]) -> Sequence[Verdict]:
    """What is said of one of two namesakes could be meant for the other."""
    text = "several supervisors have a process of this name: rename one"
    return [Verdict(target, Status.UNKNOWN, text) for target, count in Counter(targets).items() if count > 1]


def nothing(sample: Sample, readable: Sequence[str], pairs: Sequence[object]) -> str:
    """Why there is no verdict at all."""
    if not sample.fleets:
        return "no supervisor is configured"
    if not readable:
        looked = "; ".join(f"{fleet.source}: {fleet.error}" for fleet in sample.fleets)
        return f"no supervisor daemon found ({looked})"[:_MESSAGE]
    under = f"under {', '.join(readable)}"
    return (f"every process {under} is ignored" if pairs else f"no process {under}")[:_MESSAGE]


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def about(milliseconds: int) -> str:
    """In whole units of the largest that fits: `3h`."""
    seconds = milliseconds // 1000
    unit = next((unit for unit in (86_400, 3600, 60) if seconds >= unit), 1)
    return duration_text(timedelta(seconds=seconds // unit * unit))
