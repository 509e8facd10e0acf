"""What becomes of a worker's processes, and of one that stood still for longer than its lease."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.faults import invariants
from tests.faults.teststand import Bench, bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]


def test_frozen_before_the_act_until_another_did_it_nothing_is_restarted_again() -> None:
    with bench(1, None, "check", "act-1", "act-2", "beat") as made:
        (app,) = made.apps
        made.arm("heal act", "freeze")
        made.crash(app)
        made.wait_fired()
        main, child = wait_for("main process and pool stand still", lambda: frozen(made))
        made.wait_healed(app, 0)
        made.arm("heal over", "child")  # the sign that it went on through its act
        child.resume()  # before its main process, which would end it for the time it took
        made.wait_fired()
        main.resume()
        made.wait_calm()
        assert len(made.starts(app)) == 2
        invariants.check(made)
        made.end()


@pytest.mark.parametrize("point", ["check record", "heal claim", "heal acted"])
def test_all_killed_at_once_the_app_is_restarted_once_after_the_new_start(point: str) -> None:
    with bench(1) as made:
        (app,) = made.apps
        made.arm(point, "group")
        made.crash(app)
        made.wait_fired()
        made.kill_everything()
        made.start_server()
        made.start(wait=False)
        made.wait_healed(app, 0)
        made.wait_calm()
        assert len(made.starts(app)) == 2
        assert made.receiver.steps(app) == []
        invariants.check(made)
        made.end()


@pytest.mark.parametrize("point", ["alert claim_telling", "escalate written"])
def test_all_killed_at_once_each_step_is_told_after_the_new_start(point: str) -> None:
    with bench(1) as made:
        (app,) = made.apps
        made.arm(point, "group")
        made.crash(app, for_good=True)
        made.wait_fired()
        made.kill_everything()
        made.start_server()
        made.start(wait=False)
        made.wait_escalated(app)
        made.start_by_hand(app)
        made.wait_healed(app, 0)
        made.wait_calm()
        assert made.receiver.steps(app) == ["alert", "resolved"]
        invariants.check(made)
        made.end()


def frozen(made: Bench) -> list[psutil.Process] | None:
    """A worker's main process and the one of its pool."""
    found = [each for each in made.processes() if each.status() == psutil.STATUS_STOPPED]
    return sorted(found, key=lambda each: each.parent() in found) if len(found) == 2 else None


def test_the_main_process_of_a_lone_worker_killed_its_pool_ends_by_itself() -> None:
    with Bench(apps=1) as made:
        worker = lone_worker(made)
        try:
            pool = wait_for("its pool", lambda: psutil.Process(worker.pid).children(), 60)
            wait_for("it lives", made.store.signs.presences, 60)
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait(60)
            wait_for("the pool is gone", lambda: not any(runs(each) for each in pool), 60)
        finally:
            made.end_everything()


def lone_worker(made: Bench) -> subprocess.Popen[bytes]:
    """`guardian worker`, with nobody that ends what it leaves behind."""
    command = [sys.executable, "-c", "from guardian.cli.main import main; main()", "worker"]
    command += ["--config", str(made.folder / "guardian.toml"), "--state", str(made.folder / "state")]
    with (made.folder / "log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=Path(__file__).parents[2], env=made.environment(), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
