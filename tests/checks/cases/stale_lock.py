"""The example of a plug-in, as it is loaded: its looks go through a process of their own."""

from pathlib import Path

from guardian.checks.base import Check
from guardian.engine import plugins
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World

EXAMPLE = Path(__file__).parents[3] / "examples" / "own-checks"
DEAD_PID = 2**22 + 1
"""More than Linux gives to any process."""


def laid_out(folder: Path) -> World:
    lock = folder / "run.lock"
    lock.write_text("1")
    check = plugin(World(folder, plain_ports(), None))
    return World(folder, plain_ports(), check.params(files=(lock,)))


def plugin(_world: World) -> Check:
    """As it is loaded: its looks go through a process of their own."""
    return plugins.load([EXAMPLE / "checks"], None, {"CHECK": (), "REMEDY": ()}, ()).checks["stale_lock"]


def make_unreadable(world: World) -> None:
    (world.folder / "run.lock").unlink()
    (world.folder / "run.lock").mkdir()


CASE = Case(
    plugin,
    laid_out,
    fails=lambda world: (world.folder / "run.lock").write_text(str(DEAD_PID)) and None,
    blind=make_unreadable,
)
