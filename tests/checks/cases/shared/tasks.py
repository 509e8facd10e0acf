"""A folder of tasks, one of which is old."""

import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from guardian.checks.base import Check
from guardian.pipelines.folder import Params as FolderParams
from guardian.pipelines.folder import open_folder
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import NOW, Case, World


def laid_out(folder: Path, params: Any) -> World:
    """Two tasks that are worked on, and one worker who could take another."""
    tasks = folder / "tasks"
    tasks.mkdir()
    store_params = FolderParams(path=tasks, writers="client", workers=("w9",), limits={"train": timedelta(hours=1)})
    store = replace(open_folder("main", store_params), now=lambda: NOW)
    world = World(folder, replace(plain_ports(), tasks=(store,), now=lambda: NOW), params)
    write_task(world, "a", NOW - timedelta(minutes=5))
    write_task(world, "b", NOW - timedelta(minutes=5))
    return world


def write_task(world: World, name: str, since: datetime) -> None:
    task = {"state": "doing", "kind": "train", "worker": "w1", "started_at": since.timestamp()}
    (world.folder / "tasks" / f"{name}.json").write_text(json.dumps(task))


def case(check: Check, params: Any) -> Case:
    return Case(
        lambda _: check,
        lambda folder: laid_out(folder, params),
        fails=lambda world: write_task(world, "a", NOW - timedelta(hours=2)),
        blind=lambda world: shutil.rmtree(world.folder / "tasks"),
    )
