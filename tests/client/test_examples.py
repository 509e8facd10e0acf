"""examples/pipeline as real processes, with a folder of tasks and a store on a real server."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.engine.readings import NotedStore
from guardian.pipelines.folder import Params, open_folder
from guardian.ports import EVERYTHING, Flag, TaskChange, TaskState
from tests.store.world import World

EXAMPLES = Path(__file__).parents[2] / "examples" / "pipeline"
LIMIT = 60


def until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@dataclass
class Pipeline:
    state: Path
    place: Path
    world: World
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def orchestrator(self, *backlog: str) -> subprocess.Popen[str]:
        file = self.place.with_name("backlog")
        file.write_text("\n".join(backlog))
        return self._started("orchestrator.py", str(file))

    def executor(self, worker: str) -> subprocess.Popen[str]:
        return self._started("executor.py", worker)

    def _started(self, name: str, last: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, str(EXAMPLES / name), str(self.state), str(self.place), last]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        return process

    def tasks(self) -> dict[str, Any]:
        held = [json.loads(path.read_text()) for path in self.place.glob("*.json")]
        return {f"{task['kind']} {task['subject']}": task for task in held}

    def states(self) -> dict[str, str]:
        return {name: task["state"] for name, task in self.tasks().items()}

    def lines(self, name: str) -> list[Any]:
        path = self.state / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def pipeline(world: World, state: Path, tmp_path: Path) -> Iterator[Pipeline]:
    place = tmp_path / "tasks"
    place.mkdir()
    made = Pipeline(state, place, world)
    yield made
    for process in made.running:
        process.kill()
        process.communicate()


def test_what_the_backlog_says_is_done_once_reported_and_paid_for(pipeline: Pipeline) -> None:
    orchestrator = pipeline.orchestrator("echo one", "echo two", "echo one", "juggle 3", "sleep 0.01")
    said, _ = orchestrator.communicate(timeout=LIMIT)
    assert said.count(" is created") == 4
    assert "the same kind and subject was begun today already" in said
    for worker in ("w1", "w2"):
        pipeline.executor(worker)
    wanted = {"echo one": "done", "echo two": "done", "juggle 3": "failed", "sleep 0.01": "done"}
    until(lambda: pipeline.states() == wanted, "all is done")
    until(lambda: len(pipeline.lines("costs.jsonl")) == 4, "all is paid for")
    results = {line["task"]: line for line in pipeline.lines("results.jsonl")}
    assert {task["id"]: task["worker"] for task in pipeline.tasks().values()} == {
        id_: line["agent"] for id_, line in results.items()
    }
    assert sorted(line["ok"] for line in results.values()) == [False, True, True, True]
    assert pipeline.tasks()["echo two"]["output"] == "two"
    assert set(pipeline.world.store.heartbeats.workers()) >= {line["agent"] for line in results.values()}


def test_while_it_is_paused_nothing_is_created_and_nothing_begun(pipeline: Pipeline) -> None:
    flags = pipeline.world.store.flags
    flags.put(Flag(EVERYTHING, 0.0, "deploy", "ann", pipeline.world.now))
    orchestrator = pipeline.orchestrator("echo one")
    assert orchestrator.stdout is not None
    assert "waits: paused, all by ann: deploy" in orchestrator.stdout.readline()
    assert pipeline.tasks() == {}
    flags.put(Flag("agent:w1", 0.0, "odd", "ann", pipeline.world.now))
    flags.lift(EVERYTHING, "ann")
    until(lambda: pipeline.states() == {"echo one": "assigned"}, "it is created")
    pipeline.executor("w1")
    until(lambda: "w1" in pipeline.world.store.heartbeats.workers(), "the first one asked")
    assert pipeline.states() == {"echo one": "assigned"}
    pipeline.executor("w2")
    until(lambda: pipeline.states() == {"echo one": "done"}, "the other one does it")
    assert pipeline.tasks()["echo one"]["worker"] == "w2"


def test_who_was_too_slow_leaves_the_result_to_the_one_that_has_it_now(pipeline: Pipeline) -> None:
    """The hands of Guardian: the task is rolled back while the first worker sleeps in it."""
    store = NotedStore(open_folder("tasks", Params(path=pipeline.place, writers="client")), pipeline.world.store.starts)
    pipeline.orchestrator("sleep 1.5").communicate(timeout=LIMIT)
    pipeline.executor("slow")
    until(lambda: pipeline.states() == {"sleep 1.5": "doing"}, "it is begun")
    [task] = store.read(timedelta(days=1)).tasks
    change = TaskChange(TaskState.ASSIGNED, "quick", task.retries + 1, task.attempt + 1)
    assert store.change(task, change)
    pipeline.executor("quick")
    until(lambda: pipeline.states() == {"sleep 1.5": "done"}, "it is done")
    until(lambda: len(pipeline.lines("results.jsonl")) == 1, "it is reported")
    held = pipeline.tasks()["sleep 1.5"]
    assert (held["worker"], held["attempt"], held["retry_count"]) == ("quick", 1, 1)
    until(lambda: pipeline.world.store.heartbeats.workers()["slow"].task is None, "the slow one goes on")
    assert [(line["agent"], line["attempt"]) for line in pipeline.lines("results.jsonl")] == [("quick", 1)]
