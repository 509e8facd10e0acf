import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from guardian import __version__
from tests.cli.running import Program, Terminal
from tests.redis_server import RedisServer
from tests.runtime.running import wait_for
from tests.store.world import World


def spawn(folder: Path, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "guardian", *arguments],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,  # type: ignore[call-overload]
    )  # fmt: skip


def test_the_help_lists_every_command_with_what_it_does(guardian: Program) -> None:
    ran = guardian("--help")
    assert ran.code == 0
    for name in (
        "up",
        "worker",
        "beat",
        "status",
        "incidents",
        "explain",
        "ack",
        "silence",
        "check",
        "config",
        "version",
    ):
        assert f"\n  {name} " in ran.out


def test_the_version_is_guardians(guardian: Program) -> None:
    assert guardian("--version").out == f"guardian {__version__}\n"


def test_a_command_that_does_not_exist_is_a_usage_error_with_the_nearest_one(guardian: Program) -> None:
    ran = guardian("statsu")
    assert ran.code == 2
    assert "Did you mean 'status'?" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("name", ["main", "shared", "__init__", "../main", ""])
def test_what_is_no_command_is_not_run_as_one(guardian: Program, name: str) -> None:
    assert guardian(name).code == 2


def test_every_mistake_in_the_configuration_is_one_line_on_stderr(guardian: Program, folder: Path) -> None:
    (folder / "guardian.toml").write_text("[redis]\nprefixx = 1\n[nonsense]\n")
    ran = guardian("status", "--json")
    assert ran.code == 2
    assert ran.out == ""
    lines = ran.err.splitlines()
    assert len(lines) == 2
    assert "prefixx" in lines[0] + lines[1]
    assert all(line.startswith("guardian.toml: ") or "/guardian.toml: " in line for line in lines)


@pytest.mark.parametrize("command", [("status",), ("incidents",), ("explain", "x"), ("ack", "x"), ("silence", "list")])
def test_where_nothing_runs_it_says_how_to_start_it_and_makes_nothing(
    guardian: Program, folder: Path, command: tuple[str, ...]
) -> None:
    ran = guardian(*command)
    assert (ran.code, ran.out) == (3, "")
    assert "start it with `guardian up`" in ran.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "command", [("status",), ("silence", "add", "x", "--for", "1h"), ("check", "run", "process_health")]
)
def test_a_store_that_is_away_is_unknown_in_one_line(
    guardian: Program, world: World, redis_server: RedisServer, command: tuple[str, ...]
) -> None:
    redis_server.kill()
    ran = guardian(*command)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("Guardian's store is away: ")
    assert len(ran.err.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error(folder: Path, world: World) -> None:
    ran = spawn(folder, "config", "reference")
    assert ran.stdout is not None
    assert ran.stderr is not None
    ran.stdout.close()
    assert ran.stderr.read() == b""
    assert ran.wait(60) == 141


def test_ctrl_c_ends_a_command_quietly(folder: Path, world: World, redis_server: RedisServer) -> None:
    redis_server.hang()
    terminal = Terminal(folder, 80, "status")
    try:
        wait_until_connected(terminal.process.pid)
        os.kill(terminal.process.pid, signal.SIGINT)
        assert terminal.finish() == 130
        assert terminal.text.strip() == ""
    finally:
        redis_server.resume()
        terminal.close()


def wait_until_connected(pid: int) -> None:
    """Until the process has a socket open: it has begun to ask the store."""
    wait_for("it asks the store", lambda: psutil.Process(pid).net_connections("unix"))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_any_name_is_shown_whatever_the_terminal_can_encode(folder: Path, world: World, encoding: str) -> None:
    world.fails("schön-監視")
    ran = spawn(folder, "incidents", env={**os.environ, "PYTHONIOENCODING": encoding})
    out, err = ran.communicate(timeout=60)
    assert (ran.returncode, err) == (0, b"")
    assert "schön-監視".encode(encoding, "backslashreplace") in out


@pytest.mark.parametrize(
    "command",
    ["status", "incidents", "explain writer", "ack writer", "silence list", "silence add x --for 1s", "config check",
     "check list", "version", "check run process_health"],
)  # fmt: skip
def test_json_is_one_document_on_stdout_and_nothing_else(
    guardian: Program, world: World, command: tuple[str, ...]
) -> None:
    world.fails()
    ran = guardian(*command.split(), "--json")
    assert isinstance(json.loads(ran.out), dict)
    assert ran.err == ""
