"""What the scripts are given that is more than a few words: a whole look, a whole plan."""

import uuid
from collections.abc import Mapping
from typing import Any

from guardian.model import Action, Incident, Key
from guardian.store import codec
from guardian.store.codec import ms, span
from guardian.store.values import Look, Plan


def look_text(look: Look, identity: str) -> str:
    given = {
        "store": identity,
        "check": look.check,
        "node": look.node,
        "now": ms(look.now),
        "version": look.version,
        "look": {
            "memory": codec.json_text(look.memory),
            "status": look.status,
            "message": look.message,
            "at": str(ms(look.now)),
            "seconds": f"{look.seconds:.3f}",
        },
        "brake": look.brake,
        "release_every": span(look.release_every),
        "targets": [
            {
                "check": seen.check,
                "target": seen.verdict.target,
                "status": seen.verdict.status,
                "severity": seen.verdict.severity,
                "message": seen.verdict.message,
                "state": codec.state_text(seen.state),
                "opens": seen.opens,
                "subject": seen.subject or seen.verdict.target,
                "notice": seen.verdict.notice,
                "flapping": seen.state.flapping,
                "id": uuid.uuid4().hex[:12],
            }
            for seen in look.seen
        ],
        "gone": [{"target": target, "text": text} for target, text in look.gone.items()],
    }
    return codec.script_text({name: value for name, value in given.items() if value is not None})


def plan_fields(plan: Plan) -> Mapping[str, Any]:
    given = {
        "id": plan.incident.id,
        "attempt": plan.incident.attempt,
        "action": plan.decision.action,
        "reason": plan.decision.reason,
        "text": plan.text or plan.decision.action,
        "at_once": plan.decision.at_once,
        "cure": plan.cure or plan.decision.action is Action.BREAK,
        "beside": {open_field(key): _as_seen(other) for key, other in plan.beside.items()},
        "steady": plan.steady,
    }
    if plan.evidence is None:
        return given
    return given | {"evidence": codec.evidence_text(plan.evidence), "evidence_text": plan.evidence_text}


def open_field(key: Key) -> str:
    """Its name among the open incidents."""
    return f"{key.check}|{key.node}|{key.target}"


def _as_seen(incident: Incident | None) -> str:
    """What plan.lua compares: enough to notice that a decision about another incident was taken meanwhile."""
    return f"{incident.id} {incident.tell} {incident.reason or ''}" if incident else ""
