"""What would be healed right now: a first look, without a store and without a past. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from guardian.decide import brake, looks
from guardian.decide.policy import Case, Rules, decide
from guardian.engine.engine import Engine
from guardian.engine.look import look
from guardian.model import (
    Action,
    Decision,
    Incident,
    IncidentState,
    Key,
    Mode,
    Status,
    Verdict,
)


@dataclass(frozen=True)
class Would:
    """What an armed Guardian would do about one target. `remedy` is the one that its check suggests."""

    check: str
    verdict: Verdict
    decision: Decision
    remedy: str | None


@dataclass(frozen=True)
class Rehearsal:
    """`skipped`: why there was nothing to look at. `braked`: so many fail at once that heals would go one by one."""

    check: str
    verdicts: Sequence[Verdict]
    would: Sequence[Would]
    skipped: str | None
    braked: bool


def first_look(engine: Engine, check: str, now: datetime) -> Rehearsal:
    judgement = look(engine, check, {}, now).judgement
    bad = [verdict for verdict in judgement.verdicts if verdict.status in (Status.FAIL, Status.UNKNOWN)]
    return Rehearsal(
        check=check,
        verdicts=judgement.verdicts,
        would=[_would(engine, check, verdict, now) for verdict in bad],
        skipped=None if judgement.verdicts else judgement.nothing or "nothing to look at",
        braked=not engine.unbraked(check) and _braked(engine, check, judgement.verdicts, now),
    )


def _would(engine: Engine, check: str, verdict: Verdict, now: datetime) -> Would:
    heal, found = engine.config.heal, engine.remedy_of(check, verdict.target)
    case = Case(
        incident=_opened(Key(check, engine.node, verdict.target), verdict, now),
        verdict=verdict,
        remedy=found[1].kind if found else None,
        can_break=found is not None and found[1].break_circuit is not None,
    )
    decision = decide(case, Rules(Mode.HEAL, heal.budget, heal.break_circuit), now)
    acts = decision.action in (Action.HEAL, Action.BREAK)
    return Would(check, verdict, decision, found[0] if found and acts else None)


def _opened(key: Key, verdict: Verdict, now: datetime) -> Incident:
    return Incident(
        id="rehearsal",
        key=key,
        state=IncidentState.OPEN,
        status=verdict.status,
        severity=verdict.severity,
        message=verdict.message,
        opened_at=now,
        seen_at=now,
        looked_before=now,
    )


def _braked(engine: Engine, check: str, verdicts: Sequence[Verdict], now: datetime) -> bool:
    rules, flapping = engine.config.brake, engine.config.flapping
    states = {
        each.target: looks.advance(None, each, now, begins=flapping.begins, ends=flapping.ends) for each in verdicts
    }
    return brake.engaged(
        states, now, active=False, share=rules.share, at_least=rules.at_least, patrol=engine.interval(check)
    )
