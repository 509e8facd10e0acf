"""The JSON form of what several commands print."""

from collections.abc import Sequence

from guardian.engine.engine import silenced
from guardian.engine.explain import Next, what_next
from guardian.engine.overview import brief_incident
from guardian.model import JSON, Incident, Silence


def incident_document(incident: Incident, silences: Sequence[Silence]) -> dict[str, JSON]:
    """As in the health summary, and what is next."""
    steps = what_next(incident, silenced(incident.key, silences))
    return {**brief_incident(incident), "next": [next_document(step) for step in steps]}


def next_document(step: Next) -> dict[str, JSON]:
    return {"what": step.what, "at": step.at.isoformat() if step.at else None}
