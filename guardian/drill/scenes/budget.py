"""An agent calls its model in a loop: a hundred times of what it costs by day."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardian import client
from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Ending, Scene

_BUDGET = 720
"""A month: a dollar an hour."""
_SPREE = 120
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.budget_burn_rate]
files = ["{log}"]
budget = {budget}
"""
)


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    log = folder / "costs.jsonl"
    now = time.time()
    for hour in range(6, 0, -1):
        _spend(log, now - hour * 3600, "writer", "0.9")
    words = f"the costs of two agents, {_BUDGET} dollars a month; within minutes one of them spends {_SPREE // 2} more"
    yield Staged(_CONFIG.format(log=log, budget=_BUDGET), words, lambda: _runs_away(log), lambda: _slowed(folder))


def _runs_away(log: Path) -> None:
    for second in range(_SPREE):
        _spend(log, time.time() - second, "researcher", "0.5")


def _spend(log: Path, at: float, agent: str, cost: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"time": at, "agent": agent, "model": "example", "cost": cost}) + "\n")


def _slowed(folder: Path) -> str:
    """Whoever asks is told to go slowly."""
    answer = client.may_start_task(agent="writer", state=folder / "state")
    if not answer or answer.pace >= 1:
        raise SandboxError("agents may go on at their usual pace")
    return f"agents that ask may go on at a pace of {answer.pace:g}"


SCENE = Scene(
    "One agent's calls cost a hundred times as much as usual, and all are slowed down",
    "budget_burn_rate",
    stage,
    ending=Ending.CONTAINED,
)
