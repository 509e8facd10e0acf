"""A healthy Guardian as the doctor finds it, for a test to spoil one thing of."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from guardian import __version__
from guardian.doctor.base import Report, Surroundings
from guardian.doctor.examine import examine
from guardian.host.pm2s import Pm2Daemon, pm2_daemons
from guardian.host.supervisords import SupervisordDaemon, supervisord_daemons
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from guardian.store.values import ProcessSign
from tests.redis_server import RedisServer

NODE = "node-1"
NOBODY = 65534
OUTSIDE = ("GUARDIAN_CONFIG", "GUARDIAN_REDIS_URL", "GUARDIAN_ALERT_WEBHOOK", "PM2_HOME", "SUPERVISOR_SERVER_URL")
"""What must not come in from the environment of the tests."""
MINE = ProcessSign("beat", NODE, "m1", "host-1", 4711, __version__)

only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")


@dataclass
class Installed:
    """`configure` writes the file; `homes` are the PM2 daemons that exist for this test, of all on the machine, and
    `configs` the configuration files of its supervisords."""

    folder: Path
    homes: list[Path] = field(default_factory=list)
    configs: list[Path] = field(default_factory=list)
    around: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        self.state.mkdir()
        self.around = Surroundings(
            pm2_daemons=self._daemons,
            supervisord_daemons=self._supervisords,
            compose=self.folder,
            patience=timedelta(seconds=20),
        )

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def file(self) -> Path:
        return self.folder / "guardian.toml"

    def configure(self, text: str = "", *, redis: str | None = None, pm2: Path | None = None, top: str = "") -> None:
        url = f'[redis]\nurl = "{redis}"\nprefix = "g:"\n' if redis else ""
        own = f'homes = ["{pm2}"]\ntimeout = "5s"\n' if pm2 else "enabled = false\n"
        if pm2:
            self.homes.append(pm2)
        self.file.write_text(
            f'node = "{NODE}"\n{top}[checks.process_health]\n[supervisors.pm2]\n{own}{url}{text}\n'
            + ("" if "[alerts]" in text else '[alerts]\nwebhook = "http://127.0.0.1:1/"\n')
        )

    def spoil(self, **changes: object) -> None:
        self.around = replace(self.around, **changes)  # type: ignore[arg-type]

    def examine(self) -> Report:
        return examine(self.file if self.file.exists() else None, self.state, self.around)

    def _supervisords(self) -> Sequence[SupervisordDaemon]:
        return [daemon for daemon in supervisord_daemons() if daemon.config in self.configs]

    def _daemons(self) -> Sequence[Pm2Daemon]:
        return [daemon for daemon in pm2_daemons() if daemon.home in self.homes]


class Alive:
    """The signs of life of a Guardian that is well."""

    def __init__(self, server: RedisServer) -> None:
        self.store = Store(connect(server.url), "g:", Identity(), timedelta(minutes=5))
        self.store.signs.beat_ticked(self.store.clock.now())
        self.store.signs.process_seen(MINE)
        self.workers()

    def workers(self) -> None:
        self.store.signs.watch_seen(NODE, ())
        for role in ("check", "act"):
            self.store.signs.node_seen(NODE, role)
            self.store.signs.process_seen(replace(MINE, role=role))


def found(report: Report) -> list[str]:
    assert not report.blind, report.blind
    return sorted(finding.rule for finding in report.findings)


def as_nobody(examination: Callable[[], Report]) -> dict[str, str]:
    """`{rule: what}` as another user finds it, in a process forked for it: everything is imported already."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            report = examination()
            answer = {finding.rule: finding.what for finding in report.findings} | dict(report.blind)
            os.write(write, json.dumps(answer).encode())
            code = 0
        except BaseException as error:  # noqa: BLE001  told by the parent
            print(repr(error), file=sys.stderr)
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return dict(json.loads(answer))
