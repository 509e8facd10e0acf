"""Pause the pipeline, one agent or one kind: whoever asks the client gets no new task."""

from dataclasses import replace

from guardian.heal.base import Remedy
from guardian.heal.shared.containing import containing
from guardian.ports import Containment

_ALL = Containment()


def bind(order: object) -> Remedy:
    """An order that names no one is for all; where a check could not say, nothing is done."""
    wanted = replace(order, share=0.0) if isinstance(order, Containment) else _ALL
    return replace(containing(wanted if order else None), bind=bind)


REMEDY = bind(_ALL)
