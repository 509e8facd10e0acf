"""Runs the operator's commands: argument lists, never a shell; clean environment, time limit, bounded output.

Each runs in the process group of a nanny (apart.py), so that nothing of it is left behind: no orphan, no zombie.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import IO

from guardian.host.apart import Lost, apart
from guardian.ports import Command, Ran
from guardian.settings import duration_text

KEPT_BYTES = 8192
"""Of what it writes, the beginning is kept ..."""

END_BYTES = 4096
"""... and the end; the rest is read and dropped."""

WAIT = timedelta(seconds=30)
"""The longest that a task waits; a command that may take longer goes on by itself."""

_GRACE = 1.0
"""Between asking it to end and killing it."""

_OVERHEAD = timedelta(seconds=5)
_SLICE = 0.02
_FROM_OUTSIDE = ("PATH", "HOME", "LANG")


class Commands:
    """guardian.ports.CommandRunner on this machine."""

    def run(self, command: Command) -> Ran:
        longer = command.goes_on and command.limit > WAIT
        limit = WAIT if longer else command.limit + _OVERHEAD
        try:
            answer = apart(lambda: _run(command), limit, goes_on=command.goes_on)
        except Lost as lost:
            if lost.running and longer:
                return Ran(running=True, trouble=f"still running after {duration_text(WAIT)}")
            return Ran(trouble=f"could not be watched: {lost}")
        return Ran(**answer)


def _run(command: Command) -> dict[str, object]:
    """In the nanny: its group is the command's."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # asked to end is the command; a handler is not inherited
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=command.cwd,
            env=_environment(command, os.environ),
        )
    except (OSError, ValueError) as error:
        return {"started": False, "trouble": _not_started(command, error)}
    out, err, end, trouble = _watched(process, began + command.limit.total_seconds(), command)
    code = process.returncode
    if trouble is None and code is not None and code < 0:
        trouble = f"ended by signal {_signal_name(-code)}"
    return {
        "code": code if trouble is None else None,
        "output": (out or err).decode(errors="replace"),
        "end": end.decode(errors="replace"),
        "trouble": trouble,
        "seconds": round(time.monotonic() - began, 3),
    }


def _environment(command: Command, outside: Mapping[str, str]) -> dict[str, str]:
    found = {"PATH": os.defpath} | {name: outside[name] for name in _FROM_OUTSIDE if name in outside}
    found |= {name: outside[name] for name in command.env_from if name in outside}
    return found | dict(command.env)


def _not_started(command: Command, error: Exception) -> str:
    what = command.arguments[0]
    if command.cwd is not None and not os.path.isdir(command.cwd):  # noqa: PTH112
        return f"could not be started: there is no folder {command.cwd}"
    reason = getattr(error, "strerror", None) or str(error)
    hint = " (has it a `#!` line?)" if "format" in reason.lower() else ""
    return f"could not be started: {what}: {reason}{hint}"


def _watched(
    process: "subprocess.Popen[bytes]", deadline: float, command: Command
) -> tuple[bytes, bytes, bytes, str | None]:
    """The beginning of its output and of its errors, the end of both as they came, and why it was ended. Waits for the
    command, not for whoever else holds its output."""
    end = bytearray()
    kept: dict[int, bytearray] = {}
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            assert stream is not None  # noqa: S101  both are pipes
            os.set_blocking(stream.fileno(), False)
            kept[stream.fileno()] = bytearray()
            selector.register(stream, selectors.EVENT_READ)
        streams = list(kept)
        trouble = None
        while process.poll() is None:
            if time.monotonic() >= deadline:
                trouble = f"timed out: ended after {duration_text(command.limit)}"
                _end(process)
                break
            _take(selector, kept, end, _SLICE)
        _take(selector, kept, end, 0)
    out, err = (bytes(kept[stream]) for stream in streams)
    return out, err, bytes(end), trouble


def _take(selector: selectors.BaseSelector, kept: Mapping[int, bytearray], end: bytearray, patience: float) -> None:
    if not selector.get_map():
        time.sleep(patience)  # it closed its output and runs on
        return
    for key, _ in selector.select(patience):
        stream: IO[bytes] = key.fileobj  # type: ignore[assignment]
        with suppress(BlockingIOError):
            chunk = os.read(key.fd, 65536)
            room = KEPT_BYTES - len(kept[key.fd])
            kept[key.fd] += chunk[:room]
            end += chunk
            del end[:-END_BYTES]
            if not chunk:
                selector.unregister(stream)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Asked first, then killed, with all that it started in its group: a child that lives on is the nanny's to kill."""
    os.killpg(os.getpgrp(), signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
        return
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
