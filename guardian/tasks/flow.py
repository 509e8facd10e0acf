"""What happens next: heal -> verify -> alert -> escalate.

A follow-up is the rest of this chain from some link on. Every link asks the store what is due; a link after which
nothing is, ends the chain. The store has each next step with its due time before it is sent, so a message that is
lost, or that a worker takes down with it, is sent again by the sweep; one that comes twice finds the step taken.
"""

import logging
from collections.abc import Sequence
from typing import Any

from celery import Task, chain, signature
from celery.canvas import Signature
from kombu.exceptions import OperationalError

from guardian.app import GuardianApp
from guardian.engine.engine import Engine
from guardian.engine.queues import TELL, heal_queue
from guardian.model import Stage, Step

_LINKS = tuple(Stage)

logger = logging.getLogger(__name__)


def task_name(stage: Stage) -> str:
    return f"guardian.{stage}"


def follow(engine: Engine, steps: Sequence[Step]) -> None:
    """Send the steps. A broker that is away costs time only: the sweep sends them later."""
    for step in steps:
        links = [_link(engine, step, stage) for stage in _LINKS[_LINKS.index(step.stage) :]]
        if step.root_id:
            # on the first link itself: a chain hands only the root on
            links[0].options.update({"root_id": step.root_id, "parent_id": step.parent_id})
        try:
            chain(*links).apply_async()
        except OperationalError as error:
            logger.warning("%s of %s waits for the sweep: %s", step.stage, step.incident, error)


def send_kept(channels: Sequence[str]) -> None:
    """Have what waits for these channels sent."""
    for name in channels:
        try:
            signature("guardian.deliver", args=(name,), queue=TELL).apply_async()
        except OperationalError as error:
            logger.warning("what is kept for %s waits for the sweep: %s", name, error)


def _link(engine: Engine, step: Step, stage: Stage) -> Signature[Any]:
    return signature(
        task_name(stage), args=(step.incident, step.attempt), immutable=True, queue=_queue(engine, step, stage)
    )


def _queue(engine: Engine, step: Step, stage: Stage) -> str:
    if stage is Stage.ALERT:
        return TELL
    if stage is Stage.ESCALATE:
        return heal_queue(engine.config.escalation.node or step.node)
    return heal_queue(step.node)


def engine_of(task: Task[..., Any]) -> Engine:
    """The engine of this worker process."""
    app = task.app
    if not isinstance(app, GuardianApp):
        raise TypeError(f"{task.name} runs in a Celery application that is not Guardian's")
    return app.engine


def begin(task: Task[..., Any], incident: str) -> Engine:
    """Note in the store which message carries the incident now, so that later ones hang below it in Flower."""
    engine = engine_of(task)
    request = task.request
    engine.store.link(incident, str(request.root_id or request.id), str(request.id))
    return engine


def end_chain(task: Task[..., Any]) -> None:
    task.request.chain = None
