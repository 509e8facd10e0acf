"""One of two agents falls back to its template every time: its process is green, and what it makes is of no use."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardian import client
from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Ending, Scene

_GOOD, _BAD = "alice", "bob"
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.task_quality]
files = ["{log}"]
"""
)


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    log = folder / "results.jsonl"

    def report(*, bad: bool) -> None:
        for number in range(10):
            for agent in (_GOOD, _BAD):
                client.report_result(agent, ok=True, task=f"{number}", template_fallback=bad and agent == _BAD, log=log)

    report(bad=False)
    words = f"the results of {_GOOD} and {_BAD}, of whom {_BAD} begins to fall back to a template"
    yield Staged(_CONFIG.format(log=log), words, lambda: report(bad=True), lambda: _paused(folder / "state"))


def _paused(state: Path) -> str:
    """The one may not begin a task, the other may."""
    bad, good = (client.may_start_task(agent=agent, state=state) for agent in (_BAD, _GOOD))
    if bad or bad.cause != "paused" or not good:
        raise SandboxError(f"{_BAD} is told {bad.cause or 'yes'}, {_GOOD} {good.cause or 'yes'}")
    return f"{_BAD} may begin no task ({bad.reason}), and {_GOOD} may"


SCENE = Scene(
    "One agent falls back to its template every time, and is paused",
    "task_quality",
    stage,
    ending=Ending.CONTAINED,
)
