"""Every process of every supervisor: how often it was restarted, by whomever but Guardian, and whether it oscillates.

Probe: one look at each supervisor, Guardian's own acts, and what a person acknowledged.
Judge: restarts since a person last acknowledged, restarts within a window, and changes between running and down that
follow each other closely. It never heals: a restart is what there is too much of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from pydantic import Field

from guardian.checks.base import Check, Judgement
from guardian.checks.shared.processes import (
    Names,
    Sample,
    about,
    ambiguous,
    blind_verdicts,
    by_target,
    evidence,
    facts,
    is_blind,
    is_ignored,
    look,
    ms,
    nothing,
    recall,
    remember,
)
from guardian.checks.shared.restarts import own_restarts, risen, started
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import Fleet, Ports, ProcessState, SupervisedProcess
from guardian.settings import Model, PositiveDuration, duration_text

_ID, _TAKES_IN = "restart_anomaly", "process_health"
_KEPT_MS = 24 * 3_600_000
_DOWN = frozenset({ProcessState.ERRORED, ProcessState.STOPPED, ProcessState.WAITING})


class Params(Model):
    ignore: Names = ()
    """Shell-style patterns of names that are never judged."""
    max_restarts: int = Field(50, ge=1, le=1_000_000)
    """So many restarts since a person last acknowledged fail."""
    max_rate: int = Field(10, ge=1, le=100)
    """More restarts within `rate_window` fail."""
    rate_window: PositiveDuration = timedelta(hours=1)
    """How long a restart counts for `max_rate`."""
    max_flips: int = Field(4, ge=1, le=50)
    """More changes between running and down, each within `flip_distance` of the one before, are an oscillation."""
    flip_distance: PositiveDuration = timedelta(minutes=5)
    """Changes that are farther apart than this have nothing to do with each other."""


@dataclass(frozen=True)
class _Known:
    """What is remembered of a process; times are milliseconds since 1970.

    `restarts` is the supervisor's counter at the look at `seen`, `started` the last start then; `total` those since
    `base`, when a person `acknowledged` or Guardian first looked; `recent` the times of the newest, one for each. `act`
    is Guardian's last restart that was taken off. `up`: running or down, as far as seen; `other`: the last look before
    it became so. `flips` are the times of the changes that follow each other closely. `changed` is when it last
    restarted or turned, `old` the counter of before Guardian's time.
    """

    source: str
    seen: int
    restarts: int | None
    base: int
    started: int | None = None
    total: int = 0
    acknowledged: bool = False
    recent: Sequence[int] = ()
    act: int = 0
    up: bool | None = None
    other: int = 0
    flips: Sequence[int] = ()
    changed: int = 0
    old: int = 0


def probe(ports: Ports, _params: Params, _only: str | None = None) -> Sample:
    return replace(look(ports), acknowledged=frozenset(ports.acknowledged.targets(_ID, _TAKES_IN)))


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    past, at = recall(memory, _Known), ms(now)
    readable = {fleet.source: fleet for fleet in sample.fleets if fleet.error is None}
    blind = {fleet.source: fleet for fleet in sample.fleets if is_blind(fleet, past)}
    pairs = [(fleet, process) for fleet in readable.values() for process in fleet.processes]
    judged = [(fleet, process) for fleet, process in pairs if not is_ignored(process.target, params.ignore)]
    known = {
        process.target: _follow(past.targets.get(process.target), process, fleet, sample, params, at)
        for fleet, process in judged
    }
    verdicts = by_target(
        [_verdict(process, known[process.target], params, at) for _, process in judged],
        ambiguous([process.target for _, process in judged]),
        blind_verdicts(blind),
    )
    away = {
        target: each
        for target, each in past.targets.items()
        if target not in known and (each.source in blind or at - each.seen <= _KEPT_MS)
    }
    sources = {*readable, *(source for source in blind if source in past.sources)}
    why = None if verdicts else nothing(sample, list(readable), pairs)
    return Judgement(verdicts, remember(sources, away | known), why)


def _follow(
    before: _Known | None, process: SupervisedProcess, fleet: Fleet, sample: Sample, params: Params, at: int
) -> _Known:
    """One look more. What was away for less than a day goes on where it was: to start it anew is no acknowledgement."""
    if before is None or before.source != fleet.source:
        count = process.restarts or 0
        return _Known(
            fleet.source, at, process.restarts, base=at, started=started(process), up=_up(process), other=at,
            old=count if count >= params.max_restarts else 0,
        )  # fmt: skip
    own = own_restarts(sample.acts, process.target)
    rise = risen(before.restarts, before.started, process, own, seen=before.seen, act=before.act)
    after = replace(
        before, seen=at, restarts=process.restarts, started=started(process), total=before.total + rise.restarts,
        act=rise.act, old=0,
    )  # fmt: skip
    if process.target in sample.acknowledged:
        after = replace(after, base=at, total=0, acknowledged=True)
    if process.stopped_by_hand is not None or process.state is ProcessState.ENDED or _given_up(sample, process):
        return replace(after, recent=(), flips=(), up=None)  # a loop has its end where somebody stopped it
    up, other, flips = _turned(before, process, own, params, at)
    changed = at if rise.restarts or at in flips else before.changed
    recent = _recent(before, process, rise.restarts, params, at)
    return replace(after, recent=recent, up=up, other=other, flips=flips, changed=changed)


def _given_up(sample: Sample, process: SupervisedProcess) -> bool:
    """Guardian stopped it for good."""
    last = max((act for act in sample.acts if act.target == process.target), key=lambda act: act.at, default=None)
    return process.state is ProcessState.STOPPED and last is not None and last.act == "stop"


def _recent(before: _Known, process: SupervisedProcess, restarts: int, params: Params, at: int) -> Sequence[int]:
    """As many of the newest as it takes to know that there are too many. A loop has its end where the supervisor
    gave up, unless it failed already; what happened during a blindness longer than the window has no time."""
    window = _span(params.rate_window)
    ended = process.state is ProcessState.ERRORED and len(before.recent) <= params.max_rate
    if ended or at - before.seen > window:
        return ()
    most = params.max_rate + 1
    return [when for when in [*before.recent, *[at] * min(restarts, most)] if at - when <= window][-most:]


def _turned(
    before: _Known, process: SupervisedProcess, own: Sequence[int], params: Params, at: int
) -> tuple[bool | None, int, Sequence[int]]:
    """`up`, `other` and `flips` after this look. What Guardian's own restart brought up again is no flip."""
    up, flips = _up(process), before.flips
    quiet = bool(flips) and at - flips[-1] >= _span(params.flip_distance)
    if quiet and (up or len(flips) <= params.max_flips):  # what ended it by staying down is not over
        flips = ()
    if up is None or up == before.up:
        return before.up, before.other, flips
    healed = up and any(when >= before.other for when in own)
    if before.up is not None and not healed:
        flips = [*flips, at][-params.max_flips - 1 :]
    return up, before.seen, flips


