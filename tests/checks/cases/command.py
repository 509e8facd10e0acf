"""The example of a command: a backlog."""

import shutil
from pathlib import Path

from guardian.checks.base import Check
from guardian.checks.command import CHECK as COMMAND
from guardian.checks.command import Params
from tests.checks.cases.shared.inbox import fill
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World

EXAMPLE = Path(__file__).parents[3] / "examples" / "own-checks"


def laid_out(folder: Path) -> World:
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "inbox").mkdir()
    return World(folder, plain_ports(), Params(run=("./backlog.sh", "inbox", "3")))


def command(world: World) -> Check:
    assert COMMAND.member is not None
    return COMMAND.member("inbox", world.params, world.folder)


CASE = Case(command, laid_out, fails=fill, blind=lambda world: (world.folder / "inbox").rmdir())
