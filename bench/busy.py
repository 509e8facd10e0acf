"""All thirteen checks on at once over a busy scene: five PM2 apps, a pipeline, a work queue, logs, results and costs.

Nothing goes wrong in the scene, so that every incident is a false one, but for a log that grows until it is rotated.
"""

import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import footprint, machine
from bench.footprint import Row
from guardian import services
from guardian.config import Config
from guardian.drill.sandbox import guardian
from guardian.engine.overview import Overview, overview
from guardian.model import TellState
from guardian.runtime import statedir
from guardian.settings import rough_text
from guardian.store.store import Store
from tests.real_pm2 import RealPm2, running_pm2, wait_for

DURATION = timedelta(minutes=30)
PSS_LIMIT_MB, CPU_LIMIT_PERCENT = 300, 6.0
_HERE = Path(__file__).parents[1]
_EXECUTOR = _HERE / "examples" / "pipeline" / "executor.py"
_WARM_UP = 20.0
_MOST = 1000
_CONFIG = """
[supervisors.pm2]
homes = ["{pm2}"]
[supervisors.supervisord]
enabled = false
[pipelines.folder.main]
path = "{folder}/tasks"
writers = "client"
[checks.process_health]
expect = ["orchestrator", "executor-1", "executor-2", "validator", "dashboard"]
[checks.restart_anomaly]
[checks.dashboard_http.endpoints.dashboard]
url = "http://127.0.0.1:{port}/"
json_values = {{ "db.status" = "ok" }}
process = "dashboard"
[checks.gateway.ports.dashboard]
port = {port}
http = "/"
process = "python*"
[checks.orchestrator_activity]
files = ["{folder}/orchestrator.log"]
[checks.pipeline_stall]
[checks.stuck_tasks]
[checks.log_rotation]
files = ["{folder}/*.log"]
max_size = "1MB"
[checks.task_quality]
files = ["{folder}/state/results.jsonl"]
[checks.cursor_queue.queues.inbox]
folder = "{folder}/inbox"
[checks.disk_space]
interval = "10s"
[checks.budget_burn_rate]
files = ["{folder}/state/costs.jsonl"]
budget = 20000
[checks.ai_validation]
files = ["{folder}/validation.jsonl"]
"""


CHECKS = tuple(name for name, check in services.checks().items() if check.member is None)


@dataclass(frozen=True)
class Outcome:
    """What the scene came to: `looks` by check, the false incidents, as lines."""

    rows: Sequence[Row]
    view: Overview
    looks: Mapping[str, int]
    false: Sequence[str]
    rotations: int
    tasks_done: int


_APPS = {
    "orchestrator": "-m bench.busy_agent orchestrator {folder}",
    "executor-1": "{executor} {folder}/state {folder}/tasks executor-1",
    "executor-2": "{executor} {folder}/state {folder}/tasks executor-2",
    "validator": "-m bench.busy_agent validator {folder}",
    "dashboard": "-m bench.busy_agent dashboard {folder}",
}


def run() -> str:
    with running_pm2() as pm2:
        return f"{table(observed(pm2, DURATION), DURATION)}\n  {machine.facts(pm2)}"


def observed(pm2: RealPm2, duration: timedelta) -> Outcome:
    """A fresh `guardian up` over the scene for that long, from when every check has looked."""
    with tempfile.TemporaryDirectory(prefix="gb-") as name:
        folder = Path(name)
        port = _staged(pm2, folder)
        with guardian(folder, _CONFIG.format(pm2=pm2.home, folder=folder, port=port)) as up:
            wait_for("thirteen checks looked", lambda: len(_view(folder).checks) == len(CHECKS), 90)
            time.sleep(_WARM_UP)
            rows = footprint.measure(up.pid, duration.total_seconds(), folder)
            return _outcome(folder, rows)


def _staged(pm2: RealPm2, folder: Path) -> int:
    """The apps run; the port of the dashboard, which answers."""
    for place in ("tasks", "inbox", "state"):
        (folder / place).mkdir(mode=0o700)
    port = _free_port()
    (folder / "port").write_text(str(port))
    for name, call in _APPS.items():
        script = f"cd {_HERE} && exec {sys.executable} {call.format(folder=folder, executor=_EXECUTOR)}"
        log = str(folder / f"{name}.log")
        pm2.start(name, script, out_file=log, error_file=log)
    wait_for("the dashboard answers", lambda: _listens(port))
    wait_for("tasks are done", (folder / "state" / "costs.jsonl").exists)
    wait_for("work is validated", (folder / "validation.jsonl").exists)
    return port


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def _outcome(folder: Path, rows: Sequence[Row]) -> Outcome:
    with _opened(folder) as (store, config):
        view = overview(store, config)
        looks = {check: store.last_look(check, config.node).version for check in CHECKS}
        past = [*view.open, *store.closed_incidents(_MOST)]
    false = [
        f"{each.opened_at:%H:%M:%S} {each.key.check} {each.key.target}: {each.message}"
        for each in past
        if each.key.check != "log_rotation" or each.tell is not TellState.NONE
    ]
    results = (folder / "state" / "results.jsonl").read_text().splitlines()
    return Outcome(rows, view, looks, false, len(past) - len(false), len(results))


def _view(folder: Path) -> Overview:
    with _opened(folder) as (store, config):
        return overview(store, config)


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Store, Config]]:
    config = services.load_config(folder / "guardian.toml")
    store = services.open_store(config, statedir.redis_url(config, folder / "state"), None)
    with closing(store):
        yield store, config


def table(outcome: Outcome, duration: timedelta) -> str:
    line = "  {:<22} {:>7} {:>9}  {}".format
    checks = [
        line(each.last.check, str(each.status), outcome.looks[each.last.check], each.last.message[:70])
        for each in sorted(outcome.view.checks, key=lambda each: each.last.check)
    ]
    title = f"a busy scene of five agents over {rough_text(duration)}, thirteen checks"
    return "\n".join(
        [
            footprint.table(outcome.rows, title, PSS_LIMIT_MB, CPU_LIMIT_PERCENT),
            line("check", "status", "looks", "the last look says"),
            *checks,
            f"  {len(outcome.false)} false incidents; {outcome.rotations} rotations, {outcome.tasks_done} tasks done",
            *(f"    {incident}" for incident in outcome.false),
        ]
    )
