"""The contract, kept by every check that Guardian has, by a plug-in and by a command."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian import services
from guardian.checks import budget_burn_rate, log_rotation, process_health, restart_anomaly
from guardian.checks.base import Check
from guardian.checks.command import CHECK as COMMAND
from guardian.checks.command import Params
from guardian.engine import plugins
from guardian.host.commands import Commands
from guardian.logs.entries.reader import JsonLogs
from guardian.logs.rotation.rotation import Rotation
from guardian.logs.tail import LogTail
from guardian.model import OwnAct
from guardian.ports import Fleet, LogFile, Ports, ProcessState, SupervisedProcess
from tests.checks.contract import NOW, Case, CheckContract, World

EXAMPLE = Path(__file__).parents[2] / "examples" / "own-checks"
DEAD_PID = 2**22 + 1
"""More than Linux gives to any process."""


@dataclass
class Processes:
    """A supervisor whose answers a test sets; keeps the orders it is given. And no acts of Guardian's own."""

    fleet: Fleet
    name: str = "made up"
    orders: list[str] = field(default_factory=list)

    def look(self) -> Sequence[Fleet]:
        return [self.fleet]

    def find(self, target: str) -> SupervisedProcess | None:
        raise NotImplementedError

    def restart(self, target: str) -> None:
        self.orders.append(target)

    def stop(self, target: str) -> None:
        self.orders.append(target)

    def recent(self) -> Sequence[OwnAct]:
        return ()


def processes(state: ProcessState, error: str | None = None, restarts: int = 0) -> Fleet:
    online = SupervisedProcess("api", state, 7, restarts, NOW - timedelta(hours=1), None, 1, autorestart=True)
    return Fleet("made up", () if error else [online], None if error else "daemon", error)


def process_health_world(folder: Path) -> World:
    supervisor = Processes(processes(ProcessState.ONLINE))
    ports = Ports("n", [supervisor], supervisor, LogTail())
    return World(folder, ports, process_health.Params(), lambda: list(supervisor.orders))


def restart_anomaly_world(folder: Path) -> World:
    return replace(process_health_world(folder), params=restart_anomaly.Params())


def set_fleet(world: World, fleet: Fleet) -> None:
    supervisor: Any = world.ports.supervisors[0]
    supervisor.fleet = fleet


def plain_ports() -> Ports:
    return Ports("n", [], Processes(Fleet("none")), LogTail(), Commands())


def command_world(folder: Path) -> World:
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "inbox").mkdir()
    return World(folder, plain_ports(), Params(run=("./backlog.sh", "inbox", "3")))


def fill(world: World) -> None:
    for number in range(4):
        (world.folder / "inbox" / f"{number}.job").touch()


def command(world: World) -> Check:
    assert COMMAND.member is not None
    return COMMAND.member("inbox", world.params, world.folder)


def plugin_world(folder: Path) -> World:
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


def log_rotation_world(folder: Path) -> World:
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


def budget_world(folder: Path) -> World:
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


CASES = [
    Case(
        "budget_burn_rate",
        lambda _: budget_burn_rate.CHECK,
        budget_world,
        fails=lambda world: spend(world, 200),
        blind=make_the_costs_unreadable,
    ),
    Case("log_rotation", lambda _: log_rotation.CHECK, log_rotation_world, fails=grow, blind=make_the_log_unreadable),
    Case(
        "process_health",
        lambda _: process_health.CHECK,
        process_health_world,
        fails=lambda world: set_fleet(world, processes(ProcessState.ERRORED)),
        blind=lambda world: set_fleet(world, processes(ProcessState.ONLINE, "it hangs")),
    ),
    Case(
        "restart_anomaly",
        lambda _: restart_anomaly.CHECK,
        restart_anomaly_world,
        fails=lambda world: set_fleet(world, processes(ProcessState.ONLINE, restarts=50)),
        blind=lambda world: set_fleet(world, processes(ProcessState.ONLINE, "it hangs")),
    ),
    Case("command", command, command_world, fails=fill, blind=lambda world: (world.folder / "inbox").rmdir()),
    Case(
        "stale_lock",
        plugin,
        plugin_world,
        fails=lambda world: (world.folder / "run.lock").write_text(str(DEAD_PID)) and None,
        blind=make_unreadable,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
class TestEveryCheck(CheckContract):
    pass


def test_every_check_of_guardians_own_has_its_case() -> None:
    assert services.checks().keys() <= {case.id for case in CASES}


def test_a_judge_that_touches_the_world_is_caught(tmp_path: Path) -> None:
    def reads(*arguments: Any) -> Any:
        (tmp_path / "x").open("w").close()
        return process_health.judge(*arguments)

    impure = replace(
        next(case for case in CASES if case.id == "process_health"),
        check=lambda _: replace(process_health.CHECK, judge=reads),
    )
    with pytest.raises(AssertionError, match="touched the world: open"):
        CheckContract().test_judging_is_pure_and_gives_the_same_for_the_same(impure, impure.world(tmp_path))
