"""One folder as a queue."""

from dataclasses import replace
from pathlib import Path

from guardian.checks import cursor_queue
from guardian.config.queues import Params as QueueParams
from guardian.queues.opening import opened
from tests.checks.cases.shared.inbox import fill
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World


def laid_out(folder: Path) -> World:
    (folder / "inbox").mkdir()
    params = QueueParams.model_validate({"max_depth": 3, "queues": {"inbox": {"folder": str(folder / "inbox")}}})
    return World(folder, replace(plain_ports(), queues=opened(params)), params)


def remove_inbox(world: World) -> None:
    (world.folder / "inbox").rmdir()


CASE = Case(lambda _: cursor_queue.CHECK, laid_out, fails=fill, blind=remove_inbox)
