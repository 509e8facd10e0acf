"""`guardian.scan`: is this script fit to run? An executor calls it before each one, and obeys the report's `verdict`.

    from guardian.tasks.scan import scan
    report = scan.delay(path="/srv/scripts/made.py", agent="writer").get(timeout=30)

Acknowledged when it is answered: a worker that dies gives the message back, and all that a scan does is done once,
however often it is begun. `guardian.client` is the same with less to get wrong.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from celery import Task, shared_task

from guardian.engine import scan_notice, scanning
from guardian.engine.queues import SCAN
from guardian.engine.scanning import Asked
from guardian.errors import StoreError
from guardian.tasks.flow import engine_of

NAME = "guardian.scan"

logger = logging.getLogger(__name__)


class _Answering(Task[..., Any]):
    """Has what can wait done when the answer is out."""

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:  # noqa: ARG002  Celery calls it
        if (keep := getattr(self.request, "keep", None)) is not None:
            keep()


@shared_task(
    base=_Answering,
    bind=True,
    name=NAME,
    queue=SCAN,
    ignore_result=False,
    acks_late=True,
    reject_on_worker_lost=True,
)
def scan(
    self: Task[..., Any],
    path: str | None = None,
    source: str | None = None,
    filename: str = "<source>",
    agent: str | None = None,
) -> Mapping[str, Any]:
    """The report as JSON. Never raises because of what it found."""
    engine = engine_of(self)
    asked = Asked(path=path, source=source, filename=str(filename), agent=agent)
    done = scanning.scan(engine.desk, str(self.request.id), asked, datetime.now(UTC))
    self.request.keep = done.keep  # type: ignore[attr-defined]  # Celery's context takes what is put there
    try:
        scan_notice.notice(engine, done.answer)
        if done.trouble or done.answer["findings"]:
            scan_notice.security_report(engine, done.trouble)
    except StoreError as error:
        logger.warning("nobody is told of %s: %s", scanning.name_of(done.answer), error)
    return done.answer
