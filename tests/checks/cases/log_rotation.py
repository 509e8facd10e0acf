"""One log."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from guardian.checks import log_rotation
from guardian.logs.rotation.rotation import Rotation
from guardian.ports import LogFile
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World


def laid_out(folder: Path) -> World:
    (folder / "logs").mkdir()
    (folder / "logs" / "app.log").write_text("fine\n")
    ports = replace(plain_ports(), rotation=Rotation())
    return World(folder, ports, log_rotation.Params(files=(folder / "logs" / "*.log",), max_size=100_000))


def grow(world: World) -> None:
    (world.folder / "logs" / "app.log").write_text("fine\n" * 50_000)


class Unreadable(Rotation):
    """A file system that answers with an error: root, who runs the tests at times, is refused nothing."""

    def look(self, *_: Any) -> Sequence[LogFile]:
        return [LogFile("/srv/app.log", error="Input/output error")]


def make_the_log_unreadable(world: World) -> None:
    world.ports = replace(world.ports, rotation=Unreadable())


CASE = Case(lambda _: log_rotation.CHECK, laid_out, fails=grow, blind=make_the_log_unreadable)
