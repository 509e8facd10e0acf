"""What the control flags say of the incidents whose remedy contains."""

from collections.abc import Mapping, Sequence

from guardian.decide.containment import Contained, contained
from guardian.engine.engine import Engine
from guardian.heal.base import Remedy
from guardian.model import Incident, RemedyKind


def states(engine: Engine, incidents: Sequence[Incident]) -> Mapping[str, Contained]:
    """By incident, of those that are contained or could be; the flags are read once, and only where there are any."""
    found = {each.id: (each, remedy) for each in incidents if (remedy := _containing(engine, each))}
    if not found:
        return {}
    standing, lifted = engine.ports.flags.standing(), engine.ports.flags.lifted()
    states = {}
    for id_, (incident, remedy) in found.items():
        if remedy.contains is not None:
            states[id_] = contained(remedy.contains, id_, standing, lifted)
        elif remedy.already_done(engine.ports, incident.key.target, incident.opened_at):
            states[id_] = Contained.STANDS  # by something of its own
    return states


def _containing(engine: Engine, incident: Incident) -> Remedy | None:
    found = engine.remedy_for(incident.key.check, incident.key.target)
    return found[1] if found and found[1].kind is RemedyKind.CONTAIN else None
