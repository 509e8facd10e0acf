"""One Guardian of real processes, with what it watches and whom it tells: a Redis server, a supervisor
with apps (PM2, or supervisord), a webhook receiver, an escalation directory. Times are short, so that a test waits
seconds for what takes minutes."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psutil

from guardian import services
from guardian.config import Config
from guardian.model import HealState, Incident, TellState
from tests.faults import plugin
from tests.faults.proxy import SlowProxy
from tests.faults.receiver import Receiver
from tests.faults.supervised import Kind, Supervised, UnderPm2
from tests.real_daemon import is_marked, marked
from tests.real_pm2 import RealPm2
from tests.redis_server import RedisServer
from tests.runtime.running import wait_for

NODE = "n1"
MARK = "GUARDIAN_TEST_RUN"

Settings = Mapping[str, Mapping[str, object]]

_SETTINGS: Settings = {
    "heal": {"cooldown": "30s", "lease": "4s", "verify_after": "1s", "budget": 1000, "takeovers": 3},
    "worker": {
        "check_processes": 1,
        "act_processes": 1,
        "time_limit": "3s",
        "visibility_timeout": "5s",
        "sweep_every": "500ms",
        "resend_after": "1500ms",
    },
    "brake": {"release_every": "1s"},
    "flapping": {"begins": 1, "ends": 1},
    "escalation": {"after": "1s"},
    "summary": {"every": "2s"},
    "checks.process_health": {"interval": "1s", "min_uptime": "1s"},
}

_APP = """date +%s.%N >> "{starts}"
if [ -e "{broken}" ]; then echo "UnicodeEncodeError: broken"; exit 1; fi
exec sleep 100000"""


class Bench:
    """`apps` run under `kind` of supervisor with `autorestart: false`: what starts them again is
    Guardian or `start_by_hand`.

    Each start of an app is a line in its own file. That is what counts: PM2's `restart_time` does not rise when a
    stopped process is restarted, so it stays 0 here unless somebody restarts what is running.
    `slow`: Guardian reaches Redis over `slow_line`.
    """

    def __init__(
        self, apps: int, settings: Settings | None = None, *, slow: bool = False, kind: Kind = UnderPm2
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gf-", dir="/tmp"))  # short: a socket's path must be
        self.requests = self.folder / "requests"
        self.requests.mkdir()
        (self.folder / "redis").mkdir()
        (self.folder / "sv").mkdir()
        self.server = RedisServer(self.folder / "redis")
        self.receiver = Receiver()
        self.supervised: Supervised = kind(self.folder / "sv")
        self.apps = [f"app-{number}" for number in range(apps)]
        self.by_hand: dict[str, list[float]] = {app: [] for app in self.apps}
        self.slow_line = SlowProxy(self.folder / "slow.sock", self.server.socket)
        self.config = self._configure(settings or {}, self.slow_line.url if slow else self.server.url)
        self.store = services.open_store(self.config, self.server.url, None)
        self.lost_answers = 0
        """How often a worker may have died between a receiver's answer and the note of it."""
        self.program: subprocess.Popen[bytes] | None = None
        self._mark = uuid.uuid4().hex
        self._runs = 0

    def __enter__(self) -> "Bench":
        self.start_server()
        self.start_daemon()
        self.start_apps()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            print(self.report())
        self.end_everything()
        self.store.close()
        self.receiver.close()
        self.slow_line.close()
        self.supervised.close()
        self.server.resume() if self.server.alive else None
        self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _configure(self, settings: Settings, redis: str) -> Config:
        own: dict[str, dict[str, object]] = {
            "redis": {"url": redis},
            **{name: dict(values) for name, values in self.supervised.section.items()},
            "escalation": {"directory": str(self.requests)},
            "alerts": {"webhook": self.receiver.url},
            "watch": {"ping_url": self.receiver.url},
        }
        lines = [f'node = "{NODE}"']
        for section in {**_SETTINGS, **own, **settings}:
            lines.append(f"[{section}]")
            values = {**_SETTINGS.get(section, {}), **own.get(section, {}), **settings.get(section, {})}
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        file = self.folder / "guardian.toml"
        file.write_text("\n".join(lines))
        return services.load_config(file)

    def start_server(self, *, empty: bool = False) -> None:
        if empty:
            self.server.restart_empty()
        else:
            self.server.start()
        (self.folder / plugin.SERVER).write_text(str(self.server.pid))

    def start_daemon(self) -> None:
        """The supervisor's."""
        (self.folder / plugin.DAEMON).write_text(str(self.supervised.start_daemon()))

    @property
    def pm2(self) -> RealPm2:
        """For tests that are about PM2 alone."""
        assert isinstance(self.supervised, UnderPm2)
        return self.supervised.real

    # Guardian

    def start(self, *parts: str, wait: bool = True) -> None:
        """`check`, `act` and `beat`, unless others are named. Returns when they run and every app was seen well."""
        parts = parts or ("check", "act", "beat")
        for part in parts:
            (self.folder / f"{part}.pid").unlink(missing_ok=True)
        self._runs += 1
        with (self.folder / "log").open("ab") as log:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.program", str(self.folder), *parts],
                cwd=Path(__file__).parents[2],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for("its parts run", lambda: all(map(self.part, parts)), 60)
        if wait:
            wait_for("Guardian sees every app", self.all_seen_well, 60)

    def end(self) -> None:
        """SIGTERM; asserts that nothing is left of it."""
        assert self.program is not None
        self.program.send_signal(signal.SIGTERM)
        assert self.program.wait(60) == 0, self.report()
        self.program = None
        assert self.processes() == [], self.report()

    def kill_everything(self) -> None:
        """As when the power fails: Guardian and Redis at once; what is watched lives on."""
        self.end_everything()
        self.server.kill()
        self.program = None

    def end_everything(self) -> None:
        if self.program is not None:
            self.program.kill()
            self.program.wait(60)
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()

    def environment(self) -> dict[str, str]:
        """What every process of Guardian's here is known by."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUARDIAN_", "PM2_"))}
        return kept | {MARK: self._mark}

    def processes(self) -> list[psutil.Process]:
        """Everything that Guardian has running, however it was orphaned."""
        return marked(MARK, self._mark)

    def part(self, name: str) -> psutil.Process | None:
        """The running part's main process."""
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int((self.folder / f"{name}.pid").read_text()))
            if is_marked(process, MARK, self._mark):
                return process
        return None

    # faults

    def arm(self, point: str, who: str = "group") -> None:
        """Somebody dies at the point; see plugin.py."""
        (self.folder / plugin.FIRED).unlink(missing_ok=True)
        temporary = self.folder / "fault.new"
        temporary.write_text(json.dumps({"at": point, "who": who}))
        temporary.rename(self.folder / plugin.FAULT)

    def fired(self) -> bool:
        return (self.folder / plugin.FIRED).exists()

    def wait_fired(self, seconds: float = 60) -> None:
        wait_for("the fault fires", self.fired, seconds)

    def armed(self) -> bool:
        return (self.folder / plugin.FAULT).exists()

    def disarm(self) -> None:
        for name in (plugin.FAULT, plugin.FIRED):
            (self.folder / name).unlink(missing_ok=True)

    def hold(self, name: str) -> None:
        """Killed, and started again it does nothing, until `let_go`."""
        (self.folder / f"{name}.held").touch()
        found = self.part(name)
        assert found is not None
        found.kill()

    def let_go(self, name: str) -> None:
        (self.folder / f"{name}.held").unlink()

    # the apps

    def start_apps(self, apps: Sequence[str] = ()) -> None:
        """In a daemon that does not know them yet."""
        apps = apps or self.apps
        at = time.time()
        for app in apps:
            self.by_hand[app].append(at)
        self.supervised.start_all({app: self._script(app) for app in apps})
        wait_for("every app has started", lambda: all(len(self.starts(app)) >= 1 for app in apps), 60)

    def _script(self, app: str) -> str:
        return _APP.format(starts=self.folder / f"{app}.starts", broken=self.folder / f"{app}.broken")

    def starts(self, app: str) -> list[float]:
        """When it started, by itself."""
        with contextlib.suppress(FileNotFoundError):
            return [float(line) for line in (self.folder / f"{app}.starts").read_text().split()]
        return []

    def crash(self, app: str, *, for_good: bool = False) -> None:
        """`kill -9`. For good: it dies at each start from now on, until `start_by_hand`."""
        if for_good:
            (self.folder / f"{app}.broken").touch()
        self.supervised.kill_app(app)

    def start_by_hand(self, app: str) -> None:
        """Mended, and started by a person."""
        (self.folder / f"{app}.broken").unlink(missing_ok=True)
        self.by_hand[app].append(time.time())
        self.supervised.start_by_hand(app)

    def record_start(self, app: str) -> None:
        """Somebody other than Guardian starts it now."""
        self.by_hand[app].append(time.time())

    def runs(self, app: str) -> bool:
        return self.supervised.runs(app)

    # what Guardian knows

    def seen(self) -> Mapping[str, str]:
        states = self.store.last_look("process_health", NODE).states
        return {target: str(state.status) for target, state in states.items()}

    def all_seen_well(self) -> bool:
        if self.program is not None:
            assert self.program.poll() is None, self.report()
        seen = self.seen()
        return all(seen.get(app) == "ok" for app in self.apps)

    def incidents(self) -> list[Incident]:
        """Every one that there ever was, but for Guardian's own."""
        client = self.server.client()
        with client:
            prefix = self.config.redis.prefix + "incident:"
            keys = client.keys(prefix + "*")
        ids = [key.decode().removeprefix(prefix) for key in keys]  # type: ignore[union-attr]
        found = self.store.incidents(ids)
        return sorted(found, key=lambda each: each.opened_at)

    def of(self, target: str) -> list[Incident]:
        return [each for each in self.incidents() if each.key.target == target]

    def last(self, target: str) -> Incident | None:
        return next(reversed(self.of(target)), None)

    def calm(self) -> bool:
        """Nothing is under way, and nothing is left to be told."""
        settled_all = all(each.heal is HealState.NONE and settled(each) for each in self.incidents())
        return settled_all and not self.store.spool.waiting()

    def wait_calm(self, seconds: float = 90) -> None:
        wait_for("nothing is under way any more", self.calm, seconds)

    def wait_healed(self, app: str, before: int, seconds: float = 90) -> Incident:
        """The next incident after `before` earlier ones has ended well."""

        def healed() -> Incident | None:
            found = self.of(app)
            return found[-1] if len(found) > before and found[-1].resolved_at and settled(found[-1]) else None

        incident: Incident = wait_for(f"{app} is healed", healed, seconds)
        return incident

    def wait_escalated(self, app: str, seconds: float = 90) -> Incident:
        def escalated() -> Incident | None:
            last = self.last(app)
            return last if last is not None and last.escalated_at and last.tell is TellState.TOLD else None

        incident: Incident = wait_for(f"{app} is escalated", escalated, seconds)
        return incident

    def report(self) -> str:
        """For a failed test: what the processes said, and what became of each incident."""
        lines = (self.folder / "log").read_text(errors="replace").splitlines()[-120:]
        with contextlib.suppress(Exception):
            for each in self.incidents():
                lines.append(f"--- {each.id} {each.key} {each.state} heal={each.heal} tell={each.tell} {each.message}")
                lines += [f"    {step.at:%H:%M:%S.%f} {step.kind}: {step.text}" for step in self.store.story(each.id)]
        lines += [f"told {told}" for told in self.receiver.told]
        return "\n".join(lines)


def settled(incident: Incident) -> bool:
    """Told as far as it goes for now."""
    if incident.resolved_at:
        return incident.tell is TellState.NONE
    return incident.tell is TellState.TOLD


@contextlib.contextmanager
def bench(
    apps: int = 1, settings: Settings | None = None, *parts: str, slow: bool = False, kind: Kind = UnderPm2
) -> Iterator[Bench]:
    """A bench whose Guardian runs."""
    with Bench(apps, settings, slow=slow, kind=kind) as made:
        made.start(*parts)
        yield made
