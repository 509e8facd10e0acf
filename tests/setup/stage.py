"""A machine of one test's own, on which a person types `guardian init` and then `guardian doctor`."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.doctor.base import Report, Surroundings
from guardian.doctor.examine import examine
from guardian.host.listeners import Listener, listeners
from guardian.host.pm2s import Pm2Daemon, pm2_daemons
from guardian.host.supervisords import SupervisordDaemon, supervisord_daemons
from guardian.setup.around import Places
from tests.doctor.installed import OUTSIDE
from tests.real_pm2 import RealPm2, running_pm2
from tests.real_supervisord import RealSupervisord, running_supervisord
from tests.redis_server import RedisServer
from tests.runtime.running import Guardian, guardian

WEBHOOK = "W3bh00kS3cr3t"


@dataclass
class Stage:
    """Its daemons are real; of all that the process list of this machine shows, those of this stage are there. `ports`
    are those that its processes may listen on."""

    folder: Path
    patch: pytest.MonkeyPatch
    ends: ExitStack
    pm2s: list[RealPm2] = field(default_factory=list)
    supervisords: list[RealSupervisord] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    around: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        for name in OUTSIDE:
            self.patch.delenv(name, raising=False)
        self.patch.setenv("HOME", str(self.folder / "home"))
        self.patch.setenv("GUARDIAN_ALERT_WEBHOOK", f"http://127.0.0.1:1/{WEBHOOK}")
        self.usual_supervisord(self.folder / "home" / "supervisor.sock")
        (self.folder / "home").mkdir()
        self.cwd.mkdir()
        self.patch.chdir(self.cwd)
        self.around = Surroundings(
            pm2_daemons=self._pm2s,
            supervisord_daemons=self._supervisords,
            compose=self.cwd,
            patience=timedelta(seconds=20),
        )

    @property
    def cwd(self) -> Path:
        return self.folder / "here"

    @property
    def file(self) -> Path:
        return self.cwd / "guardian.toml"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def places(self) -> Places:
        return Places(
            self.cwd,
            self.home,
            dict(os.environ),
            pm2_daemons=self._pm2s,
            listeners=self._listeners,
            supervisord_daemons=self._supervisords,
            supervisord_usual=(self._usual,),
            logs=(),
        )

    def pm2(self, *, usual: bool = False) -> RealPm2:
        made = self.ends.enter_context(running_pm2())
        self.pm2s.append(made)
        if usual:
            (self.home / ".pm2").symlink_to(made.home)
        return made

    def supervisord(self, http: str = "") -> RealSupervisord:
        made = self.ends.enter_context(running_supervisord(http))
        self.supervisords.append(made)
        return made

    def usual_supervisord(self, socket: Path) -> None:
        """From here on, supervisord is looked for there by itself."""
        self._usual = str(socket)
        self.patch.setattr("guardian.supervisors.supervisord.USUAL", (self._usual,))

    def redis(self) -> RedisServer:
        """One that Guardian is told of by the environment."""
        folder = Path(tempfile.mkdtemp(prefix="gr-"))
        self.ends.callback(shutil.rmtree, folder, ignore_errors=True)
        made = RedisServer(folder)
        made.start()
        self.ends.callback(made.kill)
        self.patch.setenv("GUARDIAN_REDIS_URL", made.url)
        return made

    def run(self, *arguments: str) -> Guardian:
        """`guardian ARGUMENTS` as a process of its own, in the folder of the configuration."""
        return self.ends.enter_context(guardian(self.cwd, *arguments))

    def add(self, text: str) -> None:
        """To the configuration."""
        with self.file.open("a") as file:
            file.write(text)

    def examine(self) -> Report:
        return examine(None, self.cwd / "state", self.around)

    def _pm2s(self) -> Sequence[Pm2Daemon]:
        homes = [pm2.home for pm2 in self.pm2s]
        return [daemon for daemon in pm2_daemons() if daemon.home in homes]

    def _supervisords(self) -> Sequence[SupervisordDaemon]:
        files = [each.config for each in self.supervisords]
        return [daemon for daemon in supervisord_daemons() if daemon.config in files]

    def _listeners(self) -> Sequence[Listener]:
        return [listener for listener in listeners() if listener.port in self.ports]
