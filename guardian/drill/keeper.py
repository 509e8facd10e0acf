"""A forked process that keeps a stage and the Guardian that watches it, and clears everything away when the pipe to it
ends. So nothing is left however the drill ends, by Ctrl-C or by `kill -9`.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from guardian.errors import GuardianError

_GO_WRONG, _PROVE = b"w", b"p"


class SandboxError(GuardianError):
    """The sandbox could not be set up."""


@dataclass(frozen=True)
class Staged:
    """What a drill breaks, as it runs in the keeper. `config`: that of the Guardian that watches it; `words`: what it
    is, for people. `go_wrong` breaks it. `proof` says what is to be seen in the world when it was mended; it raises
    SandboxError while that is not so."""

    config: str
    words: str
    go_wrong: Callable[[], None] = lambda: None
    proof: Callable[[], str] = lambda: ""


Stage = Callable[[Path], AbstractContextManager[Staged]]
"""Sets it up in an empty folder, well as yet; what it starts ends with it."""


@dataclass(frozen=True)
class Sandbox:
    """A stage and its Guardian, seen from outside. `words` says what is broken."""

    folder: Path
    words: str
    go_wrong: Callable[[], None]
    proof: Callable[[], str]

    @property
    def config(self) -> Path:
        return self.folder / "guardian.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def log(self) -> Path:
        return self.folder / "guardian.log"


@contextmanager
def kept(
    stage: Stage, guardian: Callable[[Path, str], AbstractContextManager[object]], say: Callable[[str], None]
) -> Iterator[Sandbox]:
    """Says what could not be cleared away. Raises SandboxError."""
    keeper = _Keeper(stage, guardian)
    try:
        yield keeper.ready()
    finally:
        say("clearing everything away")
        if left := keeper.end():
            say(f"could not be cleared away: {left}")


class _Keeper:
    """The forked process, as its parent sees it: it answers each order with a line, and writes one when all is gone."""

    def __init__(self, stage: Stage, guardian: Callable[[Path, str], AbstractContextManager[object]]) -> None:
        orders, self._lifeline = os.pipe()
        reports, report = os.pipe()
        # an interrupt in the midst of forking is swallowed by Python's own hooks
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._pid = os.fork()
        if self._pid == 0:
            os.setsid()  # Ctrl-C is for the drill alone
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
            os.close(self._lifeline)
            os.close(reports)
            _be_keeper(stage, guardian, orders, report)
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        os.close(orders)
        os.close(report)
        self._reports = os.fdopen(reports, encoding="utf-8")

    def ready(self) -> Sandbox:
        said = self._said("the drill cannot begin")
        return Sandbox(Path(said["folder"]), said["words"], self._go_wrong, lambda: self._order(_PROVE))

    def end(self) -> str | None:
        """What is left."""
        os.close(self._lifeline)
        with self._reports:
            last = self._reports.readlines()[-1:]
        os.waitpid(self._pid, 0)
        return json.loads(last[0]).get("left") if last else None

    def _go_wrong(self) -> None:
        self._order(_GO_WRONG)

    def _order(self, order: bytes) -> str:
        os.write(self._lifeline, order)
        return self._said("the drill cannot go on")["done"]

    def _said(self, trouble: str) -> dict[str, str]:
        said: dict[str, str] = json.loads(self._reports.readline() or '{"error": "its keeper ended"}')
        if "error" in said:
            raise SandboxError(f"{trouble}: {said['error']}")
        return said


def _be_keeper(
    stage: Stage, guardian: Callable[[Path, str], AbstractContextManager[object]], orders: int, report: int
) -> NoReturn:
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        with os.fdopen(report, "w", encoding="utf-8") as reports:
            _keep(stage, guardian, orders, reports)
    finally:
        os._exit(0)


def _keep(
    stage: Stage, guardian: Callable[[Path, str], AbstractContextManager[object]], orders: int, reports: IO[str]
) -> None:
    def report(**facts: str) -> None:
        with suppress(OSError):  # the drill is gone
            print(json.dumps(facts), file=reports, flush=True)

    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gd-")))
            _mute(folder / "keeper.log")
            staged = stack.enter_context(stage(folder))
            stack.enter_context(guardian(folder, staged.config))
            report(folder=str(folder), words=staged.words)
            while order := os.read(orders, 1):
                report(**_obeyed(staged, order))
    except (OSError, GuardianError) as error:
        report(error=str(error), left=str(error))


def _obeyed(staged: Staged, order: bytes) -> dict[str, str]:
    try:
        if order == _PROVE:
            return {"done": staged.proof()}
        staged.go_wrong()
    except (OSError, GuardianError) as error:
        return {"error": str(error)}
    return {"done": ""}


def _mute(file: Path) -> None:
    """The terminal, or the pipe that is read in its place, is the drill's."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(descriptor, number)
    os.close(descriptor)
