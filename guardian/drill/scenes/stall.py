"""Every worker takes a task, fails in silence, and the tasks stay in `doing` until the cap is full."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Scene

_TASKS, _AGE = 6, 3600
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.pipeline_stall]
[pipelines.folder.drill]
path = "{tasks}"
writers = "client"
"""
)


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    tasks = folder / "tasks"
    tasks.mkdir()
    for number in range(_TASKS):
        write(tasks, number, state="assigned")
    words = f"a folder of {_TASKS} tasks, and a cap of {_TASKS}"

    def stalls() -> None:
        for number in range(_TASKS):
            write(tasks, number, state="doing", worker="writer-1", started_at=time.time() - _AGE)

    yield Staged(_CONFIG.format(tasks=tasks), words, stalls, lambda: _rolled_back(tasks))


def write(tasks: Path, number: int, **fields: object) -> None:
    """Whole, as a client does."""
    new = tasks / f".{number}"
    task = {"id": f"task-{number}", "kind": "article", "subject": f"subject {number}", **fields}
    new.write_text(json.dumps(task), encoding="utf-8")
    new.replace(tasks / f"task-{number}.json")


def _rolled_back(tasks: Path) -> str:
    found = [json.loads(path.read_bytes()) for path in sorted(tasks.glob("*.json"))]
    states = [(task["state"], task.get("worker"), task.get("retry_count")) for task in found]
    if states != [("assigned", None, 1)] * _TASKS:
        raise SandboxError(f"the tasks are {states}")
    return f"{_TASKS} tasks assigned anew, to nobody yet, each with 1 retry and not before {found[0]['not_before']}"


SCENE = Scene(
    "A pipeline stands still, its cap full of tasks that nobody gets on with",
    "pipeline_stall",
    stage,
    limit=timedelta(seconds=60),
)
