"""A real supervisord for the tests, from PyPI: each daemon in its own folder, all gone at the end."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from supervisor.xmlrpc import SupervisorTransport

from tests.real_pm2 import wait_for

_MARK = "SUPERVISORD_TEST_HOME"
_STOP_SECONDS = 20
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


class RealSupervisord:
    """One folder with its daemon. Every process below it carries the folder in its environment: that is how they are
    found and ended, whoever adopted them. Asked by supervisord's own client, not by the adapter's."""

    def __init__(self, home: Path, http: str = "") -> None:
        self.home = home
        self.daemon: subprocess.Popen[bytes] | None = None
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("SUPERVISOR")}
        self._env |= {_MARK: str(home), "HOME": str(home)}
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
        with (self.home / "output").open("ab") as out:
            self.daemon = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self.config)],
                cwd=self.home,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
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

    def signal_daemon(self, with_signal: signal.Signals) -> None:
        assert self.daemon is not None
        self.daemon.send_signal(with_signal)

    def kill_daemon(self) -> None:
        """`kill -9`: the programs live on without a parent, the socket file stays."""
        self.signal_daemon(signal.SIGKILL)
        assert self.daemon is not None
        self.daemon.wait(_STOP_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """Everything that runs in this folder."""
        return [process for process in psutil.process_iter() if _home_of(process) == str(self.home)]

    def close(self) -> None:
        """Several rounds: a daemon restarts what dies before it."""
        end = time.monotonic() + _STOP_SECONDS
        while (left := self.processes()) and time.monotonic() < end:
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            time.sleep(0.01)
        if self.daemon is not None:
            self.daemon.wait(_STOP_SECONDS)
        shutil.rmtree(self.home, ignore_errors=True)
        assert not left, f"still running: {left}"


def _home_of(process: psutil.Process) -> str | None:
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else process.environ().get(_MARK)
    except (psutil.Error, OSError):
        return None


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
