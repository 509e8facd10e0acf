"""What the harnesses of real daemons share: a folder, a mark in the environment, an end that leaves nothing."""

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import psutil

_STOP_SECONDS = 60


def marked(variable: str, value: str) -> list[psutil.Process]:
    """What runs with this in its environment, however it was orphaned. PID 1 may reap zombies late: gone enough."""
    return [process for process in psutil.process_iter() if is_marked(process, variable, value)]


def is_marked(process: psutil.Process, variable: str, value: str) -> bool:
    try:
        return process.environ().get(variable) == value and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


class RealDaemon:
    """One folder with its daemon, a child of ours. Every process below it carries the folder in its environment, in
    `mark`: that is how they are found and ended, whoever adopted them."""

    mark: ClassVar[str]

    def __init__(self, home: Path) -> None:
        self.home = home
        self.daemon: subprocess.Popen[bytes] | None = None

    def spawn(self, command: Sequence[str | Path], env: Mapping[str, str], output: Path, **options: Any) -> None:
        """Run the daemon, with what it prints at the end of a file."""
        with output.open("ab") as out:
            self.daemon = subprocess.Popen(
                command, cwd=self.home, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, **options,
            )  # fmt: skip

    def signal_daemon(self, with_signal: signal.Signals) -> None:
        assert self.daemon is not None
        self.daemon.send_signal(with_signal)

    def kill_daemon(self) -> None:
        """`kill -9`: the apps live on without a parent, the socket file stays."""
        self.signal_daemon(signal.SIGKILL)
        assert self.daemon is not None
        self.daemon.wait(_STOP_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """Everything that runs in this folder: daemon, apps, and what a command line started."""
        return marked(self.mark, str(self.home))

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
