"""Pause the pipeline, one agent or one kind: whoever asks the client gets no new task. Without an order, all of it."""

from dataclasses import replace

from guardian.heal.base import Remedy
from guardian.heal.shared.containing import containing
from guardian.ports import Containment


def bind(order: Containment | None) -> Remedy:
    return replace(containing(replace(order, share=0.0) if order else None), bind=bind)


REMEDY = bind(Containment())
