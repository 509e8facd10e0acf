"""Runs work of strangers in a process of its own, for a bounded time, and takes a bounded answer.

The process leads a group. When it has answered, or its time is over, or whoever asked is gone (the end of a pipe says
so), the whole group is killed: nothing of the work is left, whatever it caught, started or waits for.
"""

import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

MOST_BYTES = 4_000_000
"""The longest answer."""

_SLICE = 0.05
_REAP = 2.0
_TRACE = 4000
_END = b"\n"
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGCHLD", "SIGALRM")
CAN = hasattr(os, "fork")
"""Whether this system can."""


class Lost(Exception):  # noqa: N818  named for what happened
    """No answer came. `trace` is the traceback of the work, where it raised; `running`: it goes on by itself."""

    def __init__(self, reason: str, *, trace: str = "", running: bool = False) -> None:
        super().__init__(reason)
        self.trace = trace
        self.running = running


def apart(work: Callable[[], Any], limit: timedelta, *, memory_bytes: int | None = None, goes_on: bool = False) -> Any:
    """The answer of `work` after a trip through JSON. Raises Lost, whose text says why there is none.

    `goes_on`: at the limit it is left to itself, and so is what it started; it has to see to its own end.
    """
    if not CAN:
        raise Lost("this system has no way to run it apart")
    answer, answer_end = os.pipe()
    life_end, life = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(answer)
        os.close(life)
        _be(work, answer_end, None if goes_on else life_end, memory_bytes)
    os.close(answer_end)
    os.close(life_end)
    running = goes_on
    try:
        text = _read(answer, pid, time.monotonic() + limit.total_seconds())
        running = False
    except TimeoutError:
        raise Lost(f"no answer within {limit.total_seconds():g} s", running=goes_on) from None
    finally:
        os.close(answer)
        os.close(life)
        if not goes_on:
            _kill(pid)
        _reap(pid, wait=not running)
    return _answer(text)


def _read(answer: int, pid: int, deadline: float) -> bytes:
    """Up to the end mark, or as much as there is once the process has ended: what it left behind may hold the pipe."""
    os.set_blocking(answer, False)
    found = bytearray()
    while not found.endswith(_END):
        if time.monotonic() >= deadline:
            raise TimeoutError
        ended = _ended(pid)
        if select.select([answer], [], [], 0 if ended else _SLICE)[0]:
            chunk = os.read(answer, 65536)
            found += chunk
            if not chunk or len(found) > MOST_BYTES:
                break
        elif ended:
            break
    return bytes(found)


def _ended(pid: int) -> bool:
    """Not taken off the system's table yet: its group's number stays its own."""
    if not hasattr(os, "waitid"):
        return False  # then the end of the pipe tells
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _answer(text: bytes) -> Any:
    if len(text) > MOST_BYTES:
        raise Lost(f"it answers with more than {MOST_BYTES} bytes")
    try:
        found = json.loads(text)
    except ValueError:
        raise Lost("its process ended without an answer") from None
    if "broken" in found:
        raise Lost(found["broken"], trace=found["trace"])
    return found["answer"]


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):  # it may not lead its group yet
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _reap(pid: int, *, wait: bool) -> None:
    """No zombie: where it does not end soon, a thread waits for it."""
    deadline = time.monotonic() + (_REAP if wait else 0)
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() >= deadline:
            threading.Thread(target=os.waitpid, args=(pid, 0), name="reaper", daemon=True).start()
            return
        time.sleep(0.002)


def _be(work: Callable[[], Any], answer: int, life: int | None, memory_bytes: int | None) -> NoReturn:
    try:
        _begin(life, memory_bytes)
        text = _worked(work)
        while text:
            text = text[os.write(answer, text) :]
    finally:
        os._exit(0)


def _begin(life: int | None, memory_bytes: int | None) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    for name in _SIGNALS:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    sys.stdout = sys.stderr = open(nothing, "w", closefd=False)  # noqa: SIM115  whatever they were bound to
    if life is not None:
        threading.Thread(target=_watch, args=(life,), name="lifeline", daemon=True).start()
    if memory_bytes is not None:
        import resource  # noqa: PLC0415  POSIX alone has it

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _watch(life: int) -> None:
    os.read(life, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _worked(work: Callable[[], Any]) -> bytes:
    try:
        text = json.dumps({"answer": work()}, allow_nan=False)
        if len(text) > MOST_BYTES:
            raise ValueError(f"it answers with more than {MOST_BYTES} bytes")  # noqa: TRY301
    except BaseException as error:  # noqa: BLE001  sys.exit too is an answer
        said = f"{type(error).__name__}: {error}"[:_TRACE]
        text = json.dumps({"broken": said, "trace": traceback.format_exc()[-_TRACE:]})
    return text.encode() + _END
