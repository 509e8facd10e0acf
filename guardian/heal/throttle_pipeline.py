"""Slow down the pipeline, one agent or one kind, to the share that the order names; 0 is a pause. Without an order, all
of it to half its pace. An order of less than what stands for the incident takes its place, step by step."""

from dataclasses import replace

from guardian.heal.base import Remedy
from guardian.heal.shared.containing import containing
from guardian.ports import Containment


def bind(order: Containment | None) -> Remedy:
    return replace(containing(order), bind=bind)


REMEDY = bind(Containment(share=0.5))
