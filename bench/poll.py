"""What one poll of PM2 costs its client in CPU time: the daemon's socket beside `pm2 jlist`, in one run."""

import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from bench import machine
from guardian.supervisors.pm2 import Params, Pm2, open_pm2
from tests.real_pm2 import RealPm2, running_pm2

PROCESSES = 30
POLLS = 50
COMMANDS = 5
TARGET = 1 / 30


def _own_cpu() -> float:
    return time.process_time()


def _childrens_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _costs(act: Callable[[], object], cpu: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Median CPU and wall seconds of one round."""
    costs = []
    for _ in range(rounds):
        before, begin = cpu(), time.perf_counter()
        act()
        costs.append((cpu() - before, time.perf_counter() - begin))
    return statistics.median(cost for cost, _ in costs), statistics.median(wall for _, wall in costs)


def _look(supervisor: Pm2) -> None:
    (fleet,) = supervisor.look()
    assert len(fleet.processes) == PROCESSES, fleet.error


def measure(pm2: RealPm2) -> tuple[tuple[float, float], tuple[float, float]]:
    """(CPU, wall) of one look over the socket, and of one `pm2 jlist`. Starts the processes in `pm2`."""
    pm2.start_all({f"agent-{number}": "exec sleep 1000" for number in range(PROCESSES)})
    supervisor = open_pm2(Params(homes=(str(pm2.home),), timeout=timedelta(seconds=10)))
    _look(supervisor)
    pm2.cli("-s", "jlist")
    return (
        _costs(lambda: _look(supervisor), _own_cpu, POLLS),
        _costs(lambda: pm2.cli("-s", "jlist"), _childrens_cpu, COMMANDS),
    )


def run() -> str:
    with running_pm2() as pm2:
        (socket_cpu, socket_wall), (command_cpu, command_wall) = measure(pm2)
        facts = machine.facts(pm2)
    return "\n".join(
        (
            f"One poll of {PROCESSES} processes        CPU ms   wall ms",
            f"  the daemon's socket       {socket_cpu * 1e3:9.2f} {socket_wall * 1e3:9.2f}",
            f"  pm2 jlist                 {command_cpu * 1e3:9.2f} {command_wall * 1e3:9.2f}",
            f"  {facts}",
            f"  ratio 1/{command_cpu / socket_cpu:.0f} (at most 1/{1 / TARGET:.0f})",
        )
    )


def main() -> None:
    print(run())


if __name__ == "__main__":
    main()
