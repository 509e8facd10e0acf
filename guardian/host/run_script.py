"""Run a script from its bytes: isolated, in a clean environment, within limits. POSIX only.

The bytes go through a file without a name (sealed where the system can), so that nobody swaps them on the way; the
script's own path is only what it is told that it is called. The parser is the one that scanned: no archive, no compiled
file hides behind a name.
"""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

TIMED_OUT, OVER = 124, 125
"""Exit codes, as timeout(1) has the first: its time is over; it started too many processes."""

_STUB = """
import os, resource, sys
fd, memory, seconds = map(int, sys.argv[1:4])
for name, most in (("AS", memory), ("CPU", seconds), ("CORE", 0)):
    try:
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (most, most))
    except (AttributeError, OSError, ValueError):
        pass
for stream in (sys.stdin, sys.stdout, sys.stderr):
    if stream is not None:
        stream.reconfigure(encoding="utf-8", errors="replace")
with os.fdopen(fd, "rb") as file:
    source = file.read()
sys.argv[:] = sys.argv[4:]
name = sys.argv[0]
code = compile(source, name, "exec", dont_inherit=True)
main = sys.modules["__main__"].__dict__
for left in ("os", "resource", "sys", "fd", "memory", "seconds", "most", "stream", "file", "source", "left"):
    main.pop(left, None)
main["__file__"] = main.pop("name")
exec(main.pop("code"), main.pop("main"))
"""
_ENVIRONMENT = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
_SLICE, _GRACE = 0.05, 2.0


@dataclass(frozen=True)
class Limits:
    seconds: float = 600.0
    memory_bytes: int = 2_000_000_000
    processes: int = 32


def run(source: bytes, name: str, arguments: Sequence[str], limits: Limits, environ: Mapping[str, str]) -> int:
    """Its exit code as a shell gives it (128 + signal). What it started ends with it; its streams are those of here."""
    handle = _anonymous(source)
    try:
        process = subprocess.Popen(
            [
                sys.executable, "-I", "-X", "utf8", "-c", _STUB, str(handle), str(limits.memory_bytes),
                str(max(1, round(limits.seconds) + 1)), name, *arguments,
            ],
            pass_fds=[handle],
            env=dict(environ),
            start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(handle)
    try:
        return _watched(process, limits)
    finally:  # whatever it left behind in its group
        _signal(process, _descendants(process.pid), signal.SIGKILL)
        process.wait()


def clean(environ: Mapping[str, str], more: Sequence[str] = ()) -> dict[str, str]:
    """What every program needs, and what is named; no key of this process gets through by itself."""
    return {name: environ[name] for name in (*_ENVIRONMENT, *more) if name in environ}


def _anonymous(source: bytes) -> int:
    """A descriptor of a file that has no name, at its beginning."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            _write(file.fileno(), source)
            return os.dup(file.fileno())
    handle = os.memfd_create("script", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    try:
        _write(handle, source)
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _write(handle: int, source: bytes) -> None:
    left = memoryview(source)
    while left:
        left = left[os.write(handle, left) :]
    os.lseek(handle, 0, os.SEEK_SET)


def _watched(process: subprocess.Popen[bytes], limits: Limits) -> int:
    end = time.monotonic() + limits.seconds
    while True:
        try:
            code = process.wait(_SLICE)
        except subprocess.TimeoutExpired:
            known = _descendants(process.pid)
            if len(known) >= limits.processes:
                _end(process, known)
                return OVER
            if time.monotonic() >= end:
                _end(process, known)
                return TIMED_OUT
        else:
            return code if code >= 0 else 128 - code


def _descendants(pid: int) -> Sequence[psutil.Process]:
    with suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return ()


def _end(process: subprocess.Popen[bytes], known: Sequence[psutil.Process]) -> None:
    """Asked, then killed: its group, and what of it left the group."""
    _signal(process, known, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    _signal(process, [*known, *_descendants(process.pid)], signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], known: Sequence[psutil.Process], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
    for each in known:
        with suppress(psutil.Error):
            each.send_signal(number)
