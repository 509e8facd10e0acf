"""A script that takes its reader down takes nothing else with it."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from guardian.host.scan_child import ScanChild
from guardian.scanner import scan_file, scan_source
from guardian.scanner.policy import Exemption, Policy

BAD = b"eval('1')\n"


@pytest.fixture
def child() -> Iterator[ScanChild]:
    made = ScanChild()
    yield made
    made.close()


def pid_of(child: ScanChild) -> int:
    assert child._child is not None
    return child._child.pid


def test_it_says_what_a_scan_in_process_says(child: ScanChild, tmp_path: Path) -> None:
    exemption = Exemption("G101", "why", path="/x.py", expires=date(2999, 1, 1))
    (tmp_path / "a.py").write_bytes(BAD)
    for policy in (Policy(), Policy(exceptions=(exemption,)), Policy(max_bytes=3)):
        for source, name in ((BAD, "/x.py"), (b"print(1)\n", "b.py"), (None, str(tmp_path / "a.py"))):
            there = child.scan(source, name, policy)
            here = (
                scan_file(name, policy=policy) if source is None else scan_source(source, filename=name, policy=policy)
            )
            assert replace(
                there, duration=0.0, findings=list(there.findings), excepted=list(there.excepted)
            ) == replace(here, duration=0.0, findings=list(here.findings), excepted=list(here.excepted))
    first = pid_of(child)
    child.scan(BAD, "c.py", Policy())
    assert pid_of(child) == first


def test_the_memory_of_whoever_asks_does_not_count(child: ScanChild) -> None:
    """The system counts it for a process that it started, too."""
    ballast = bytearray(400_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    child.scan(BAD, "a.py", Policy())
    first = pid_of(child)
    child.scan(BAD, "b.py", Policy())
    assert pid_of(child) == first
    assert len(ballast) == 400_000_000


def test_a_child_that_was_killed_is_replaced(child: ScanChild) -> None:
    child.scan(BAD, "a.py", Policy())
    os.kill(pid_of(child), signal.SIGKILL)
    child._child.wait()  # type: ignore[union-attr]
    assert [each.rule for each in child.scan(BAD, "a.py", Policy()).findings] == ["G101"]


def test_a_child_that_hangs_is_ended_and_that_is_the_answer(child: ScanChild) -> None:
    child.scan(BAD, "a.py", Policy())
    hung = pid_of(child)
    os.kill(hung, signal.SIGSTOP)
    report = child.scan(b"x" * 500_000, "a.py", Policy(max_seconds=0.2))
    assert (report.verdict, report.findings[0].rule) == ("block", "G001")
    assert report.findings[0].message == "not read to its end within 0.2 s"
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)
    assert child.scan(b"print(1)\n", "a.py", Policy()).verdict == "allow"


def test_a_child_that_dies_while_it_reads_is_the_answer_too(child: ScanChild) -> None:
    child.scan(BAD, "a.py", Policy())
    os.kill(pid_of(child), signal.SIGSTOP)
    os.kill(pid_of(child), signal.SIGKILL)
    report = child.scan(BAD, "a.py", Policy())
    assert report.verdict == "block"  # G001, or in a new child what it really is
    assert child.scan(b"print(1)\n", "a.py", Policy()).verdict == "allow"


def test_a_child_that_used_its_time_up_says_so_by_its_end(child: ScanChild) -> None:
    child.scan(BAD, "a.py", Policy())
    stopped = pid_of(child)
    os.kill(stopped, signal.SIGSTOP)
    os.kill(stopped, signal.SIGPROF)  # as its timer sends it
    late = threading.Timer(0.2, os.kill, (stopped, signal.SIGCONT))
    late.start()
    report = child.scan(BAD, "a.py", Policy())
    late.join()
    assert report.findings[0].message == "not read to its end within 5 s"


def test_too_little_memory_is_a_finding() -> None:
    child = ScanChild(60_000_000)
    try:
        nested = b"x = [" + b"[1, 2, 3], " * 60_000 + b"]\n"
        assert [each.rule for each in child.scan(nested, "a.py", Policy(max_nodes=10**9)).findings] == ["G001"]
    finally:
        child.close()
