"""A real supervisord for the tests, from PyPI: each daemon in its own folder, all gone at the end."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from supervisor.xmlrpc import SupervisorTransport

from tests.real_daemon import RealDaemon
from tests.real_pm2 import wait_for

_CONFIG = """[unix_http_server]
file={home}/s.sock
{http}
[supervisord]
logfile={home}/supervisord.log
pidfile={home}/supervisord.pid
childlogdir={home}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{home}/s.sock
"""


class RealSupervisord(RealDaemon):
    """One folder with its daemon. Asked by supervisord's own client, not by the adapter's."""

    mark = "SUPERVISORD_TEST_HOME"

    def __init__(self, home: Path, http: str = "") -> None:
        super().__init__(home)
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("SUPERVISOR")}
        self._env |= {self.mark: str(home), "HOME": str(home)}
        self.config.write_text(_CONFIG.format(home=home, http=http))

    @property
    def socket(self) -> Path:
        return self.home / "s.sock"

    @property
    def config(self) -> Path:
        return self.home / "supervisord.conf"

    @property
    def log(self) -> Path:
        return self.home / "supervisord.log"

    @property
    def rpc(self) -> Any:
        """The calls of its XML-RPC, `system` not among them."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def start_daemon(self) -> None:
        program = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self.config)]
        self.spawn(program, self._env, self.home / "output")
        wait_for("supervisord answers", self.answers)

    def answers(self) -> bool:
        assert self.daemon is None or self.daemon.poll() is None, (self.home / "output").read_text()
        try:
            return bool(self.rpc.getState()["statecode"] == 1)
        except (OSError, xmlrpc.client.Error):
            return False

    def ctl(self, *arguments: str) -> str:
        """What `supervisorctl ARGUMENTS` prints, as a person would run it."""
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(self.config), *arguments],
            cwd=self.home, env=self._env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    def start(self, name: str, script: str = "exec sleep 1000", **options: object) -> None:
        """Add a program that runs the shell text `script`; `options` as in its section."""
        self.start_all({name: script}, **options)

    def start_all(self, scripts: Mapping[str, str], **options: object) -> None:
        """In the running daemon, as `supervisorctl update` does. Not waited for."""
        lines = []
        for name, script in scripts.items():
            file = self.home / f"{name}.sh"
            file.write_text(script + "\n")
            lines += [f"[program:{name}]", f"command=/bin/sh {file}"]
            lines += [f"{key}={value}" for key, value in options.items()]
        self.add("\n".join(lines), *scripts)

    def add(self, text: str, *groups: str) -> None:
        """Add sections to the configuration, and the groups in them to the running daemon."""
        with self.config.open("a") as config:
            config.write(text + "\n")
        self.rpc.reloadConfig()
        for group in groups:
            self.rpc.addProcessGroup(group)

    def info(self, name: str) -> dict[str, Any]:
        """What supervisord itself says, whole."""
        found: dict[str, Any] = self.rpc.getProcessInfo(name)
        return found

    def status(self, name: str) -> str:
        return str(self.info(name)["statename"])

    def wait_status(self, name: str, *statuses: str, seconds: float = 60) -> dict[str, Any]:
        """The info that had it: the next one may have another."""

        def found() -> dict[str, Any] | None:
            info = self.info(name)
            return info if info["statename"] in statuses else None

        info: dict[str, Any] = wait_for(f"{name} is {statuses}", found, seconds)
        return info

    def kill_app(self, name: str, with_signal: signal.Signals = signal.SIGKILL) -> None:
        pid = self.info(name)["pid"]
        assert pid > 0, f"{name} does not run"  # 0 would be the test's own process group
        os.kill(pid, with_signal)


@contextlib.contextmanager
def running_supervisord(http: str = "") -> Iterator[RealSupervisord]:
    """A fresh folder directly below /tmp: the path of a Unix socket has to stay under 100 characters."""
    made = RealSupervisord(Path(tempfile.mkdtemp(prefix="sv-", dir="/tmp")), http)
    try:
        made.start_daemon()
        yield made
    finally:
        made.close()


@pytest.fixture
def supervisord() -> Iterator[RealSupervisord]:
    """A supervisord of this test alone."""
    with running_supervisord() as made:
        yield made
