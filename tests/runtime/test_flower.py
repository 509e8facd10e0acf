"""`guardian up --flower`: who gets in, what is left, and what is said where it cannot run."""

import base64
import json
import os
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from guardian.runtime.health import flower_trouble
from tests.runtime.running import Guardian, free_port, guardian, wait_for

_TASKS = "/api/tasks?limit=100"


def ask(url: str, user: str | None = None) -> Any:
    request = urllib.request.Request(url)  # noqa: S310  loopback, by this test
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  as above
        return json.load(answer)


def door(run: Guardian) -> Any:
    return json.loads((run.state / "flower.json").read_text())


def answers(port: int) -> bool:
    try:
        ask(f"http://127.0.0.1:{port}{_TASKS}")
    except urllib.error.HTTPError as error:
        return error.code == 401
    except OSError:
        return False
    return True


def test_it_shows_the_tasks_to_who_has_the_password_and_ends_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    with guardian(tmp_path, "up", "--flower", "--flower-port", str(port)) as run:
        wait_for("Flower answers", lambda: answers(port))
        assert stat.S_IMODE((run.state / "flower.json").stat().st_mode) == 0o600
        made = door(run)
        assert made["password"] not in run.output, "a log is no place for it"
        for stranger in (None, "guardian:guess"):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                ask(made["url"] + _TASKS, stranger)
        user = f"{made['user']}:{made['password']}"
        wait_for("a task is shown", lambda: ask(made["url"] + _TASKS, user))
        monkeypatch.setenv("FLOWER_BASIC_AUTH", user)
        wait_for("its health probe is content", lambda: flower_trouble(made["url"]) is None)
        assert {kind.laddr.ip for process in run.all_processes() for kind in listening(process)} == {"127.0.0.1"}
        assert not any(made["password"] in word for process in run.all_processes() for word in process.cmdline())
        assert run.end() == 0
        assert run.all_processes() == []
        assert not (run.state / "flower.json").exists()


def listening(process: psutil.Process) -> list[Any]:
    return [kind for kind in process.net_connections("inet") if kind.status == psutil.CONN_LISTEN]


def test_a_probe_of_nobody_says_so() -> None:
    assert str(flower_trouble(f"http://127.0.0.1:{free_port()}")).startswith("Flower: ")


def test_a_port_that_is_taken_starts_nothing_and_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with guardian(tmp_path, "up", "--flower", "--flower-port", str(port)) as run:
            assert run.process.wait(60) == 2
            assert run.output == f"Flower cannot listen on 127.0.0.1:{port}: Address already in use\n"
            assert not (run.state / "redis").exists()


@pytest.mark.parametrize("command", ["up --flower", "flower"])
def test_without_the_package_it_says_how_to_get_it(tmp_path: Path, command: str) -> None:
    program = "import sys; sys.modules['flower'] = None; from guardian.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *command.split()],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if not key.startswith("GUARDIAN_")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "Flower is not installed: pip install 'ai-system-guardian[flower]'\n"
