"""What a span of time comes to: counts and times out of the history. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from guardian.history.values import DONE, FAILED, HELD, NOT_HELD, STOPPED, Past, PastIncident, PastScans
from guardian.scanner.report import ScanVerdict


@dataclass(frozen=True)
class Times:
    """Mean and worst; None where there was none."""

    mean: timedelta | None
    worst: timedelta | None


@dataclass(frozen=True)
class Heals:
    """`other`: still open, or nobody told how it ended."""

    tried: int
    held: int
    not_held: int
    failed: int
    stopped: int
    other: int


@dataclass(frozen=True)
class Group:
    """The incidents of one check, or of one target. `still_open` at the end of the span."""

    name: str
    opened: int
    healed: int
    told: int
    still_open: int


@dataclass(frozen=True)
class Numbers:
    """`detect` is the most that it can have taken: from the last look before to the first bad one."""

    opened: int
    resolved: int
    healed: int
    told: int
    still_open: Sequence[PastIncident]
    detect: Times
    recover: Times
    heals: Mapping[str, Heals]
    by_check: Sequence[Group]
    by_target: Sequence[Group]


def numbers(past: Past) -> Numbers:
    opened = [each for each in past.incidents if past.since <= each.opened_at < past.until]
    resolved = [each for each in past.incidents if each.resolved_at and past.since <= each.resolved_at < past.until]
    return Numbers(
        opened=len(opened),
        resolved=len(resolved),
        healed=sum(each.healed for each in resolved),
        told=sum(each.told for each in opened),
        still_open=[each for each in past.incidents if _open_at_end(each, past)],
        detect=_times(each.detect for each in opened),
        recover=_times(each.resolved_at - each.opened_at for each in resolved if each.resolved_at),
        heals=_heals(past),
        by_check=_groups(past, lambda each: each.check),
        by_target=_groups(past, lambda each: f"{each.target}@{each.node}"),
    )


def _open_at_end(incident: PastIncident, past: Past) -> bool:
    return incident.resolved_at is None or incident.resolved_at >= past.until


def _times(found: Iterable[timedelta]) -> Times:
    lengths = list(found)
    if not lengths:
        return Times(None, None)
    return Times(timedelta(seconds=fmean(length.total_seconds() for length in lengths)), max(lengths))


def _heals(past: Past) -> Mapping[str, Heals]:
    found = {}
    for remedy in sorted({heal.remedy for heal in past.heals}):
        ends = Counter(heal.outcome for heal in past.heals if heal.remedy == remedy)
        other = ends[None] + ends[DONE]
        found[remedy] = Heals(ends.total(), ends[HELD], ends[NOT_HELD], ends[FAILED], ends[STOPPED], other)
    return found


def _groups(past: Past, name_of: Callable[[PastIncident], str]) -> Sequence[Group]:
    """Those with the most incidents first."""
    named: dict[str, list[PastIncident]] = {}
    for each in past.incidents:
        named.setdefault(name_of(each), []).append(each)
    groups = [
        Group(
            name,
            opened=sum(each.opened_at >= past.since for each in found),
            healed=sum(each.healed and not _open_at_end(each, past) for each in found),
            told=sum(each.told for each in found),
            still_open=sum(_open_at_end(each, past) for each in found),
        )
        for name, found in named.items()
    ]
    return sorted(groups, key=lambda group: (-group.opened, group.name))


@dataclass(frozen=True)
class AgentScans:
    agent: str
    scans: int
    blocked: int
    reviewed: int


@dataclass(frozen=True)
class Scans:
    """`by_rule`: scripts that a rule found something in; the most first, as with the agents."""

    total: AgentScans
    by_agent: Sequence[AgentScans]
    by_rule: Mapping[str, int]


def scans(past: PastScans) -> Scans:
    by_agent: dict[str, Counter[str]] = {}
    by_rule: Counter[str] = Counter()
    for each in past.counts:
        if each.what in set(ScanVerdict):
            by_agent.setdefault(each.agent, Counter())[each.what] += each.count
        else:
            by_rule[each.what] += each.count
    agents = [_of_agent(agent, counts) for agent, counts in by_agent.items()]
    total = _of_agent("all", sum(by_agent.values(), Counter()))
    return Scans(total, sorted(agents, key=lambda each: (-each.scans, each.agent)), dict(by_rule.most_common()))


def _of_agent(agent: str, counts: Counter[str]) -> AgentScans:
    return AgentScans(agent, counts.total(), counts[ScanVerdict.BLOCK], counts[ScanVerdict.REVIEW])
