"""A Guardian of a drill's own, in a temporary folder, and a supervised process for it to watch."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psutil
import redis

from guardian.drill.keeper import Sandbox, SandboxError, Stage, Staged, kept
from guardian.runtime import statedir
from guardian.runtime.embedded import ending
from guardian.store.store import connect

TARGET = "guardian-drill"
"""The name of the throwaway process."""

GUARDIAN = (sys.executable, "-m", "guardian")

_CONFIG = """
[checks.process_health]
[supervisors.pm2]
homes = ["{home}"]
[supervisors.supervisord]
enabled = false
"""

_START_LIMIT = timedelta(seconds=30)
_STOP_LIMIT = timedelta(seconds=25)
_COMMAND_LIMIT = timedelta(seconds=60)
_PM2 = "PM2 (the pm2 on PATH, in a home of its own)"
_STANDIN = "Guardian's own stand-in for PM2 (there is no pm2 on PATH)"


@contextmanager
def sandbox(stage: Stage, say: Callable[[str], None]) -> Iterator[Sandbox]:
    """A stage and a Guardian that watches it. Says what could not be cleared away. Raises SandboxError."""
    with kept(stage, guardian, say) as box:
        yield box


@contextmanager
def supervised(folder: Path) -> Iterator[Staged]:
    """One process under a supervisor; its Guardian has default settings."""
    with _supervised(folder) as supervisor:
        yield Staged(_CONFIG.format(home=folder / "pm2"), supervisor)


@contextmanager
def guardian(folder: Path, config: str, program: Sequence[str] = GUARDIAN) -> Iterator[psutil.Process]:
    """`guardian up` with this configuration and its state in the folder; it logs to `guardian.log`. Raises
    SandboxError when its store does not answer in time."""
    (folder / "guardian.toml").write_text(config, encoding="utf-8")
    command = [*program, "up", "--config", str(folder / "guardian.toml"), "--state", str(folder / "state")]
    with (folder / "guardian.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment({}), start_new_session=True
        )
    try:
        _until(process, lambda: _answers(folder / "state"), folder / "guardian.log")
        yield psutil.Process(process.pid)
    finally:
        _end(process)


@contextmanager
def _supervised(folder: Path) -> Iterator[str]:
    """The throwaway process under a supervisor; what that is called."""
    home, script = folder / "pm2", folder / "app.sh"
    home.mkdir(mode=0o700)
    script.write_text("exec sleep 86400\n")
    if pm2 := shutil.which("pm2"):
        with _pm2(pm2, home, script):
            yield _PM2
    else:
        with _standin(home, script):
            yield _STANDIN


@contextmanager
def _pm2(program: str, home: Path, script: Path) -> Iterator[None]:
    env = _environment({"PM2_HOME": str(home), "PM2_NO_INTERACTION": "true"})
    app = {"name": TARGET, "script": str(script), "interpreter": "/bin/sh", "autorestart": False}
    apps = home / "apps.json"
    apps.write_text(json.dumps({"apps": [app]}), encoding="utf-8")
    try:
        _run([program, "start", str(apps)], env)
        yield
    finally:
        with suppress(SandboxError):
            _run([program, "kill"], env)
        _end_home(home)


@contextmanager
def _standin(home: Path, script: Path) -> Iterator[None]:
    app = {"name": TARGET, "command": ["/bin/sh", str(script)], "autorestart": False}
    spec = home / "spec.json"
    spec.write_text(json.dumps({"apps": [app]}), encoding="utf-8")
    log = home / "standin.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "guardian.drill.standin", str(home), str(spec)],
            stdin=subprocess.PIPE, stdout=output, stderr=output, env=_environment({}), start_new_session=True,
        )  # fmt: skip
    try:
        _until(process, (home / "rpc.sock").exists, log)
        yield
    finally:
        _end(process)


def _environment(more: Mapping[str, str]) -> Mapping[str, str]:
    """Without the user's own PM2, Redis and alert addresses."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUARDIAN_", "PM2_"))}
    return {**kept, **more}


def _run(command: Sequence[str], env: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL,
            timeout=_COMMAND_LIMIT.total_seconds(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(str(error)) from None
    if done.returncode:
        raise SandboxError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-500:]}")


def _answers(state: Path) -> bool:
    try:
        running = statedir.client(state)
        return running is not None and bool(connect(running.url).ping())
    except redis.RedisError:
        return False


def _until(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    """Until it is ready. Raises SandboxError with the process's last words."""
    deadline = time.monotonic() + _START_LIMIT.total_seconds()
    while not ready():
        code = process.poll()
        if code is not None or time.monotonic() > deadline:
            said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            how = ending(code) if code is not None else f"nothing within {_START_LIMIT.total_seconds():.0f} s"
            raise SandboxError(f"{log.stem}: {how}: {' '.join(said)}")
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asked, then killed; what it started ends with it."""
    for order in (process.terminate, process.kill):
        order()
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_STOP_LIMIT.total_seconds())
            return


def _end_home(home: Path) -> None:
    """Whatever still carries this PM2 home in its environment. Raises SandboxError when something outlives that."""
    deadline = time.monotonic() + _STOP_LIMIT.total_seconds()
    while left := [process for process in psutil.process_iter() if _home_of(process) == str(home)]:
        if time.monotonic() > deadline:
            raise SandboxError(f"still running: {left}")
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        time.sleep(0.05)


def _home_of(process: psutil.Process) -> str | None:
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else process.environ().get("PM2_HOME")
    except (psutil.Error, OSError):
        return None
