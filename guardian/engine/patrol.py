"""One patrol: look, judge, store, decide. Gives what has to happen next; the store has it already, so that
nothing is lost when this process dies after any line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from guardian.checks.base import Judgement
from guardian.decide import brake, looks
from guardian.decide.policy import Case, Rules, decide
from guardian.engine.engine import Engine, silenced
from guardian.engine.look import Looked, look, take_evidence
from guardian.model import (
    GUARDIAN,
    Action,
    Decision,
    Incident,
    Mode,
    Reason,
    Severity,
    Stage,
    Status,
    Step,
    TargetState,
    TellState,
    Verdict,
)
from guardian.settings import duration_text
from guardian.store.values import Facts, LastLook, Look, Plan, Recorded, Seen

_GONE = "the target is gone"
_BY_BADNESS = (Status.FAIL, Status.UNKNOWN, Status.OK, Status.SKIPPED)


@dataclass(frozen=True)
class Patrolled:
    """The check task's result, and the follow-ups to send."""

    ok: bool
    message: str
    steps: Sequence[Step] = field(default=())


def patrol(engine: Engine, check: str) -> Patrolled:
    """Look once at everything the check is about on this node, and act on it."""
    if not engine.config.checks[check].enabled:
        return Patrolled(ok=True, message="skipped: not configured")
    last = engine.store.last_look(check, engine.node)
    looked = look(engine, check, last.memory, last.now)
    return settle(engine, check, last, looked)


def rehearse(engine: Engine, check: str) -> tuple[Patrolled, Sequence[Verdict]]:
    """The look alone, by hand: changes and stores nothing."""
    last = engine.store.last_look(check, engine.node)
    judgement = look(engine, check, last.memory, last.now).judgement
    status, message = _summary(judgement.verdicts, judgement.nothing)
    return Patrolled(status in (Status.OK, Status.SKIPPED), message), judgement.verdicts


def report(engine: Engine, target: str, trouble: str | None) -> None:
    """Open or end an incident about Guardian itself; the sweep has it told like any other. Costs one read when all
    is well."""
    last = engine.store.last_look(GUARDIAN, engine.node)
    before = last.states.get(target)
    if trouble is None and (before is None or before.status is Status.OK):
        return
    verdict = Verdict(target, Status.FAIL, trouble) if trouble else Verdict(target, Status.OK, "works again")
    settle(engine, GUARDIAN, last, Looked(Judgement([verdict], last.memory), None, 0.0), whole=False)


def settle(engine: Engine, check: str, last: LastLook, looked: Looked, *, whole: bool = True) -> Patrolled:
    """Store one look and decide about what fails in it. A look that is not `whole` says nothing of other targets."""
    judgement = looked.judgement
    status, message = _summary(judgement.verdicts, judgement.nothing)
    seen = [_seen(engine, check, verdict, last) for verdict in judgement.verdicts]
    fleet = _fleet_brake(engine, check, seen, last) if whole else _Fleet()
    recorded = engine.store.record(
        Look(
            check=check,
            node=engine.node,
            now=last.now,
            version=last.version,
            memory=judgement.memory,
            status=status,
            message=message,
            seconds=looked.seconds,
            seen=[*seen, *fleet.seen],
            gone=_gone(last, judgement.verdicts) if whole else {},
            brake=fleet.change,
            release_every=engine.config.brake.release_every,
        )
    )
    steps = _decide(engine, [*seen, *fleet.seen], looked, recorded, last.now) if recorded.won else []
    return Patrolled(status in (Status.OK, Status.SKIPPED), message, steps)


def _summary(verdicts: Sequence[Verdict], nothing: str | None) -> tuple[Status, str]:
    if not verdicts:
        return Status.SKIPPED, f"skipped: {nothing or 'nothing to look at'}"[:200]
    counts = {status: sum(verdict.status is status for verdict in verdicts) for status in _BY_BADNESS}
    status = next(status for status in _BY_BADNESS if counts[status])
    worst = next(verdict for verdict in verdicts if verdict.status is status)
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if status is Status.OK:
        return status, told
    return status, f"{told}; {worst.target}: {worst.message}"[:200]


def _seen(engine: Engine, check: str, verdict: Verdict, last: LastLook) -> Seen:
    before = last.states.get(verdict.target)
    flapping = engine.config.flapping
    acted = any(act.target == verdict.target and before is not None and act.at >= before.since for act in last.acts)
    state = looks.advance(
        before, verdict, last.now, begins=flapping.begins, ends=flapping.ends, healed=acted
    )  # fmt: skip
    lasting = state.unknown_looks >= engine.config.incidents.unknown_looks
    opens = verdict.status is Status.FAIL or (verdict.status is Status.UNKNOWN and lasting)
    return Seen(check, verdict, state, opens)


def _gone(last: LastLook, verdicts: Sequence[Verdict]) -> Mapping[str, str]:
    """Targets of the last look that are not in this one. While anything could not be seen, nobody is taken for gone,
    but for the source that could be seen again."""
    now_seen = {verdict.target for verdict in verdicts}
    blind = any(verdict.status is Status.UNKNOWN for verdict in verdicts)
    missing = {target: state for target, state in last.states.items() if target not in now_seen}
    if blind:
        return {}
    return {
        target: "could look again" if state.status is Status.UNKNOWN else _GONE for target, state in missing.items()
    }


