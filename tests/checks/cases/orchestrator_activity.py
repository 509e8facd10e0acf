"""An orchestrator's log."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from guardian.checks import orchestrator_activity
from guardian.logs.entries.reader import JsonLogs
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import NOW, Case, World


def laid_out(folder: Path) -> World:
    world = World(folder, replace(plain_ports(), entries=JsonLogs()), None)
    world.params = orchestrator_activity.Params(files=(folder / "*.log",))
    write_at(world, NOW - timedelta(minutes=1))
    return world


def write_at(world: World, at: datetime) -> None:
    log = world.folder / "orchestrator.log"
    log.write_text("dispatched\n")
    os.utime(log, (at.timestamp(), at.timestamp()))


CASE = Case(
    lambda _: orchestrator_activity.CHECK,
    laid_out,
    fails=lambda world: write_at(world, NOW - timedelta(hours=2)),
    blind=lambda world: write_at(world, NOW + timedelta(hours=2)),
)
