"""Doing one attempt: claim, act, finish. Dying after any line leaves a lease that runs out and a due time that the
sweep finds; the next holder then asks the remedy whether it was done."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from guardian.engine import flags
from guardian.engine.beside import is_taken_in
from guardian.engine.engine import Engine
from guardian.engine.look import look, take_evidence
from guardian.errors import RemedyError, StoreError
from guardian.heal.base import Done, Remedy
from guardian.model import Action, HealState, Incident, Mode, Reason, RemedyKind, Status, Verdict
from guardian.store.values import Claim, ClaimOutcome, ClaimTerms

_REFUSALS = {
    ClaimOutcome.COOLDOWN: Reason.COOLDOWN,
    ClaimOutcome.EXHAUSTED: Reason.BUDGET_USED,
    ClaimOutcome.RECOVERING: Reason.RECOVERING,
    ClaimOutcome.SPENT: Reason.HEAL_FAILED,
}
_NOT_TWICE = "nobody can tell whether it was done, so it is not done again"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Attempt:
    """One execution's try at one attempt. The token is this execution's alone: a message delivered twice is two."""

    engine: Engine
    incident: Incident
    name: str
    remedy: Remedy
    token: str

    @property
    def breaks(self) -> bool:
        return self.incident.action is Action.BREAK

    @property
    def contains(self) -> bool:
        return self.remedy.kind is RemedyKind.CONTAIN

    @property
    def act(self) -> str:
        if self.remedy.kind is RemedyKind.CURE:
            return "stop" if self.breaks else "restart"
        return str(self.remedy.kind)


def heal(engine: Engine, incident_id: str, attempt: int, token: str) -> bool:
    """Whether the chain goes on to verify and tell. `token` is unique to this execution."""
    incident = engine.store.incident(incident_id)
    if incident is None or incident.attempt != attempt or incident.key.node != engine.node:
        return False
    if incident.heal not in (HealState.PLANNED, HealState.ACTING):
        return False
    if incident.heal is HealState.PLANNED and incident.action is Action.HEAL and is_taken_in(engine, incident):
        return _refused(engine, incident, Reason.TAKEN_IN)
    found = engine.remedy_for(incident.key.check, incident.key.target)
    if found is None:
        return _refused(engine, incident, Reason.NO_REMEDY)
    name, remedy = found
    if remedy.for_incident is not None:
        remedy = remedy.for_incident(incident, engine.store.clock.now())
    return _attempt(_Attempt(engine, incident, name, remedy, token))


def _attempt(work: _Attempt) -> bool:
    engine, incident = work.engine, work.incident
    if incident.evidence is None:
        _evidence_first(engine, incident)
    if engine.rules(incident.key.check, engine.store.arming()).mode is Mode.OBSERVE:
        return _refused(engine, incident, Reason.OBSERVING, at_once=False)  # disarmed since it was decided
    terms = replace(engine.terms(work.remedy.kind, breaks=work.breaks), remedy=work.name)
    claim = _claim(work, terms)
    if claim.outcome is ClaimOutcome.UNSURE:
        if not _untouched(work, claim.claimed_at or incident.opened_at):
            return _refused(engine, incident, Reason.RECOVERING)
        claim = _claim(work, replace(terms, vouched=True))
    if claim.outcome in _REFUSALS:
        return _refused(engine, incident, _REFUSALS[claim.outcome])
    if claim.outcome not in (ClaimOutcome.GRANTED, ClaimOutcome.TAKEOVER):
        return False
    outcome, text = _carry_out(work, claim)
    if work.contains:
        return _finish_containing(work, outcome, text)
    return _finish(work, outcome, text)


def _claim(work: _Attempt, terms: ClaimTerms) -> Claim:
    store, incident = work.engine.store, work.incident
    return store.claim(incident.id, incident.attempt, work.token, work.act, terms, store.clock.now())


def _untouched(work: _Attempt, since: datetime) -> bool:
    """Whether the target certainly was not healed since then, which was just before the store came back empty."""
    try:
        return work.remedy.already_done(work.engine.ports, work.incident.key.target, since) is False
    except Exception:
        logger.exception("remedy %s cannot tell what was done", work.name)
        return False


def _evidence_first(engine: Engine, incident: Incident) -> None:
    """The patrol died between deciding and storing the evidence: it is taken before anything is done."""
    now = engine.store.clock.now()
    last = engine.store.last_look(incident.key.check, engine.node)
    looked = look(engine, incident.key.check, last.memory, now, only=incident.key.target)
    verdicts = {verdict.target: verdict for verdict in looked.judgement.verdicts}
    verdict = verdicts.get(incident.key.target, Verdict(incident.key.target, Status.UNKNOWN, incident.message))
    evidence, text = take_evidence(engine, incident.key.check, looked, verdict, now)
    engine.store.keep_evidence(incident.id, evidence, text, now)


def _carry_out(work: _Attempt, claim: Claim) -> tuple[str, str]:
    """(outcome, text) for `Store.finish`. Whether the world changed is unknown after any surprise: verifying tells."""
    target = work.incident.key.target
    ended = "broken" if work.breaks else "done"
    try:
        if claim.outcome is ClaimOutcome.TAKEOVER and not work.breaks:
            done = work.remedy.already_done(work.engine.ports, target, claim.claimed_at or work.incident.opened_at)
            if done is None:
                return ended, _NOT_TWICE
            if done:
                return ended, "found done by the worker that went away"
        if not work.engine.store.holds(work.engine.node, work.incident.subject, work.token):
            return ended, "the lease ran out before the act"
        return ended, _act(work).text
    except StoreError:
        raise  # nothing was done yet: the lease runs out, and the next holder does it
    except RemedyError as error:
        return ("failed", str(error)) if error.done is False else (ended, f"perhaps done: {error}")
    except Exception as error:
        logger.exception("remedy %s is broken", work.name)
        return ended, f"perhaps done, the remedy failed: {type(error).__name__}: {error}"


def _act(work: _Attempt) -> Done:
    target = work.incident.key.target
    if not work.breaks:
        return work.remedy.act(work.engine.ports, target)
    if work.remedy.break_circuit is None:
        raise RemedyError(f"{work.name} cannot stop {target}")
    return work.remedy.break_circuit(work.engine.ports, target)


def _finish_containing(work: _Attempt, outcome: str, text: str) -> bool:
    """It is verified at once by what it has stand, whatever became of the act; the incident stays open."""
    if outcome == "done":
        stands = work.remedy.already_done(work.engine.ports, work.incident.key.target, work.incident.opened_at)
        outcome, text = ("contained", text) if stands else ("failed", f"{text}; it does not stand")
    done = _finish(work, outcome, text)
    flags.refresh(work.engine)  # what hinders that is the sweep's to report
    return done


def _finish(work: _Attempt, outcome: str, text: str) -> bool:
    engine, incident = work.engine, work.incident
    now = engine.store.clock.now()
    wait = _until_verify(engine, incident, work.remedy.kind)
    cures = work.remedy.kind == "cure" and not work.breaks
    cooldown = engine.config.heal.cooldown if cures else wait * 0
    return engine.store.finish(
        incident.id, incident.attempt, work.token, now,
        cooldown=cooldown, outcome=outcome, text=text, verify_at=now + wait,
        reason=Reason.STANDING if outcome == "contained" else Reason.HEAL_FAILED,
        tell=outcome != "failed" or not is_taken_in(engine, incident),
    )  # fmt: skip


def _until_verify(engine: Engine, incident: Incident, kind: RemedyKind) -> timedelta:
    """How long a heal has to hold before it is believed. An incident that was brought to a person ends only after a
    whole cooldown: else a process that lives a little longer than one look would be "resolved" and told anew for ever.
    What a repair did is read at once.
    """
    check = incident.key.check
    settle = _settle(engine, check)
    if kind is RemedyKind.REPAIR:
        return settle
    wait = max(settle, engine.config.heal.verify_after, engine.interval(check))
    return max(wait, engine.config.heal.cooldown) if incident.escalated_at or incident.task_file else wait


def _settle(engine: Engine, check: str) -> timedelta:
    """The cure was done: a check that is broken here must not keep that from being noted."""
    try:
        return max(engine.checks[check].settle(engine.config.checks[check].params), timedelta(0))
    except (Exception, SystemExit):
        logger.exception("check %s is broken: settle", check)
        return timedelta(0)


def _refused(engine: Engine, incident: Incident, reason: Reason, *, at_once: bool = True) -> bool:
    """True: the chain goes on to tell a person. What another check took in is decided about at the next look."""
    now, tell = engine.store.clock.now(), not is_taken_in(engine, incident)
    return engine.store.refuse(incident.id, incident.attempt, now, reason, tell=tell, at_once=at_once)