@dataclass(frozen=True)
class _Fleet:
    seen: Sequence[Seen] = ()
    change: str | None = None


def _fleet_brake(engine: Engine, check: str, seen: Sequence[Seen], last: LastLook) -> _Fleet:
    """The fleet brake's own incident: it is told of once, in place of its many targets."""
    rules = engine.config.brake
    states = {**last.states, **{each.verdict.target: each.state for each in seen}}
    target = f"fleet {check}"
    on = brake.engaged(
        states, last.now, active=last.braked, share=rules.share, at_least=rules.at_least, patrol=engine.interval(check)
    )
    if not on and not last.braked:
        return _Fleet()
    failing = sum(state.status is Status.FAIL for state in states.values())
    if on:
        text = (
            f"{failing} of {len(states)} fail at once; cures go one by one, every {duration_text(rules.release_every)}"
        )
        verdict = Verdict(target, Status.FAIL, text, Severity.CRITICAL)
    else:
        verdict = Verdict(target, Status.OK, f"{failing} of {len(states)} fail; the fleet brake is off")
    state = TargetState(verdict.status, verdict.message, verdict.severity, last.now, last.now)
    change = "engage" if on else "release"
    return _Fleet([Seen(GUARDIAN, verdict, state, opens=on)], change)


def _decide(engine: Engine, seen: Sequence[Seen], looked: Looked, recorded: Recorded, now: datetime) -> Sequence[Step]:
    by_id = {
        recorded.incidents[key]: each
        for each in seen
        if (key := (each.check, each.verdict.target)) in recorded.incidents
    }
    plans = _plans(engine, by_id, looked, now) if by_id else []
    planned = engine.store.plan(
        plans, now, resend=engine.config.worker.resend_after, release_every=engine.config.brake.release_every
    )
    steps = [
        Step(outcome.incident, outcome.attempt, Stage.HEAL if outcome.outcome == "heal" else Stage.ALERT, engine.node)
        for outcome in planned
        if outcome.outcome in ("heal", "tell")
    ]
    return [*steps, *(Step(incident, 0, Stage.ALERT, engine.node) for incident in recorded.resolved)]


def _plans(engine: Engine, by_id: Mapping[str, Seen], looked: Looked, now: datetime) -> list[Plan]:
    found = engine.store.facts(by_id, engine.config.heal.budget_window, now)
    silences, arming = engine.store.silences(now), engine.store.arming()
    plans = []
    for facts in found:
        seen, incident = by_id[facts.incident.id], facts.incident
        no_heal = silenced(incident.key, silences, heal=True) is not None
        case, rules = _case(engine, seen, facts, no_heal=no_heal), engine.rules(seen.check, arming)
        decision = decide(case, rules, now)
        acts = decision.action in (Action.HEAL, Action.BREAK)
        if not acts and not _news(incident, decision.action, decision.reason):
            continue
        plan = Plan(incident, decision, cure=case.remedy == "cure", text=_text(engine, case, rules, decision, now))
        if incident.evidence is None and seen.check != GUARDIAN:
            evidence, text = take_evidence(engine, seen.check, looked, seen.verdict, now)
            plan = replace(plan, evidence=evidence, evidence_text=text)
        plans.append(plan)
    return plans


def _text(engine: Engine, case: Case, rules: Rules, decision: Decision, now: datetime) -> str:
    """What is decided, and in observe mode what would have been."""
    if decision.reason is not Reason.OBSERVING:
        return decision.action
    would = decide(case, replace(rules, mode=Mode.HEAL), now)
    remedy = engine.remedy_of(case.incident.key.check)
    how = f" by {remedy[0]}" if remedy and would.action is Action.HEAL else ""
    return f"{decision.action}; would {would.action}{how} ({would.reason})"


def _case(engine: Engine, seen: Seen, facts: Facts, *, no_heal: bool) -> Case:
    remedy = engine.remedy_of(seen.check)
    return Case(
        incident=facts.incident,
        verdict=seen.verdict,
        remedy=remedy[1].kind if remedy else None,
        cooldown_until=facts.cooldown_until,
        cures=facts.cures,
        can_break=remedy is not None and remedy[1].break_circuit is not None,
        held=facts.held,
        recovering=facts.recovering,
        flapping=seen.state.flapping,
        silenced_heal=no_heal,
    )


def _news(incident: Incident, action: Action, reason: object) -> bool:
    """A decision already taken is not taken again; one to tell is not news once the telling began, except that an
    attempt which failed shows its own reason."""
    if incident.heal != "none":
        return False
    if action is Action.ALERT and incident.tell is not TellState.NONE:
        refused = incident.action is Action.BREAK and reason is Reason.BUDGET_USED
        return incident.action is not Action.ALERT and not refused
    return (incident.action, incident.reason) != (action, reason)
