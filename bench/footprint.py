"""What an idle Guardian costs: memory and CPU of each of its processes, with the load of thirteen checks.

PSS shares a page among those that map it, so its sum is what the machine really gives; RSS counts it in each. Each of
the thirteen looks at a PM2 of thirty processes, which only some of the real ones do: rather too much than too little.
"""

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import machine
from bench.thirteen import CHECKS
from guardian import services
from guardian.drill.sandbox import guardian
from guardian.runtime import alive, node, statedir
from tests.real_pm2 import running_pm2, wait_for

SECONDS = 60.0
PSS_LIMIT_MB, CPU_LIMIT_PERCENT = 260, 4.0
PROCESSES = 30

_WARM_UP = 20.0
"""Seconds after the start: everything was looked at twice, and is loaded."""
_PROGRAM = (sys.executable, "-m", "bench.thirteen")
_ALWAYS = 8  # parent, server, beat, listener, watch, three workers; the workers' pools come on top


@dataclass(frozen=True)
class Row:
    name: str
    pid: int
    rss_mb: float
    pss_mb: float
    cpu_percent: float


def run(seconds: float = SECONDS) -> str:
    """A table per process of a fresh `guardian up` with an embedded server, over `seconds` of running."""
    with running_pm2() as pm2, tempfile.TemporaryDirectory(prefix="gb-") as folder:
        pm2.start_all({f"agent-{number}": "exec sleep 1000000" for number in range(PROCESSES)})
        config = f'[checks.process_health]\n[supervisors.pm2]\nhomes = ["{pm2.home}"]\n'
        with guardian(Path(folder), config, _PROGRAM) as up:
            wait_for("all processes", lambda: len(_tree(up.pid)) == _expected(Path(folder)), 30)
            time.sleep(_WARM_UP)
            rows = measure(up.pid, seconds, Path(folder))
            looks = _looks(Path(folder))
        title = f"idle footprint over {seconds:.0f} s"
        said = table(rows, title, PSS_LIMIT_MB, CPU_LIMIT_PERCENT)
        return f"{said}\n  {CHECKS} checks per 10 s, {looks} looks stored so far; {machine.facts(pm2)}"


def measure(parent: int, seconds: float, folder: Path) -> list[Row]:
    """Each process of the tree: memory at the end, CPU over the time, as a share of one core."""
    tree = _tree(parent)
    before = {process: sum(process.cpu_times()[:2]) for process in tree}
    time.sleep(seconds)
    names = {process.pid: _name(parent, process) for process in tree}
    for part in ("listener", "watch"):
        names[json.loads((folder / "state" / alive.file_of(part)).read_text())["pid"]] = part
    return [_row(names[process.pid], process, _share(process, before, seconds)) for process in tree]


def _share(process: psutil.Process, before: Mapping[psutil.Process, float], seconds: float) -> float:
    return (sum(process.cpu_times()[:2]) - before[process]) / seconds * 100


def table(rows: Sequence[Row], title: str, most_mb: float, most_percent: float) -> str:
    line = "{:<16} {:>8} {:>8} {:>8} {:>7}".format
    total = [sum(values) for values in zip(*((row.rss_mb, row.pss_mb, row.cpu_percent) for row in rows), strict=True)]
    return "\n".join(
        [
            f"{title} (limits: PSS {most_mb} MB, CPU {most_percent} % of a core)",
            line("process", "pid", "RSS MB", "PSS MB", "CPU %"),
            *(line(r.name, r.pid, f"{r.rss_mb:.1f}", f"{r.pss_mb:.1f}", f"{r.cpu_percent:.2f}") for r in rows),
            line("all", "", f"{total[0]:.1f}", f"{total[1]:.1f}", f"{total[2]:.2f}"),
        ]
    )


def _tree(parent: int) -> list[psutil.Process]:
    root = psutil.Process(parent)
    return [root, *root.children(recursive=True)]


def _looks(folder: Path) -> int:
    """That the load was there."""
    config = services.load_config(folder / "guardian.toml")
    store = services.open_store(config, statedir.redis_url(config, folder / "state"), None)
    return store.last_look("process_health", config.node).version


def _expected(folder: Path) -> int:
    worker = services.load_config(folder / "guardian.toml").worker
    return _ALWAYS + worker.check_processes + worker.act_processes + node.SCAN_PROCESSES


def _row(name: str, process: psutil.Process, cpu_percent: float) -> Row:
    memory = process.memory_full_info()
    return Row(name, process.pid, memory.rss / 1e6, memory.pss / 1e6, cpu_percent)


def _name(parent: int, process: psutil.Process) -> str:
    if process.pid == parent:
        return "parent"
    if "server" in process.name():
        return "server"
    if process.ppid() != parent:
        return "  pool"
    return "worker" if process.children() else "beat"
