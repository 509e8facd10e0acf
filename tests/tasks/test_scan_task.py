"""The scan task of a real Guardian: what executors get, what is set aside, written down and told."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from celery import Celery

from guardian import client
from guardian.client.connection import address, application
from guardian.scanner.report import ScanVerdict
from tests.runtime.running import Guardian, guardian, wait_for

BAD, GOOD = "eval('1')\n", "print('fine')\n"
CONFIG = """
node = "n1"
[worker]
sweep_every = "1s"
resend_after = "2s"
visibility_timeout = "46s"
[scanner]
quarantine_roots = ["{made}"]
max_bytes = 100000
deep_directories = ["{deep}"]
[[scanner.agents.trusted.exceptions]]
rule = "G101"
path = "*"
reason = "its own"
"""


@dataclass(frozen=True)
class Running:
    run: Guardian
    app: Celery
    made: Path

    def ask(self, task_id: str | None = None, **wanted: Any) -> Any:
        sent = self.app.send_task("guardian.scan", kwargs=wanted, queue="scan", task_id=task_id)
        answer = sent.get(timeout=60)
        sent.forget()  # the same message again is to be answered again
        return answer

    def put(self, name: str, text: str = BAD) -> Path:
        path = self.made / name
        path.write_text(text)
        return path

    def lines(self, task: str) -> list[Any]:
        lines = (self.run.state / "security.jsonl").read_text().splitlines()
        return [found for line in lines if (found := json.loads(line))["task"] == task]

    def workers(self) -> list[psutil.Process]:
        """Those that scan, by their title or by the child that they keep."""
        found = psutil.Process(self.run.process.pid).children(recursive=True)
        return [each.parent() for each in found if "guardian.scanner.child" in each.cmdline()]  # type: ignore[misc]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("scan")
    made = folder / "made"
    made.mkdir()
    (folder / "deep").mkdir()
    (folder / "deep" / "old.py").write_text(BAD)
    with guardian(folder, "up", config=CONFIG.format(made=made, deep=folder / "deep")) as run:
        run.wait_until_up()
        yield Running(run, application(address(run.state)), made)


def test_a_good_script_is_allowed_with_a_receipt(running: Running) -> None:
    path = running.put("good.py", GOOD)
    report = running.ask(path=str(path), agent="writer")
    assert (report["verdict"], report["findings"], report["path"], report["agent"]) == (
        "allow",
        [],
        str(path),
        "writer",
    )
    assert report["sha256"] == hashlib.sha256(GOOD.encode()).hexdigest()
    assert path.read_text() == GOOD
    assert client.verify_receipt(
        path, report["receipt"], state=running.run.state, config=running.run.folder / "guardian.toml"
    )


def test_a_bad_script_is_blocked_set_aside_written_down_and_told_of(running: Running) -> None:
    path, task = running.put("bad.py"), uuid.uuid4().hex
    report = running.ask(task, path=str(path), agent="writer")
    assert (report["verdict"], report["findings"][0]["rule"]) == ("block", "G101")
    assert not path.exists()
    held = running.run.state / "quarantine" / report["quarantine"]["id"]
    assert (held / "script").read_text() == BAD
    assert json.loads((held / "report.json").read_text())["agent"] == "writer"
    (line,) = running.lines(task)
    assert (line["verdict"], line["agent"], line["findings"][0]["rule"]) == ("block", "writer", "G101")
    title = f"bad.py {report['sha256'][:8]} fails on n1: scan verdict block, agent writer, quarantined: G101"
    wait_for("a person is told", lambda: title in running.run.output)


def test_what_comes_as_text_is_scanned_and_nothing_is_moved(running: Running) -> None:
    path = running.put("text.py")
    report = running.ask(source=BAD, filename=str(path))
    assert (report["verdict"], report["quarantine"]) == ("block", None)
    assert path.exists()


def test_a_path_that_is_not_here_asks_for_the_source(running: Running) -> None:
    report = running.ask(path="/nowhere/x.py")
    assert (report["verdict"], report["findings"][0]["rule"]) == ("block", "G001")
    assert report["findings"][0]["message"] == "not on this node, send the source"


@pytest.mark.parametrize("wanted", [{}, {"path": ""}, {"path": "a\0b"}, {"source": ""}, {"source": "\udcff = 1"}])
def test_odd_requests_are_answered(running: Running, wanted: dict[str, str]) -> None:
    report = running.ask(**wanted)
    assert report["verdict"] == ("allow" if wanted.get("source") == "" else "block")


@pytest.mark.parametrize("kind", ["folder", "pipe", "large", "device"])
def test_what_is_no_readable_script_is_answered_at_once(running: Running, kind: str) -> None:
    path = running.made / f"{kind}.py"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "large":
            path.write_text("x = 1\n" * 50_000)
        case "device":
            path = Path("/dev/zero")
    report = running.ask(path=str(path))
    assert [each["rule"] for each in report["findings"]] == ["G001"]
    assert path.exists()


def test_an_agent_has_its_own_policy(running: Running) -> None:
    path = running.put("trusted.py")
    report = running.ask(path=str(path), agent="trusted")
    assert (report["verdict"], report["excepted"][0]["reason"]) == ("allow", "its own")
    assert report["receipt"]["path"] == str(path)
    assert running.ask(source=BAD, filename=str(path), agent="trusted")["verdict"] == "block"


def test_the_same_content_is_answered_from_before(running: Running) -> None:
    text = f"# {uuid.uuid4()}\n"
    first, again = running.ask(source=text, filename="one.py"), running.ask(source=text, filename="two.py")
    assert (first["cached"], again["cached"]) == (False, True)
    assert again["path"] == "two.py"
    assert running.ask(source=text + "#\n")["cached"] is False


def test_a_message_that_comes_twice_is_done_once(running: Running) -> None:
    path, task = running.put("twice.py", BAD + "# twice\n"), uuid.uuid4().hex
    first = running.ask(task, path=str(path))
    again = running.ask(task, path=str(path))
    assert len(running.lines(task)) == 2
    assert first["quarantine"]["id"] is not None
    assert {**again, "cached": None} == {**first, "cached": None}
    held = list((running.run.state / "quarantine").glob(f"{first['sha256'][:12]}-*"))
    assert len(held) == 1
    wait_for("told", lambda: f"twice.py {first['sha256'][:8]} fails" in running.run.output)
    assert running.run.output.count(f"twice.py {first['sha256'][:8]} fails") == 1


def test_a_worker_that_dies_gives_the_message_back(running: Running) -> None:
    running.ask(source=GOOD)
    victims = {each.pid for each in running.workers()}
    assert victims
    for worker in running.workers():
        worker.suspend()
    path = running.put("killed.py", BAD + "# killed\n")
    sent = [
        running.app.send_task("guardian.scan", kwargs={"path": str(path)}, queue="scan"),
        running.app.send_task("guardian.scan", kwargs={"source": GOOD}, queue="scan"),
    ]
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    answers = [each.get(timeout=100) for each in sent]
    assert [each["verdict"] for each in answers] == ["block", "allow"]
    assert not path.exists()


def test_a_client_asks_and_gets_the_bytes_to_run(running: Running) -> None:
    path = running.put("client.py", GOOD + "# client\n")
    scanned = client.scan(path, agent="writer", state=running.run.state)
    assert scanned.allowed
    assert scanned.source == path.read_bytes()
    assert client.scan(source=BAD, state=running.run.state).verdict is ScanVerdict.BLOCK
    latin = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    assert client.scan(source=latin, state=running.run.state).report.sha256 == hashlib.sha256(latin).hexdigest()


def test_a_client_without_an_answer_blocks(running: Running, tmp_path: Path) -> None:
    nobody = client.scan(source=GOOD, state=tmp_path)
    assert (nobody.verdict, nobody.findings[0].rule, nobody.allowed) == (ScanVerdict.BLOCK, "G001", False)
    assert "no Guardian runs in" in nobody.findings[0].message
    (tmp_path / "client.json").write_text(json.dumps({"url": "redis://127.0.0.1:1/0", "prefix": "guardian:"}))
    assert client.scan(source=GOOD, state=tmp_path, timeout=2).verdict is ScanVerdict.BLOCK
    running.ask(source=GOOD)
    for worker in running.workers():
        worker.suspend()
    try:
        late = client.scan(source=GOOD + "# late\n", state=running.run.state, timeout=0.5)
        assert (late.verdict, late.receipt) == (ScanVerdict.BLOCK, None)
    finally:
        for worker in running.workers():
            worker.resume()


def test_callers_inside_of_tasks_and_many_at_once_are_all_answered(running: Running) -> None:
    found: list[str] = []

    def ask(number: int) -> None:
        found.append(running.ask(source=f"x = {number}\n")["verdict"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["allow"] * 20


EXAMPLES = Path(__file__).parents[2] / "examples" / "executor"


@pytest.mark.parametrize("name", ["with_celery.py", "with_client.py"])
def test_the_example_executors_run_what_is_allowed_and_nothing_else(running: Running, name: str) -> None:
    def execute(text: str) -> subprocess.CompletedProcess[str]:
        path = running.put("example.py", text)
        command = [sys.executable, str(EXAMPLES / name), str(running.run.state), str(path), "argument"]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)

    good = execute("import sys\nprint('ran with', sys.argv[1])\nsys.exit(7)\n")
    assert (good.returncode, good.stdout) == (7, "ran with argument\n"), good.stderr
    bad = execute("print('ran')\neval('1')\n")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert ":2: G101" in bad.stderr


def test_executors_with_an_application_of_their_own_can_import_the_task(running: Running) -> None:
    code = (
        "import sys; from pathlib import Path; from guardian.client.connection import address, application\n"
        "application(address(Path(sys.argv[1]))).set_default()\n"
        "from guardian.tasks.scan import scan\n"
        "print(scan.delay(source='x = 1', filename='x.py', agent='a').get(timeout=30)['verdict'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(running.run.state)], capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.returncode, done.stdout) == (0, "allow\n"), done.stderr


def test_the_deep_scan_goes_by_itself_and_only_reports(running: Running) -> None:
    report = running.run.state / "deep-scan.json"
    wait_for("the deep scan's report", report.exists, 60)
    (bad,) = json.loads(report.read_text())["bad"]
    assert (Path(bad["path"]).name, bad["verdict"], bad["rules"]) == ("old.py", "block", ["G101"])
    assert Path(bad["path"]).read_text() == BAD