def _up(process: SupervisedProcess) -> bool | None:
    """Running, down, or on the way from one to the other."""
    if process.state is ProcessState.ONLINE:
        return process.pid is not None
    return False if process.state in _DOWN else None


def _verdict(process: SupervisedProcess, known: _Known, params: Params, at: int) -> Verdict:
    say = partial(Verdict, process.target, facts=_facts(process, known))
    if known.old:
        text = f"{known.old} restarts before Guardian's time: the base from which it counts"
        return say(Status.FAIL, text, severity=Severity.WARNING, notice=True)
    since = f"{known.total} restarts since {'acknowledged' if known.acknowledged else 'first seen'}"
    since += f", {about(at - known.base)} ago"
    troubles = [
        text
        for text, fails in (
            (since, known.total >= params.max_restarts),
            (f"more than {params.max_rate} restarts in {duration_text(params.rate_window)}", _too_often(known, params)),
            (f"oscillating: {len(known.flips)} changes between running and down", _oscillates(known, params)),
        )
        if fails
    ]
    if not troubles:
        return say(Status.OK, since)
    return say(Status.FAIL, "; ".join(troubles), news=known.changed == at)


def _too_often(known: _Known, params: Params) -> bool:
    return len(known.recent) > params.max_rate


def _oscillates(known: _Known, params: Params) -> bool:
    return len(known.flips) > params.max_flips


def _facts(process: SupervisedProcess, known: _Known) -> Mapping[str, JSON]:
    return {**facts(process, known.source), "restarts_counted": known.total, "changes_counted": len(known.flips)}


def _span(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


CHECK = Check(
    "Restart anomaly",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    follows_processes=True,
    takes_in=_TAKES_IN,
)
