"""A log of costs."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from guardian.checks import budget_burn_rate
from guardian.logs.entries.reader import JsonLogs
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import NOW, Case, World


def laid_out(folder: Path) -> World:
    (folder / "costs.jsonl").touch()
    world = World(folder, replace(plain_ports(), entries=JsonLogs()), None)
    world.params = budget_burn_rate.Params(files=(folder / "*.jsonl",), budget=100)  # type: ignore[arg-type]
    spend(world, 1)
    return world


def spend(world: World, cost: float) -> None:
    with (world.folder / "costs.jsonl").open("a") as log:
        log.write(f'{{"time": "{(NOW - timedelta(days=1)).isoformat()}", "cost": {cost}}}\n')


def make_the_costs_unreadable(world: World) -> None:
    (world.folder / "costs.jsonl").unlink()
    (world.folder / "costs.jsonl").symlink_to("costs.jsonl")


CASE = Case(
    lambda _: budget_burn_rate.CHECK, laid_out, fails=lambda world: spend(world, 200), blind=make_the_costs_unreadable
)
