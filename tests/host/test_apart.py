"""Work that may do anything: its answer comes back, or the reason why none does, and its process is gone."""

import ctypes
import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psutil
import pytest

from guardian.host.apart import MOST_BYTES, Lost, apart
from tests.runtime.running import wait_for

LONG, SHORT = timedelta(seconds=60), timedelta(seconds=0.5)


Gone = Callable[[], bool]


@pytest.fixture
def gone() -> Gone:
    """Whether nothing is left of what the test started; servers of other tests may run below this process too."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: set(psutil.Process().children(recursive=True)) <= before


def hang() -> None:
    while True:
        try:
            time.sleep(600)
        except BaseException:  # noqa: BLE001, S112
            continue


def leave_a_child_with_the_answers_pipe() -> None:
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)


def crash() -> None:
    faulthandler.disable()  # pytest's would tell the terminal
    ctypes.string_at(0)


def print_and_answer() -> int:
    for _ in range(1000):
        print("rubbish" * 1000)
        print("rubbish" * 1000, file=sys.stderr)
    return 7


def deaf_to_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    hang()


@pytest.mark.parametrize("value", [None, 1, "ä\udc80", [1, {"a": None}], {"broken": "x"}, "x" * 3_000_000])
def test_an_answer_comes_back_as_it_is(value: object, gone: Gone) -> None:
    assert apart(lambda: value, LONG) == value
    assert gone()


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: sys.exit(3), "SystemExit: 3"),
        (lambda: os._exit(0), "its process ended without an answer"),
        (crash, "its process ended without an answer"),
        (leave_a_child_with_the_answers_pipe, "its process ended without an answer"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "its process ended without an answer"),
        (lambda: {1, 2}, "TypeError"),
        (lambda: float("nan"), "ValueError"),
        (lambda: "x" * (MOST_BYTES + 1), f"more than {MOST_BYTES} bytes"),
        (lambda: "\n".join(["a"] * 10) + chr(0) * MOST_BYTES, f"more than {MOST_BYTES} bytes"),
    ],
)
def test_whatever_else_it_does_is_said(work: Callable[[], Any], reason: str, gone: Gone) -> None:
    with pytest.raises(Lost, match=reason):
        apart(work, LONG)
    wait_for("its process is gone", gone)


@pytest.mark.parametrize("work", [hang, deaf_to_signals])
def test_what_hangs_is_ended(work: Callable[[], None], gone: Gone) -> None:
    with pytest.raises(Lost, match=r"no answer within 0\.5 s"):
        apart(work, SHORT)
    wait_for("its process is gone", gone)


def test_what_it_prints_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert apart(print_and_answer, LONG) == 7
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not keep a process's data within a limit")
def test_its_memory_is_bounded() -> None:
    with pytest.raises(Lost, match="MemoryError"):
        apart(lambda: len(bytearray(2_000_000_000)), LONG, memory_bytes=1_000_000_000)


def test_the_traceback_comes_along() -> None:
    with pytest.raises(Lost) as caught:
        apart(lambda: 1 / 0, LONG)
    assert "test_apart.py" in caught.value.trace
