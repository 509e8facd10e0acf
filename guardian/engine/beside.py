"""Which other incidents of the same target bear on a decision: those that take this one in, or are taken in by it."""

from collections.abc import Mapping, Sequence

from guardian.decide.beside import Beside, heard, takes_in
from guardian.engine.engine import Engine, silenced
from guardian.model import Incident, Key, Silence, Status


def over(engine: Engine, key: Key) -> Sequence[Key]:
    """Of the checks that take this one in, as far as they look."""
    names = [name for name, check in engine.checks.items() if check.takes_in == key.check]
    return [Key(name, key.node, key.target) for name in names if engine.config.checks[name].enabled]


def under(engine: Engine, key: Key) -> Sequence[Key]:
    """Of the check that this one takes in."""
    found = engine.checks.get(key.check)
    return [Key(found.takes_in, key.node, key.target)] if found and found.takes_in else []


def first(keys: Sequence[Key], found: Mapping[Key, Incident | None], silences: Sequence[Silence]) -> Beside | None:
    """The one that is open, if any."""
    incident = next((each for key in keys if (each := found.get(key)) is not None), None)
    if incident is None:
        return None
    return Beside(incident, heard(incident, silenced=silenced(incident.key, silences) is not None))


def is_taken_in(engine: Engine, incident: Incident) -> bool:
    """Whether another check's open incident takes this failing one in, as of now."""
    found = engine.store.open_of(over(engine, incident.key))
    return any(takes_in(other, Status.FAIL) for other in found.values())
