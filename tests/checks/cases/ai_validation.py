"""A log of validations."""

from dataclasses import replace
from pathlib import Path

from guardian.checks import ai_validation
from guardian.logs.entries.reader import JsonLogs
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World
from tests.checks.json_lines import append


def laid_out(folder: Path) -> World:
    log = folder / "v.jsonl"
    append(log, *[{"agent": "a", "passed": number % 20 != 0} for number in range(400)])
    return World(folder, replace(plain_ports(), entries=JsonLogs()), ai_validation.Params(files=(str(log),)))


def fail_validations(world: World) -> None:
    append(world.folder / "v.jsonl", *[{"agent": "a", "passed": False}] * 100)


CASE = Case(
    lambda _: ai_validation.CHECK,
    laid_out,
    fails=fail_validations,
    blind=lambda world: (world.folder / "v.jsonl").unlink(),
)
