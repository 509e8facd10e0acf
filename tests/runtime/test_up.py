"""`guardian up` as a person runs it: real processes, real signals."""

import json
import os
import signal
import stat
from pathlib import Path

import psutil
import pytest

from tests.runtime.running import Guardian, guardian, wait_for


def leftovers(run: Guardian) -> list[str]:
    files = [
        path.name
        for path in run.state.iterdir()
        if path.name not in {"redis", "store.json", "store-id", "health.json", "flags.json"}
    ]
    return files + [str(process) for process in run.all_processes()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended_by_a_signal_it_leaves_no_process_no_socket_and_no_lock(tmp_path: Path, number: signal.Signals) -> None:
    with guardian(tmp_path, "up") as run:
        run.wait_until_up()
        assert run.end(number) == 0, run.output
        assert leftovers(run) == []


def test_ended_while_it_starts_it_leaves_nothing_either(tmp_path: Path) -> None:
    with guardian(tmp_path, "up") as run:
        wait_for("the lock", (run.state / "lock").exists)
        run.process.send_signal(signal.SIGTERM)
        run.process.wait(60)
        assert leftovers(run) == []


def test_it_says_what_it_runs_with(tmp_path: Path) -> None:
    with guardian(tmp_path, "up") as run:
        run.wait_until_up()
        for part in ("no config file: every check is skipped", str(run.state), "embedded", "node "):
            assert part in run.output


def test_clients_find_the_running_one_and_nobody_else_can_read_how(tmp_path: Path) -> None:
    with guardian(tmp_path, "up") as run:
        run.wait_until_up()
        file = run.state / "client.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert json.loads(file.read_text())["url"] == f"unix://{run.state}/redis.sock?db=0"
        assert stat.S_IMODE((run.state / "redis.sock").stat().st_mode) == 0o600
        assert stat.S_IMODE(run.state.stat().st_mode) == 0o700


def test_a_second_one_in_the_same_state_directory_says_who_is_there(tmp_path: Path) -> None:
    with guardian(tmp_path, "up") as first:
        first.wait_until_up()
        with guardian(tmp_path, "up") as second:
            assert second.process.wait(60) == 2
            assert f"already running in {first.state} (process {first.process.pid})" in second.output
            assert "Traceback" not in second.output
        assert first.process.poll() is None
        assert (first.state / "client.json").exists()


@pytest.mark.parametrize("name", ["server", "worker", "beat", "watch"])
def test_a_killed_part_is_started_again(tmp_path: Path, name: str) -> None:
    with guardian(tmp_path, "up") as run:
        run.wait_until_up()
        victim = run.part(name)
        assert victim is not None
        before = {process.pid for process in run.all_processes()}
        pools = {child.pid for child in victim.children()}
        victim.kill()
        (new,) = wait_for(f"another {name}", lambda: [part for part in run.parts(name) if part.pid not in before])
        wait_for("its pool ends with it", lambda: not any(psutil.pid_exists(pid) for pid in pools))
        assert new.is_running()
        assert "ended (killed by SIGKILL" in run.output
        assert run.end() == 0
        assert leftovers(run) == []


def test_the_parent_killed_all_end_within_seconds_and_the_next_one_starts(tmp_path: Path) -> None:
    with guardian(tmp_path, "up") as run:
        run.wait_until_up()
        assert len(run.all_processes()) > 4
        os.kill(run.process.pid, signal.SIGKILL)
        wait_for("no process is left", lambda: not run.all_processes(), seconds=30)
        with guardian(tmp_path, "up") as following:
            following.wait_until_up()
            assert following.end() == 0


def test_a_second_signal_ends_at_once_what_hangs(tmp_path: Path) -> None:
    with guardian(tmp_path, "up") as run:
        run.wait_until_up()
        worker = run.part("worker")
        assert worker is not None
        worker.suspend()
        run.process.send_signal(signal.SIGINT)
        wait_for("beat has ended", lambda: run.part("beat") is None)
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(8) == 0  # by itself it would be given 10 s
        assert leftovers(run) == []


def test_a_broken_configuration_starts_nothing(tmp_path: Path) -> None:
    with guardian(tmp_path, "up", config="[redis]\nprefixx = 1\n[nonsense]\n") as run:
        assert run.process.wait(60) == 2
        assert "prefixx" in run.output
        assert "nonsense" in run.output
        assert "Traceback" not in run.output
        assert not (run.state / "redis").exists()
