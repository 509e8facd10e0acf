"""Slow down the pipeline, one agent or one kind, to the share that the order names; 0 is a pause. An order of less than
what stands for the incident takes its place, step by step."""

from dataclasses import replace

from guardian.heal.base import Remedy
from guardian.heal.shared.containing import containing
from guardian.ports import Containment

_ALL = Containment(share=0.5)


def bind(order: object) -> Remedy:
    """An order that names no one halves the pace of all; where a check could not say, nothing is done."""
    wanted = order if isinstance(order, Containment) else _ALL
    return replace(containing(wanted if order else None), bind=bind)


REMEDY = bind(_ALL)
