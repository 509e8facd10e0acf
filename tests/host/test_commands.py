"""Commands of every bad kind: always the right answer or "it did not end by itself", in time, and nothing is left."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from guardian.host import commands
from guardian.host.commands import END_BYTES, KEPT_BYTES, Commands
from guardian.ports import Command, Ran
from tests.runtime.running import wait_for

LIMIT, ENOUGH = 1.0, 60.0
"""For what hangs, and for what ends by itself."""
BEYOND = 20
"""Seconds far beyond every limit of the runner, and far below what its commands would take."""


class Run:
    """Runs shell lines whose processes are known by a mark in their environment."""

    def __init__(self) -> None:
        self.mark = uuid.uuid4().hex

    def __call__(self, line: str, limit: float = ENOUGH, *, goes_on: bool = False) -> Ran:
        command = Command(("/bin/sh", "-c", line), timedelta(seconds=limit), env={"MARK": self.mark}, goes_on=goes_on)
        began = time.monotonic()
        ran = Commands().run(command)
        assert time.monotonic() - began < limit + BEYOND
        return ran

    def left(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._own(process)]

    def _own(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            return process.environ().get("MARK") == self.mark and process.status() != psutil.STATUS_ZOMBIE
        return False


@pytest.fixture
def run() -> Iterator[Run]:
    """Asserts that nothing is left, neither running nor as a zombie."""
    made = Run()
    yield made
    wait_for("nothing of the command is left", lambda: not made.left(), 20)
    zombies = [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]
    assert not zombies


@pytest.mark.parametrize("code", [0, 1, 2, 3, 126, 255])
def test_its_exit_code_and_first_line(run: Run, code: int) -> None:
    ran = run(f"echo; echo '  all  '; echo more; exit {code}")
    assert (ran.code, ran.line, ran.trouble) == (code, "all", None)


def test_without_output_the_error_output_speaks(run: Run) -> None:
    assert run("echo broken >&2; exit 1").line == "broken"
    assert run("echo noise >&2; echo said").line == "said"


@pytest.mark.parametrize(
    "line",
    [
        "sleep 600",
        "trap '' TERM INT HUP; while :; do sleep 600; done",
        "sleep 600 & sleep 600 & wait",
        "exec >&- 2>&-; sleep 600",
        "yes",
        "(trap '' TERM; sleep 600) & sleep 600",
    ],
)
def test_what_hangs_is_ended_with_all_that_it_started(run: Run, line: str) -> None:
    ran = run(line, LIMIT)
    assert (ran.code, ran.trouble) == (None, "timed out: ended after 1s")


def test_a_child_that_keeps_the_output_open_is_not_waited_for(run: Run) -> None:
    began = time.monotonic()
    ran = run("sleep 600 & echo started")
    assert time.monotonic() - began < 30
    assert (ran.code, ran.line) == (0, "started")


def test_a_gigabyte_of_rubbish_is_read_and_dropped(run: Run) -> None:
    ran = run("head -c 1000000000 /dev/zero", 100)
    assert ran.code == 0
    assert len(ran.output) <= KEPT_BYTES


def test_bytes_that_are_no_text_are_replaced(run: Run) -> None:
    assert run(r"printf '\377\376\000ok\n'; exit 1").line == "\ufffd\ufffd\0ok"


def test_it_reads_an_empty_input(run: Run) -> None:
    assert run("cat; echo read").line == "read"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_signal_is_named(run: Run, number: signal.Signals) -> None:
    ran = run(f"kill -{int(number)} $$")
    assert (ran.code, ran.trouble) == (None, f"ended by signal {number.name}")


def test_one_that_kills_its_nanny_gives_no_answer(run: Run) -> None:
    began = time.monotonic()
    ran = run("kill -9 $PPID; sleep 600")
    assert time.monotonic() - began < BEYOND
    assert ran.code is None
    assert "could not be watched" in str(ran.trouble)


def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    plain, odd = tmp_path / "plain", tmp_path / "odd"
    plain.write_text("#!/bin/sh\n")
    odd.write_bytes(b"\x7fELF rubbish")
    odd.chmod(0o755)
    for path, why in [
        (str(tmp_path / "missing"), "No such file"),
        (str(plain), "ermission denied"),
        (str(tmp_path), "ermission denied"),
        (str(odd), "Exec format error"),
    ]:
        ran = Commands().run(Command((path,), timedelta(seconds=ENOUGH)))
        assert (ran.started, ran.code) == (False, None)
        assert why in str(ran.trouble)
    ran = Commands().run(Command(("/bin/sh",), timedelta(seconds=ENOUGH), cwd=str(tmp_path / "none")))
    assert "there is no folder" in str(ran.trouble)


def test_its_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    monkeypatch.setenv("WANTED", "yes")
    monkeypatch.setenv("GUARDIAN_REDIS_URL", "redis://:hunter2@h/0")
    command = Command(("/usr/bin/env",), timedelta(seconds=20), env={"OWN": "1"}, env_from=("WANTED", "NOT_THERE"))
    names = {line.partition("=")[0] for line in Commands().run(command).output.splitlines()}
    assert names <= {"PATH", "HOME", "LANG", "OWN", "WANTED"}
    assert {"PATH", "OWN", "WANTED"} <= names


def test_it_runs_in_its_folder_and_no_shell_reads_it(tmp_path: Path) -> None:
    script = tmp_path / "say.sh"
    script.write_text('#!/bin/sh\npwd; echo "$1"\n')
    script.chmod(0o755)
    ran = Commands().run(Command(("./say.sh", "$(touch x); *"), timedelta(seconds=20), cwd=str(tmp_path)))
    assert ran.output.splitlines() == [str(tmp_path), "$(touch x); *"]
    assert not (tmp_path / "x").exists()


def test_what_a_cure_started_lives_on(run: Run) -> None:
    ran = run("sleep 600 >/dev/null 2>&1 & echo done", goes_on=True)
    assert (ran.code, ran.line) == (0, "done")
    (left,) = run.left()
    left.kill()


def test_a_cure_that_may_take_long_goes_on_and_is_ended_at_its_limit(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "WAIT", timedelta(seconds=0.3))
    ran = run(f"until [ -e {tmp_path}/go ]; do sleep 0.05; done; touch {tmp_path}/done", goes_on=True)
    assert (ran.running, ran.code) == (True, None)
    (tmp_path / "go").touch()
    wait_for("it went on", (tmp_path / "done").exists, 30)
    assert run("sleep 600", 5, goes_on=True).running
    assert run.left()
    wait_for("its nanny ended it", lambda: not run.left(), 30)


def test_killed_with_its_command_running_a_worker_leaves_nothing(run: Run) -> None:
    code = (
        "import sys; from datetime import timedelta; from guardian.host.commands import Commands;"
        " from guardian.ports import Command;"
        " Commands().run(Command(('/bin/sleep', '600'), timedelta(seconds=300), env={'MARK': sys.argv[1]}))"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, run.mark], start_new_session=True)
    wait_for("the command runs", run.left, 60)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(20)


def test_the_end_of_what_it_says_is_kept_beside_the_beginning(run: Run) -> None:
    ran = run("echo first; head -c 100000 /dev/zero | tr '\\0' x; echo; echo last; echo wrong >&2")
    assert ran.line == "first"
    assert len(ran.end) == END_BYTES
    assert {"last", "wrong"} <= set(ran.end.splitlines())
