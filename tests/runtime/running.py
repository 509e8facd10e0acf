"""A real `guardian` command in a process of its own, and all that it starts: found by a mark in the environment."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.real_daemon import marked

MARK = "GUARDIAN_TEST_RUN"
_MAIN = "from guardian.cli.main import main; main()"


def wait_for(what: str, condition: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer of `condition`; fails with `what` when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port() -> int:
    """One that a program of the test may listen on. Below those that systems give to whoever wants any: one of these
    could be somebody else's by then."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Guardian:
    """One command with its own state directory; `output` is what it wrote."""

    def __init__(self, folder: Path, *arguments: str, config: str | None = None) -> None:
        self.folder, self.state = folder, folder / "state"
        self.mark = uuid.uuid4().hex
        if config is not None:
            (folder / "guardian.toml").write_text(config)
        self._output = folder / f"output-{self.mark}"
        environ = {key: value for key, value in os.environ.items() if not key.startswith("GUARDIAN_")}
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _MAIN, *arguments, "--state", str(self.state)],
                cwd=folder,
                env=environ | {MARK: self.mark},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def all_processes(self) -> list[psutil.Process]:
        """Everything of this run that still exists, however it was orphaned."""
        return marked(MARK, self.mark)

    def part(self, name: str) -> psutil.Process | None:
        """The server, a worker, beat or the watch, once it is fully there."""
        return next(iter(self.parts(name)), None)

    def parts(self, name: str) -> list[psutil.Process]:
        """All of this name: there are two workers."""
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children()
            living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
            return [child for child in living if self._kind(child) == name]
        return []

    def _kind(self, child: psutil.Process) -> str:
        if "server" in child.name():
            return "server"
        if child.children():
            return "worker"
        return "watch" if child.pid == self.watch_pid() else "beat"

    def watch_pid(self) -> int | None:
        """The watch says so itself."""
        with contextlib.suppress(OSError, ValueError):
            return int(json.loads((self.state / "watch-alive.json").read_text())["pid"])
        return None

    def wait_until_up(self) -> None:
        """With two workers at least: one without its pool yet would pass for beat."""

        def ready() -> bool:
            assert self.process.poll() is None, self.output
            return len(self.parts("worker")) > 1 and all(self.part(name) for name in ("server", "beat", "watch"))

        wait_for("server, workers, beat and watch run", ready)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Its exit code after the signal."""
        self.process.send_signal(number)
        return self.process.wait(60)


@contextlib.contextmanager
def guardian(folder: Path, *arguments: str, config: str | None = None) -> Iterator[Guardian]:
    """Run it, and leave nothing of it behind."""
    run = Guardian(folder, *arguments, config=config)
    try:
        yield run
    finally:
        for process in run.all_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        run.process.wait()
