"""The work of one of three agents no longer passes validation."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Ending, Scene

_AGENTS = ("alice", "bob", "carol")
_BAD = "bob"
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.ai_validation]
files = ["{log}"]
"""
)


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    log = folder / "validation.jsonl"
    _write(log, 600, bad="")
    words = f"the validations of {', '.join(_AGENTS)}, of whom {_BAD} drops from 95 % to 25 %"
    yield Staged(_CONFIG.format(log=log), words, lambda: _write(log, 180, bad=_BAD), lambda: _review(folder))


def _write(log: Path, count: int, bad: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        for number in range(count):
            agent, turn = _AGENTS[number % 3], number // 3
            passed = turn % 4 == 0 if agent == bad else number % 20 != 0
            line = {"id": f"{agent}-{turn}", "agent": agent, "validator": "lint", "passed": passed}
            file.write(json.dumps(line) + "\n")


def _review(folder: Path) -> str:
    """The task names samples of the agent that dropped."""
    tasks = [json.loads(path.read_bytes()) for path in (folder / "state" / "escalations").glob("*.task")]
    found = next((task for task in tasks if task["kind"] == "quality_review"), None)
    if found is None:
        raise SandboxError("there is no task to review anything")
    samples = found["evidence"]["facts"]["worst_samples"]
    if found["target"] != f"agent {_BAD}" or not all(sample.startswith(_BAD) for sample in samples):
        raise SandboxError(f"the task is about {found['target']}: {samples}")
    return f"a task to review {len(samples)} samples of {_BAD}: {', '.join(samples[:3])} ..."


SCENE = Scene(
    "One agent's work no longer passes validation, and that is said of this agent",
    "ai_validation",
    stage,
    ending=Ending.TOLD,
)
