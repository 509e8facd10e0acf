"""The six checks of a pipeline at once, by a real beat and real workers, over files, SQLite and PostgreSQL: what was
seen, done and told of each is in the history."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian import services
from guardian.drill.sandbox import guardian
from guardian.history.values import PastIncident
from tests.checks.json_lines import append
from tests.pipelines.benches import Bench, bench_of
from tests.postgres_server import postgres_process, postgres_url
from tests.real_pm2 import wait_for

__all__ = ["postgres_process", "postgres_url"]

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

STORES = ("files", "sqlite", "postgresql")
HOUR = 3600
_CONFIG = """
[supervisors.pm2]
enabled = false
[supervisors.supervisord]
enabled = false
[checks.pipeline_stall]
interval = "2s"
[checks.stuck_tasks]
interval = "2s"
[checks.orchestrator_activity]
interval = "2s"
files = ["{folder}/orchestrator.log"]
[checks.task_quality]
interval = "2s"
files = ["{folder}/results.jsonl"]
[checks.ai_validation]
interval = "2s"
files = ["{folder}/validation.jsonl"]
[checks.cursor_queue]
interval = "2s"
[checks.cursor_queue.queues.alice]
folder = "{folder}/alice"
max_depth = 50
"""


@dataclass(frozen=True)
class Scene:
    folder: Path
    stores: Mapping[str, Bench]

    def task(self, store: str, id_: str, age: float, kind: str = "report") -> None:
        self.stores[store].put(
            id=id_, kind=kind, subject=id_, state="doing", worker="w1", started_at=time.time() - age
        )  # fmt: skip

    def state(self, store: str, id_: str) -> tuple[object, object]:
        task = self.stores[store].get(id_)
        return task["state"], task.get("worker")

    def validate(self, count: int, bad: str = "") -> None:
        agents = ("a0", "a1", "a2")
        append(self.folder / "validation.jsonl", *(
            {"agent": agent, "passed": turn % 4 == 0 if agent == bad else turn % 20 != 0, "id": f"{agent}-{turn}"}
            for turn in range(count) for agent in agents
        ))  # fmt: skip

    def report(self, count: int, *, bad: bool = False) -> None:
        append(self.folder / "results.jsonl", *[{"agent": "writer", "template_fallback": bad}] * count)

    def orchestrate(self, age: float = 0) -> None:
        log = self.folder / "orchestrator.log"
        log.write_text("dispatched\n")
        os.utime(log, (time.time() - age,) * 2)

    def queue(self, count: int) -> None:
        for number in range(count):
            (self.folder / "alice" / f"{number}.job").touch()


@pytest.fixture
def scene(postgres_url: str) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory(prefix="gw-", dir="/tmp") as name:  # short: a socket's path must be
        folder = Path(name)
        stores = {}
        for kind in STORES:
            (folder / kind).mkdir()
            stores[kind] = bench_of(kind, folder / kind, postgres_url)
        (folder / "alice").mkdir()
        made = Scene(folder, stores)
        made.validate(200)
        made.report(10)
        made.orchestrate()
        yield made


@contextmanager
def running(scene: Scene, postgres_url: str) -> Iterator[None]:
    folder = scene.folder
    more = 'workers = ["w1", "w2"]\nlimits = {train = "10m"}\n'
    sections = (
        f'[pipelines.folder.files]\npath = "{folder}/files/tasks"\nwriters = "client"\n{more}'
        f'[pipelines.sql.sqlite]\nurl = "sqlite:///{folder}/sqlite/tasks.db"\ntable = "tasks"\n{more}'
        f'[pipelines.sql.postgresql]\nurl = "{postgres_url}"\ntable = "tasks"\n{more}'
    )
    with guardian(folder, _CONFIG.format(folder=folder) + sections):
        yield


def past(scene: Scene) -> Callable[[str], list[PastIncident]]:
    """The incidents of a check, out of the history."""
    config = services.load_config(scene.folder / "guardian.toml")
    history = services.open_history(config, scene.folder / "state")
    now = datetime.now(UTC)
    found = history.read(now - timedelta(hours=1), now + timedelta(minutes=1))
    incidents = found.incidents if found is not None else []
    return lambda check: [each for each in incidents if each.check == check]


def over(scene: Scene, check: str, *targets: str) -> bool:
    """Whether the history has an incident of each, and its end."""
    ended = {each.target for each in past(scene)(check) if each.resolved_at is not None}
    return ended >= set(targets)


def test_each_of_the_six_is_seen_dealt_with_and_in_the_history(scene: Scene, postgres_url: str) -> None:
    with running(scene, postgres_url):
        for store in STORES:
            scene.task(store, "stalled", HOUR)
            scene.task(store, "fresh", 60)
        scene.report(6, bad=True)
        scene.validate(60, bad="a1")
        scene.orchestrate(age=2 * HOUR)
        scene.queue(60)
        for store in STORES:
            wait_for(f"{store}: rolled back", lambda store=store: scene.state(store, "stalled") == ("assigned", None))
            assert scene.state(store, "fresh") == ("doing", "w1")
        told = {"task_quality": "agent writer", "ai_validation": "agent a1", "orchestrator_activity": "orchestrator"}
        told |= {"cursor_queue": "alice"}
        for check, target in told.items():
            wait_for(f"{check} is told", lambda c=check, t=target: _told(scene, c, t), 60)
        flags = json.loads((scene.folder / "state" / "flags.json").read_text())
        assert [flag["scope"] for flag in flags["flags"]] == ["agent:writer"]
        # all is well again
        scene.report(1)
        scene.validate(300)
        scene.orchestrate()
        for job in (scene.folder / "alice").iterdir():
            job.unlink()
        for check, target in told.items():
            wait_for(f"{check} is over", lambda c=check, t=target: over(scene, c, t), 60)
        wait_for("the stalls are over", lambda: over(scene, "pipeline_stall", *(f"{s}/stalled" for s in STORES)), 60)
        healed = [each for each in past(scene)("pipeline_stall") if each.healed and each.target.endswith("/stalled")]
        assert {each.target for each in healed} == {f"{store}/stalled" for store in STORES}


def test_a_task_over_its_kinds_limit_goes_to_another_worker_in_every_store(scene: Scene, postgres_url: str) -> None:
    with running(scene, postgres_url):
        for store in STORES:
            scene.task(store, "long", HOUR / 2, kind="train")
        for store in STORES:
            wait_for(f"{store}: given to w2", lambda store=store: scene.state(store, "long") == ("assigned", "w2"))
        wait_for("it is over", lambda: over(scene, "stuck_tasks", *(f"{store}/long" for store in STORES)), 60)


def _told(scene: Scene, check: str, target: str) -> bool:
    return any(each.told for each in past(scene)(check) if each.target == target)
