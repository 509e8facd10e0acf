"""One patrol: look, judge, store, decide. Gives what has to happen next; the store has it already, so that
nothing is lost when this process dies after any line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from guardian.checks.base import Judgement
from guardian.decide import brake, looks
from guardian.decide.containment import Contained
from guardian.decide.policy import Case, Rules, decide
from guardian.diagnose.plain import brief
from guardian.engine import beside, containing
from guardian.engine.engine import Engine, silenced
from guardian.engine.look import MESSAGE, Looked, look, take_evidence
from guardian.model import (
    GUARDIAN,
    Action,
    Decision,
    Incident,
    Key,
    Mode,
    Reason,
    Severity,
    Silence,
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
    seen = [_seen(engine, check, verdict, last) for verdict in judgement.verdicts]
    status, message = _summary(seen, judgement.nothing)
    return Patrolled(status in (Status.OK, Status.SKIPPED), message), [each.verdict for each in seen]


def report(engine: Engine, target: str, trouble: str | None) -> bool:
    """Open or end an incident about Guardian itself; the sweep has it told like any other. Costs one read when all
    is well. Whether there was anything to say."""
    last = engine.store.last_look(GUARDIAN, engine.node)
    before = last.states.get(target)
    if trouble is None and (before is None or before.status is Status.OK):
        return False
    verdict = Verdict(target, Status.FAIL, trouble) if trouble else Verdict(target, Status.OK, "works again")
    settle(engine, GUARDIAN, last, Looked(Judgement([verdict], last.memory), None, 0.0), whole=False)
    return True


def settle(
    engine: Engine,
    check: str,
    last: LastLook,
    looked: Looked,
    *,
    whole: bool = True,
    gone: Mapping[str, str] | None = None,
) -> Patrolled:
    """Store one look and decide about what fails in it. A look that is not `whole` says nothing of other targets but of
    those that are `gone`."""
    judgement = looked.judgement
    seen = [_seen(engine, check, verdict, last) for verdict in judgement.verdicts]
    status, message = _summary(seen, judgement.nothing)
    fleet = _fleet_brake(engine, check, seen, last) if whole and not engine.unbraked(check) else _Fleet()
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
            gone=_gone(last, judgement.verdicts) if whole else gone or {},
            brake=fleet.change,
            release_every=engine.config.brake.release_every,
        )
    )
    steps = _decide(engine, [*seen, *fleet.seen], looked, recorded, last.now) if recorded.won else []
    return Patrolled(status in (Status.OK, Status.SKIPPED), message, steps)


def _summary(seen: Sequence[Seen], nothing: str | None) -> tuple[Status, str]:
    if not seen:
        return Status.SKIPPED, f"skipped: {nothing or 'nothing to look at'}"[:200]
    verdicts = [each.verdict for each in sorted(seen, key=lambda each: each.state.soft)]
    counts = {status: sum(verdict.status is status for verdict in verdicts) for status in _BY_BADNESS}
    status = next(status for status in _BY_BADNESS if counts[status])
    worst = next(verdict for verdict in verdicts if verdict.status is status)
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if status is Status.OK:
        return status, told
    return status, f"{told}; {worst.target}: {worst.message}"[:200]


def _seen(engine: Engine, check: str, verdict: Verdict, last: LastLook) -> Seen:
    before = last.states.get(verdict.target)
    flapping, wanted = engine.config.flapping, engine.looks(check)
    subject = engine.subject(Key(check, engine.node, verdict.target))
    healed = before is not None and _healed(subject, before, last)
    state = looks.advance(
        before, verdict, last.now, begins=flapping.begins, ends=flapping.ends, healed=healed, looks=wanted
    )  # fmt: skip
    if check == GUARDIAN:  # nobody looks at that again by itself, so its end is not held back
        state = replace(state, flapping=False)
    if state.soft:
        message = brief(f"soft, look {state.failing_looks} of {wanted}: {verdict.message}", MESSAGE)
        verdict, state = replace(verdict, message=message), replace(state, message=message)
    lasting = state.unknown_looks >= engine.config.incidents.unknown_looks and not verdict.early
    fails = verdict.status is Status.FAIL and not state.soft
    opens = fails or (verdict.status is Status.UNKNOWN and lasting)
    return Seen(check, verdict, state, opens, subject)


def _healed(subject: str, before: TargetState, last: LastLook) -> bool:
    """Guardian healed it since it began to fail."""
    return any(act.target == subject and act.act != "stop" and act.at >= before.since for act in last.acts)


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
    failing = sum(state.status is Status.FAIL and not state.soft for state in states.values())
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
    keys = {id_: Key(each.check, engine.node, each.verdict.target) for id_, each in by_id.items()}
    others = {id_: [*beside.over(engine, key), *beside.under(engine, key)] for id_, key in keys.items()}
    found = engine.store.facts(by_id, engine.config.heal.budget_window, now, others)
    silences, arming = engine.store.silences(now), engine.store.arming()
    contained = containing.states(engine, [facts.incident for facts in found])
    plans = []
    for facts in found:
        seen, incident = by_id[facts.incident.id], facts.incident
        case = replace(_case(engine, seen, facts, silences), contained=contained.get(incident.id, Contained.NO))
        rules = engine.rules(seen.check, arming)
        decision = decide(case, rules, now)
        acts = decision.action in (Action.HEAL, Action.BREAK)
        steady = incident.flapping and not case.flapping
        if not acts and not steady and not _news(incident, decision.action, decision.reason):
            continue
        text = _text(engine, case, rules, decision, now)
        plan = Plan(
            incident, decision, cure=case.remedy == "cure", text=text, beside=facts.beside, steady=steady
        )  # fmt: skip
        if incident.evidence is None and seen.check != GUARDIAN:
            evidence, text = take_evidence(engine, seen.check, looked, seen.verdict, now)
            plan = replace(plan, evidence=evidence, evidence_text=text)
        plans.append(plan)
    return plans


def _text(engine: Engine, case: Case, rules: Rules, decision: Decision, now: datetime) -> str:
    """What is decided and beside what; in observe mode what would have been."""
    other = {Reason.TAKEN_IN: case.over, Reason.TOLD_ALREADY: case.under}.get(decision.reason)
    if other is not None:
        return f"{decision.action}, beside {other.incident.key.check} ({other.incident.id})"
    if decision.reason is not Reason.OBSERVING:
        return decision.action
    would = decide(case, replace(rules, mode=Mode.HEAL), now)
    remedy = engine.remedy_of(case.incident.key.check, case.incident.key.target)
    how = f" by {remedy[0]}" if remedy and would.action is Action.HEAL else ""
    return f"{decision.action}; would {would.action}{how} ({would.reason})"


def _case(engine: Engine, seen: Seen, facts: Facts, silences: Sequence[Silence]) -> Case:
    remedy, key = engine.remedy_of(seen.check, seen.verdict.target), facts.incident.key
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
        silenced_heal=silenced(key, silences, heal=True) is not None,
        over=beside.first(beside.over(engine, key), facts.beside, silences),
        under=beside.first(beside.under(engine, key), facts.beside, silences),
    )


def _news(incident: Incident, action: Action, reason: object) -> bool:
    """A decision already taken is not taken again; one to tell is not news once the telling began, except that an
    attempt which failed shows its own reason."""
    if incident.heal != "none":
        return False
    if reason in (Reason.TAKEN_IN, Reason.TOLD_ALREADY):
        return incident.reason != reason or (action is Action.ALERT and incident.tell is TellState.NONE)
    if reason in (Reason.FLAPPING, Reason.STANDING, Reason.LIFTED, Reason.RAN_OUT):  # it stays open, as what it became
        return incident.reason != reason
    if action is Action.ALERT and incident.tell is not TellState.NONE:
        refused = incident.action is Action.BREAK and reason is Reason.BUDGET_USED
        return incident.action is not Action.ALERT and not refused
    return (incident.action, incident.reason) != (action, reason)
