"""One process."""

from pathlib import Path

from guardian.checks import process_health
from guardian.logs.tail import LogTail
from guardian.ports import Ports, ProcessState
from tests.checks.cases.shared.processes import Processes, processes, set_fleet
from tests.checks.contract import Case, World


def laid_out(folder: Path) -> World:
    supervisor = Processes(processes(ProcessState.ONLINE))
    ports = Ports("n", [supervisor], supervisor, LogTail())
    return World(folder, ports, process_health.Params(), lambda: list(supervisor.orders))


CASE = Case(
    lambda _: process_health.CHECK,
    laid_out,
    fails=lambda world: set_fleet(world, processes(ProcessState.ERRORED)),
    blind=lambda world: set_fleet(world, processes(ProcessState.ONLINE, "it hangs")),
)
