"""A Guardian with its default patrols of 10 s, and thirty apps that their supervisor does not restart."""

import json
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.apps import App
from bench.lanes import Down, Lane
from guardian import services
from guardian.drill.sandbox import guardian
from guardian.model import Key
from guardian.runtime import alive, statedir
from guardian.runtime.listener import PART
from guardian.store.store import Store
from tests.real_pm2 import running_pm2, wait_for
from tests.real_supervisord import running_supervisord

APPS = 30
CHECK = "process_health"
MAX_CRASHES = 50
"""What PM2 gives up it has restarted before: often enough for a crash loop, which nobody heals."""


@dataclass(frozen=True)
class Kind:
    """A supervisor: how one is run, its part of guardian.toml, the option under which it leaves apps alone."""

    name: str
    running: Callable[[], AbstractContextManager[Any]]
    section: Callable[[Any], str]
    option: Mapping[str, object]

    @property
    def left_alone(self) -> str:
        return " ".join(f"{key} {value}".lower() for key, value in self.option.items())


def _pm2(pm2: Any) -> str:
    return f'[supervisors.pm2]\nhomes = ["{pm2.home}"]\n[supervisors.supervisord]\nenabled = false\n'


def _supervisord(made: Any) -> str:
    return f'[supervisors.supervisord]\nsockets = ["{made.socket}"]\n[supervisors.pm2]\nenabled = false\n'


PM2 = Kind("PM2", running_pm2, _pm2, {"autorestart": False})
SUPERVISORD = Kind("supervisord", running_supervisord, _supervisord, {"autorestart": "false"})


@dataclass(frozen=True)
class Watched:
    """What runs: `supervisor` is the real one. `up` is Guardian's parent process."""

    supervisor: Any
    store: Store
    node: str
    folder: Path
    up: psutil.Process
    apps: Sequence[App]

    @property
    def url(self) -> str:
        running = statedir.client(self.folder / "state")
        assert running is not None
        return running.url

    def lane(self, apps: Sequence[App], crash: Callable[[App], Down | None], pause: tuple[float, float]) -> Lane:
        return Lane(apps, crash, pause, self._has_incident)

    def _has_incident(self, app: App) -> bool:
        key = Key(CHECK, self.node, app.name)
        return key in self.store.open_of({key})

    def sees(self, apps: Sequence[App]) -> bool:
        states = self.store.last_look(CHECK, self.node).states
        return all(app.name in states for app in apps)

    def add(self, apps: Sequence[App], **options: object) -> None:
        """Returns when Guardian has seen them."""
        self.supervisor.start_all({app.name: app.script for app in apps}, **options)
        wait_for("Guardian has looked", lambda: self.sees(apps), 60)

    @contextmanager
    def no_listener(self) -> Iterator[None]:
        """`kill -9` of the listener, and of each that is started in its place."""
        over, killed = threading.Event(), set[int]()

        def keep_killing() -> None:
            while not over.wait(0.02):
                pid = self._listener()
                if pid is not None and pid not in killed:
                    os.kill(pid, signal.SIGKILL)
                    killed.add(pid)

        thread = threading.Thread(target=keep_killing)
        thread.start()
        try:
            wait_for("the listener is killed", lambda: killed, 60)
            yield
        finally:
            over.set()
            thread.join()

    def _listener(self) -> int | None:
        """It says so itself; a dead one's number may be somebody else's by now."""
        with suppress(OSError, ValueError, psutil.Error):
            pid = int(json.loads((self.folder / "state" / alive.file_of(PART)).read_text())["pid"])
            return pid if psutil.Process(pid).ppid() == self.up.pid else None
        return None


@contextmanager
def watched(kind: Kind, apps: int, budget: int) -> Iterator[Watched]:
    """The brake is off: crashes of a bench are not of one cause."""
    with kind.running() as supervisor, tempfile.TemporaryDirectory(prefix="gb-") as name:
        folder = Path(name)
        made = [App(f"agent-{number:02}", folder) for number in range(apps)]
        config = f"[brake]\nshare = 1.0\n[heal]\nbudget = {budget}\n[checks.{CHECK}]\nmax_crashes = {MAX_CRASHES}\n"
        with guardian(folder, config + kind.section(supervisor)) as up:
            loaded = services.load_config(folder / "guardian.toml")
            store = services.open_store(loaded, statedir.redis_url(loaded, folder / "state"), None)
            world = Watched(supervisor, store, loaded.node, folder, up, made)
            world.add(made, **kind.option)
            try:
                yield world
            finally:
                store.close()
