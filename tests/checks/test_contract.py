"""The contract, kept by every check that Guardian has, by a plug-in and by a command."""

import json
import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian import services
from guardian.checks import (
    budget_burn_rate,
    dashboard_http,
    disk_space,
    gateway,
    log_rotation,
    orchestrator_activity,
    pipeline_stall,
    process_health,
    restart_anomaly,
    stuck_tasks,
    task_quality,
)
from guardian.checks.base import Check
from guardian.checks.command import CHECK as COMMAND
from guardian.checks.command import Params
from guardian.engine import plugins
from guardian.host.commands import Commands
from guardian.logs.entries.reader import JsonLogs
from guardian.logs.rotation.rotation import Rotation
from guardian.logs.tail import LogTail
from guardian.model import OwnAct
from guardian.pipelines.folder import Params as FolderParams
from guardian.pipelines.folder import open_folder
from guardian.ports import (
    Answer,
    Door,
    Fleet,
    Knocked,
    LogFile,
    MountSeen,
    NoDisks,
    NoNetwork,
    Outcome,
    Ports,
    ProcessState,
    Request,
    SupervisedProcess,
)
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


@dataclass
class Doors(NoNetwork):
    """Ports and addresses that all end the same way."""

    outcome: Outcome = Outcome.ANSWERED

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        return [Knocked(self.outcome, "said", 0.001, local=True) for _ in doors]

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        status = 200 if self.outcome is Outcome.ANSWERED else None
        return [Answer(self.outcome, "said", 0.001, status, local=True) for _ in requests]


def gateway_world(folder: Path) -> World:
    params = gateway.Params(ports={"api": gateway.Port(port=8080)})
    return World(folder, replace(plain_ports(), network=Doors()), params)


def dashboard_world(folder: Path) -> World:
    endpoint = dashboard_http.Endpoint(url="http://127.0.0.1:8080/")
    params = dashboard_http.Params(endpoints={"api": endpoint})
    return World(folder, replace(plain_ports(), network=Doors()), params)


def set_doors(world: World, outcome: Outcome) -> None:
    doors: Any = world.ports.network
    doors.outcome = outcome


@dataclass
class OneDisk(NoDisks):
    """A file system whose state a test sets."""

    mount: MountSeen = field(default_factory=lambda: MountSeen("/", "ext4", 10**12, 10**11))

    def look(self, named: Collection[str]) -> Sequence[MountSeen]:
        return [self.mount]


def disk_world(folder: Path) -> World:
    return World(folder, replace(plain_ports(), disks=OneDisk()), disk_space.Params())


def set_disk(world: World, **changes: Any) -> None:
    disks: Any = world.ports.disks
    disks.mount = replace(disks.mount, **changes)


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


def tasks_world(folder: Path, params: Any) -> World:
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


def orchestrator_world(folder: Path) -> World:
    world = World(folder, replace(plain_ports(), entries=JsonLogs()), None)
    world.params = orchestrator_activity.Params(files=(folder / "*.log",))
    write_at(world, NOW - timedelta(minutes=1))
    return world


def write_at(world: World, at: datetime) -> None:
    log = world.folder / "orchestrator.log"
    log.write_text("dispatched\n")
    os.utime(log, (at.timestamp(), at.timestamp()))


def quality_world(folder: Path) -> World:
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


CASES = [
    Case(
        "budget_burn_rate",
        lambda _: budget_burn_rate.CHECK,
        budget_world,
        fails=lambda world: spend(world, 200),
        blind=make_the_costs_unreadable,
    ),
    *(
        Case(
            name,
            lambda _, check=check: check,
            lambda folder, params=params: tasks_world(folder, params),
            fails=lambda world: write_task(world, "a", NOW - timedelta(hours=2)),
            blind=lambda world: shutil.rmtree(world.folder / "tasks"),
        )
        for name, check, params in (
            ("pipeline_stall", pipeline_stall.CHECK, pipeline_stall.Params()),
            ("stuck_tasks", stuck_tasks.CHECK, stuck_tasks.Params()),
        )
    ),
    Case(
        "orchestrator_activity",
        lambda _: orchestrator_activity.CHECK,
        orchestrator_world,
        fails=lambda world: write_at(world, NOW - timedelta(hours=2)),
        blind=lambda world: write_at(world, NOW + timedelta(hours=2)),
    ),
    Case(
        "task_quality",
        lambda _: task_quality.CHECK,
        quality_world,
        fails=lambda world: fall_back(world, *[True] * 5),
        blind=make_the_results_unreadable,
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
    Case(
        "gateway",
        lambda _: gateway.CHECK,
        gateway_world,
        fails=lambda world: set_doors(world, Outcome.REFUSED),
        blind=lambda world: set_doors(world, Outcome.UNSEEN),
    ),
    Case(
        "dashboard_http",
        lambda _: dashboard_http.CHECK,
        dashboard_world,
        fails=lambda world: set_doors(world, Outcome.TIMED_OUT),
        blind=lambda world: set_doors(world, Outcome.UNSEEN),
    ),
    Case(
        "disk_space",
        lambda _: disk_space.CHECK,
        disk_world,
        fails=lambda world: set_disk(world, free_bytes=1000),
        blind=lambda world: set_disk(world, error="it does not answer"),
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


def case_of(id_: str) -> Case:
    return next(case for case in CASES if case.id == id_)


def test_a_judge_that_touches_the_world_is_caught(tmp_path: Path) -> None:
    def reads(*arguments: Any) -> Any:
        (tmp_path / "x").open("w").close()
        return process_health.judge(*arguments)

    impure = replace(case_of("process_health"), check=lambda _: replace(process_health.CHECK, judge=reads))
    with pytest.raises(AssertionError, match="touched the world: open"):
        CheckContract().test_judging_is_pure_and_gives_the_same_for_the_same(impure, impure.world(tmp_path))
