"""One process that is restarted."""

from dataclasses import replace
from pathlib import Path

from guardian.checks import restart_anomaly
from guardian.ports import ProcessState
from tests.checks.cases import process_health
from tests.checks.cases.shared.processes import processes, set_fleet
from tests.checks.contract import Case, World


def laid_out(folder: Path) -> World:
    return replace(process_health.laid_out(folder), params=restart_anomaly.Params())


CASE = Case(
    lambda _: restart_anomaly.CHECK,
    laid_out,
    fails=lambda world: set_fleet(world, processes(ProcessState.ONLINE, restarts=50)),
    blind=lambda world: set_fleet(world, processes(ProcessState.ONLINE, "it hangs")),
)
