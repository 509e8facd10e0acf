"""A poller creates the same task again and again under new ids, faster than anybody notices, and workers begin them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardian import client
from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Ending, Scene
from guardian.drill.scenes.stall import write

_CAP, _BEGUN, _MORE = 6, 8, 40
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.pipeline_stall]
[pipelines.folder.drill]
path = "{tasks}"
writers = "client"
cap = {cap}
"""
)


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    tasks = folder / "tasks"
    tasks.mkdir()
    write(tasks, 0, state="assigned", created_at=time.time())

    def floods() -> None:
        for number in range(1, _BEGUN + 1):
            write(tasks, number, subject="the same", state="doing", worker=f"writer-{number}", started_at=time.time())
        for number in range(_BEGUN + 1, _BEGUN + _MORE + 1):
            write(tasks, number, subject="the same", state="assigned", created_at=time.time())

    words = f"a folder of tasks and a cap of {_CAP}; {_BEGUN + _MORE} of one subject appear, {_BEGUN} of them begun"
    yield Staged(_CONFIG.format(tasks=tasks, cap=_CAP), words, floods, lambda: _braked(folder / "state"))


def _braked(state: Path) -> str:
    """Whoever asks is told to wait."""
    answer = client.may_start_task(agent="writer-9", kind="article", subject="another", state=state)
    if answer or answer.cause != "full":
        raise SandboxError(f"a worker that asks may begin: {answer.reason or answer.cause}")
    return f"a worker that asks for one more is told: {answer.reason}"


SCENE = Scene(
    "The same task is created again and again, and more are begun than there is room for",
    "pipeline_stall",
    stage,
    ending=Ending.TOLD,
)
