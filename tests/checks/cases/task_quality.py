"""A log of results."""

import json
from dataclasses import replace
from pathlib import Path

from guardian.checks import task_quality
from guardian.logs.entries.reader import JsonLogs
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World


def laid_out(folder: Path) -> World:
    world = World(folder, replace(plain_ports(), entries=JsonLogs()), None)
    world.params = task_quality.Params(files=(folder / "*.jsonl",))
    fall_back(world, *[False] * 5)
    return world


def fall_back(world: World, *fallbacks: bool) -> None:
    with (world.folder / "results.jsonl").open("a") as log:
        log.writelines(json.dumps({"agent": "a", "template_fallback": each}) + "\n" for each in fallbacks)


def make_the_results_unreadable(world: World) -> None:
    (world.folder / "results.jsonl").unlink()
    (world.folder / "results.jsonl").symlink_to("results.jsonl")


CASE = Case(
    lambda _: task_quality.CHECK,
    laid_out,
    fails=lambda world: fall_back(world, *[True] * 5),
    blind=make_the_results_unreadable,
)
