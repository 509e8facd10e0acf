"""`guardian exec` runs the bytes that were scanned, and nothing but them."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardian import client
from guardian.host.receipt_key import receipt_key
from guardian.host.run_script import Limits, clean, run
from tests.cli.running import Program
from tests.runtime.running import wait_for

GOOD, BAD = "print('good')\n", "eval(\"print('bad')\")\n"


def execute(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "guardian", "exec", *arguments], cwd=folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=100,
        env={**os.environ, "SECRET": "s3cret", "WANTED": "w"},
    )  # fmt: skip


def put(folder: Path, text: str, name: str = "made.py") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


def test_a_good_script_runs_with_its_arguments_and_its_exit_code(folder: Path) -> None:
    script = put(folder, "import sys\nprint(__name__, __file__, sys.argv[1:])\nsys.exit(3)\n")
    done = execute(folder, script, "a", "--b")
    assert (done.returncode, done.stdout) == (3, "__main__ made.py ['a', '--b']\n")


def test_a_bad_one_does_not(folder: Path) -> None:
    done = execute(folder, put(folder, BAD))
    assert (done.returncode, done.stdout) == (126, "")
    assert "made.py:1:1: G101 block" in done.stderr
    assert "made.py is not run: the scan verdict is block" in done.stderr
    assert execute(folder, "gone.py").returncode == 126


def test_it_sees_neither_keys_nor_the_folder_nor_guardian(folder: Path) -> None:
    put(folder, "raise SystemExit('imported from the folder')\n", "json.py")
    text = "import sys, json\nimport os\nprint(sys.flags.isolated, sorted(os.environ), sys.path[0])\n"
    done = execute(folder, "--env", "WANTED", put(folder, text))
    assert done.returncode == 0, done.stderr
    assert "SECRET" not in done.stdout
    assert done.stdout.startswith("1 [")
    assert "'WANTED'" in done.stdout


def test_output_that_no_encoding_has_stops_nothing(folder: Path) -> None:
    done = execute(folder, put(folder, "print('\\ud800 \\u2603')\nprint('after')\n"))
    assert (done.returncode, done.stdout) == (0, "? \u2603\nafter\n")


def test_it_is_ended_when_its_time_is_over_with_all_that_it_started(folder: Path) -> None:
    marker = folder / "pid"
    text = (
        "import os, sys, time\nif os.fork() == 0:\n    os.setsid()\n"
        f"    open({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    )
    began = time.monotonic()
    code = run(text.encode(), "made.py", [], Limits(seconds=3), clean(os.environ))
    assert code == 124
    assert time.monotonic() - began < 60
    child = int(marker.read_text())
    wait_for("its child is gone", lambda: not Path(f"/proc/{child}/cmdline").exists() or not _lives(child))


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_too_many_processes_end_it() -> None:
    text = "import os, time\nfor _ in range(50):\n    if os.fork() == 0:\n        time.sleep(600)\ntime.sleep(600)\n"
    assert run(text.encode(), "made.py", [], Limits(seconds=60, processes=5), clean(os.environ)) == 125


def test_too_much_memory_ends_it() -> None:
    limits = Limits(memory_bytes=200_000_000)
    assert run(b"x = b'a' * 300_000_000\n", "made.py", [], limits, clean(os.environ)) == 1
    assert run(b"x = b'a' * 3_000_000\n", "made.py", [], limits, clean(os.environ)) == 0


@pytest.fixture
def swapping(folder: Path) -> Iterator[None]:
    """Somebody who has another script at the path made.py all the time."""
    put(folder, GOOD, "good.src")
    put(folder, BAD, "bad.src")
    put(folder, GOOD)
    stop = threading.Event()

    def swap() -> None:
        number = 0
        while not stop.is_set():
            os.link(folder / ("good.src", "bad.src")[number % 2], folder / "next")
            (folder / "next").replace(folder / "made.py")
            number += 1

    swapper = threading.Thread(target=swap)
    swapper.start()
    yield
    stop.set()
    swapper.join()


@pytest.mark.usefixtures("swapping")
def test_what_a_client_hands_out_is_what_it_scanned(folder: Path) -> None:
    seen = set()
    for _ in range(300):
        scanned = client.scan(folder / "made.py", in_process=True)
        assert scanned.source in (GOOD.encode(), BAD.encode())
        assert scanned.allowed is (scanned.source == GOOD.encode())
        seen.add(scanned.allowed)
    assert seen == {True, False}


@pytest.mark.usefixtures("swapping")
def test_a_path_that_is_swapped_meanwhile_changes_nothing(guardian: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real race, many times: whatever is run is what was scanned."""
    ran: list[bytes] = []
    monkeypatch.setattr("guardian.host.run_script.run", lambda source, *_: ran.append(source) or 0)
    codes = {guardian("exec", "made.py").code for _ in range(300)}
    assert codes == {0, 126}
    assert set(ran) == {GOOD.encode()}


@pytest.mark.usefixtures("swapping")
def test_so_it_is_with_whole_processes(folder: Path) -> None:
    for _ in range(4):
        done = execute(folder, "made.py")
        assert (done.returncode, done.stdout) in ((0, "good\n"), (126, "")), done


def test_what_runs_is_not_what_is_at_the_path(folder: Path) -> None:
    script = put(folder, f"open({str(folder / 'made.py')!r}, 'w').write('swapped')\nprint('first')\n")
    source = (folder / script).read_bytes()
    (folder / script).write_text(BAD)
    assert run(source, script, [], Limits(), clean(os.environ)) == 0
    assert (folder / script).read_text() == "swapped"


def test_a_receipt_stands_for_a_scan(folder: Path) -> None:
    script = put(folder, GOOD)
    (folder / ".guardian").mkdir()
    receipt_key(None, folder / ".guardian")
    (folder / "r.json").write_text(json.dumps(client.scan(script, in_process=True).receipt))
    done = execute(folder, "--receipt", "r.json", script)
    assert (done.returncode, done.stdout) == (0, "good\n")
    put(folder, GOOD + "#\n")
    refused = execute(folder, "--receipt", "r.json", script)
    assert (refused.returncode, refused.stdout) == (126, "")
    assert "not the one that was scanned" in refused.stderr


@pytest.mark.parametrize("arguments", [["--memory", "x", "made.py"], ["--policy", "gone.toml", "made.py"], []])
def test_wrong_use_is_said(folder: Path, arguments: list[str]) -> None:
    put(folder, GOOD)
    assert execute(folder, *arguments).returncode == 2
