"""Every process of every supervisor: running, or down and in need of a restart.

Probe: one look at each supervisor, and Guardian's own acts.
Judge: by state, by the evidence of who stopped it, and by the rise of the supervisor's own restart counter, or where it
has none by the change of the start time. A look never sees a crash that the supervisor mended in between, so a crash
loop shows in those alone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from guardian.checks.shared.restarts import ORDER_MS, own_restarts, risen, started
from guardian.model import Memory, OwnAct, Status, Verdict
from guardian.ports import Fleet, Ports, ProcessState, SupervisedProcess
from guardian.settings import Model, PositiveDuration, duration_text

_KEPT = 4
"""Crashes are remembered up to this many times `max_crashes`."""
_STUCK_MS = 60_000
_LOST_MS = 24 * 3_600_000
_OVER = frozenset({ProcessState.ERRORED, ProcessState.ENDED})
_INSTANCE = re.compile(r"#\d+#*(?=@|$)")

_NEVER_THERE = "it is not there to restart: start it once by hand"
_NEW_DAEMON = "the daemon was replaced and does not know it any more (with PM2: pm2 resurrect)"
_GIVEN_UP = "Guardian stopped it for good: start it by hand"


class Params(Model):
    expect: Names = ()
    """Names that must be there, in cluster mode without `#k`: missing ones fail, and what ended by itself as well."""
    ignore: Names = ()
    """Shell-style patterns of names that are never judged."""
    min_uptime: PositiveDuration = timedelta(seconds=10)
    """A process that is online for less is shown as just started; that is ok."""
    max_crashes: int = Field(5, ge=1, le=50)
    """More restarts by the supervisor itself within `crash_window` are a crash loop."""
    crash_window: PositiveDuration = timedelta(minutes=30)
    """How long such a restart counts."""
    heal_manual_stop: bool = False
    """Restart also what a person stopped on purpose."""


@dataclass(frozen=True)
class _Known:
    """What is remembered of a process; times are milliseconds since 1970.

    `daemon` is the one under which it was `seen` last, `started` its last start then. `crashes` are the times of the
    looks that saw the supervisor's own restarts, one for each. `act` is Guardian's last restart that was taken off
    them. `stopping` is since when it is being stopped, `stop` when Guardian stopped it.
    """

    source: str
    daemon: str | None
    seen: int
    restarts: int | None
    crashes: Sequence[int]
    started: int | None = None
    act: int = 0
    stopping: int | None = None
    stop: int | None = None


def probe(ports: Ports, _params: Params, _only: str | None = None) -> Sample:
    return look(ports)


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    past, at = recall(memory, _Known), ms(now)
    readable = {fleet.source: fleet for fleet in sample.fleets if fleet.error is None}
    blind = {fleet.source: fleet for fleet in sample.fleets if is_blind(fleet, past)}
    pairs = [(fleet, process) for fleet in readable.values() for process in fleet.processes]
    judged = [(fleet, process) for fleet, process in pairs if not is_ignored(process.target, params.ignore)]
    now_known = {
        process.target: _remember(past.targets.get(process.target), process, fleet, sample.acts, params, at)
        for fleet, process in judged
    }
    missing = {
        target: known
        for target, known in past.targets.items()
        if target not in now_known and not is_ignored(target, params.ignore)
    }
    lost = {target: known for target, known in missing.items() if _lost(known, readable, at)}
    verdicts = by_target(
        [_lost_verdict(target, known) for target, known in lost.items()],
        [] if blind else _expected(params, [process.target for _, process in pairs]),
        [_verdict(process, now_known[process.target], params, at) for _, process in judged],
        ambiguous([process.target for _, process in judged]),
        blind_verdicts(blind),
    )
    kept = {target: known for target, known in missing.items() if known.source in blind} | lost | now_known
    sources = {*readable, *(source for source in blind if source in past.sources)}
    why = None if verdicts else nothing(sample, list(readable), pairs)
    return Judgement(verdicts, remember(sources, kept), why)


def _lost(known: _Known, readable: Mapping[str, Fleet], at: int) -> bool:
    """Gone with its daemon; what is gone from the same daemon was deleted on purpose."""
    fleet = readable.get(known.source)
    if fleet is None or fleet.daemon is None or known.daemon is None:
        return False
    return fleet.daemon != known.daemon and at - known.seen <= _LOST_MS


def _lost_verdict(target: str, known: _Known) -> Verdict:
    return Verdict(target, Status.FAIL, f"gone: {known.source} was started anew without it", ruled_out=_NEW_DAEMON)


def _expected(params: Params, targets: Sequence[str]) -> Sequence[Verdict]:
    there = {*targets, *(_INSTANCE.sub("", target) for target in targets)}
    return [
        Verdict(name, Status.FAIL, "missing: no supervisor has it", ruled_out=_NEVER_THERE)
        for name in params.expect
        if name not in there and not is_ignored(name, params.ignore)
    ]


def _is_expected(target: str, params: Params) -> bool:
    return not {target, _INSTANCE.sub("", target)}.isdisjoint(params.expect)


def _remember(
    before: _Known | None, process: SupervisedProcess, fleet: Fleet, acts: Sequence[OwnAct], params: Params, at: int
) -> _Known:
    if before is not None and before.source != fleet.source:
        before = None
    own = sorted((act for act in acts if act.target == process.target), key=lambda act: act.at)
    stop = _own_stop(before, process, own)
    if stop is None and process.stopped_by_hand is None and process.state not in _OVER:
        crashes, used = _crashes(before, process, own_restarts(acts, process.target), params, at)
    else:  # a loop has its end where the supervisor gave up or left it, or somebody stopped it
        crashes, used = [], before.act if before else 0
    stopping = before.stopping if before and before.stopping is not None else at
    return _Known(
        source=fleet.source,
        daemon=fleet.daemon,
        seen=at,
        restarts=process.restarts,
        started=started(process),
        crashes=crashes,
        act=used,
        stopping=stopping if process.state is ProcessState.STOPPING else None,
        stop=stop,
    )


def _crashes(
    before: _Known | None, process: SupervisedProcess, own: Sequence[int], params: Params, at: int
) -> tuple[list[int], int]:
    """The supervisor's own restarts that still count, and the own act taken off last.

    Without autorestart it is started by orders alone. Counted anew after a reset of the counter and after a
    blindness that was longer than the window.
    """
    if before is None:
        return [], 0
    window = params.crash_window.total_seconds() * 1000
    rise = risen(before.restarts, before.started, process, own, seen=before.seen, act=before.act)
    if rise.reset or process.autorestart is False or at - before.seen > window:
        return [], before.act
    most = params.max_crashes * _KEPT
    new = min(rise.restarts, most)
    crashes = [when for when in [*before.crashes, *[at] * new] if at - when <= window]
    return crashes[-most:], rise.act


def _own_stop(before: _Known | None, process: SupervisedProcess, own: Sequence[OwnAct]) -> int | None:
    """When Guardian stopped it, if nobody started it since. Outlives the record of the act."""
    if process.state is not ProcessState.STOPPED:
        return None
    stop = ms(own[-1].at) if own and own[-1].act == "stop" else before.stop if before else None
    return stop if stop is not None and (started(process) or 0) <= stop + ORDER_MS else None


def _verdict(process: SupervisedProcess, known: _Known, params: Params, at: int) -> Verdict:
    say = partial(Verdict, process.target, facts=facts(process, known.source))
    if process.state is ProcessState.UNRECOGNIZED:
        return say(Status.UNKNOWN, "the supervisor reports a state that is not known")
    if trouble := _trouble(process, known, at):
        return say(Status.FAIL, trouble)
    if (count := len(known.crashes)) > params.max_crashes:
        many = f"{count} or more" if count == params.max_crashes * _KEPT else f"{count}"
        text = f"crash loop: {many} restarts by {known.source} in {duration_text(params.crash_window)}"
        return say(Status.FAIL, text, spent=count)
    if process.state is ProcessState.STOPPED:
        return _stopped(say, process, known, params)
    if process.state is ProcessState.ENDED:
        return _ended(say, process, params)
    return say(Status.OK, _running(process, known, params, at))


def _stopped(say: Callable[..., Verdict], process: SupervisedProcess, known: _Known, params: Params) -> Verdict:
    if known.stop is not None:
        return say(Status.FAIL, "stopped by Guardian", ruled_out=_GIVEN_UP)
    if process.stopped_by_hand is None:
        return say(Status.FAIL, f"stopped{_exit(process)}")
    status = Status.FAIL if params.heal_manual_stop else Status.SKIPPED
    return say(status, f"stopped by hand: {process.stopped_by_hand}")


def _ended(say: Callable[..., Verdict], process: SupervisedProcess, params: Params) -> Verdict:
    if _is_expected(process.target, params):
        return say(Status.FAIL, f"ended by itself{_exit(process)}, and is expected to run")
    return say(Status.SKIPPED, f"ended by itself as its configuration expects{_exit(process)}")


def _trouble(process: SupervisedProcess, known: _Known, at: int) -> str | None:
    match process.state:
        case ProcessState.ERRORED:
            return f"errored: {known.source} gave up{_exit(process)}"
        case ProcessState.ONLINE if process.pid is None:
            return "errored: online, but there is no process"
        case ProcessState.STOPPING if known.stopping is not None and at - known.stopping > _STUCK_MS:
            return f"stuck: stopping for {about(at - known.stopping)}"
    return None


def _running(process: SupervisedProcess, known: _Known, params: Params, at: int) -> str:
    match process.state:
        case ProcessState.LAUNCHING:
            return "starting"
        case ProcessState.WAITING:
            return f"{known.source} restarts it after its delay"
        case ProcessState.STOPPING:
            return "stopping"
    if known.crashes and known.crashes[-1] == at:
        count = "" if process.restarts is None else f" (restarts {process.restarts})"
        return f"online, restarted by {known.source} since the last look{count}"
    if process.started_at is None:
        return "online"
    age = max(0, at - ms(process.started_at))
    young = timedelta(milliseconds=age) < params.min_uptime
    return f"just started ({about(age)} ago)" if young else f"online for {about(age)}"


def _exit(process: SupervisedProcess) -> str:
    code = "" if process.exit_code is None else f", exit code {process.exit_code}"
    return code + (f": {process.why}" if process.why else "")


CHECK = Check(
    "Process health",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="restart_process",
    follows_processes=True,
    settle=lambda params: params.min_uptime,
)
