"""docker-compose.yml as a person runs it: `.env`, `docker compose up`, a PM2 outside, Flower's API."""

import base64
import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.containers.engine import ROOT, Engine, run
from tests.real_pm2 import RealPm2, wait_for
from tests.runtime.running import free_port

NODE, USER = "box", 12345
SERVICES = ("redis", "worker", "listen", "scan", "beat", "watch", "flower")
PROJECT = "guardian-test"

_CONFIG = '[checks.process_health]\ninterval = "2s"\nmin_uptime = "2s"\n'


def compose_program() -> Path:
    """Compose itself, from its wheel."""
    return Path(sys.executable).parent / "docker-compose"


class Stack:
    def __init__(self, engine: Engine, pm2: RealPm2, folder: Path) -> None:
        self.engine, self.pm2, self.state = engine, pm2, folder / "state"
        self.port = free_port()
        self.state.mkdir()
        os.chown(self.state, USER, USER)
        (folder / "guardian.toml").write_text(_CONFIG)
        self.settings = {
            "GUARDIAN_NODE": NODE,
            "GUARDIAN_UID": str(USER),
            "GUARDIAN_GID": str(USER),
            "PM2_HOME": str(pm2.home),
            "REDIS_PASSWORD": "b3d1c0ffee",
            "FLOWER_PASSWORD": "f10e2a",
            "FLOWER_PORT": str(self.port),
            "GUARDIAN_TOML": str(folder / "guardian.toml"),
            "GUARDIAN_STATE": str(self.state),
            "GUARDIAN_PROBE_EVERY": "3s",
        }
        self._env = folder / "env"
        self._env.write_text("".join(f"{key}={value}\n" for key, value in self.settings.items()))

    def compose(self, *words: str, codes: Container[int] = (0,)) -> str:
        where = ["--project-name", PROJECT, "--project-directory", ROOT, "--env-file", self._env]
        return run(compose_program(), *where, *words, seconds=150, more={"DOCKER_HOST": self.engine.host}, codes=codes)

    def up(self) -> None:
        """Returns when every service is healthy."""
        try:
            self.compose("up", "--detach", "--no-build", "--pull", "never", "--wait", "--wait-timeout", "120")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.report()}") from None

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans")

    def inspect(self, service: str) -> Any:
        return json.loads(self.engine.docker("inspect", f"{PROJECT}-{service}-1"))[0]

    def health(self, service: str) -> str:
        return str(self.inspect(service)["State"]["Health"]["Status"])

    def wait_healthy(self, *services: str) -> None:
        """By a probe that ran after now."""
        since = {service: _probed(self.inspect(service)) for service in services}

        def well() -> bool:
            seen = {service: self.inspect(service) for service in services}
            return all(
                each["State"]["Health"]["Status"] == "healthy" and _probed(each) != since[service]
                for service, each in seen.items()
            )

        self.wait(f"{', '.join(services)} healthy", well, 60)

    def kill(self, service: str) -> None:
        """The main process dies, as when the kernel is out of memory; then it has come back by itself."""
        before = self.inspect(service)
        os.kill(before["State"]["Pid"], signal.SIGKILL)

        def back() -> bool:
            now = self.inspect(service)
            return bool(now["RestartCount"] > before["RestartCount"] and now["State"]["Running"])

        self.wait(f"{service} is started again", back, 30)

    def guardian(self, *words: str) -> Any:
        """What the command prints as JSON, inside the worker."""
        return json.loads(self.compose("exec", "-T", "worker", "guardian", *words, "--json", codes=(0, 1, 3)))

    def incidents(self, target: str) -> list[dict[str, Any]]:
        return [each for each in self.guardian("incidents", "--all")["incidents"] if each["target"] == target]

    # the apps

    def start_app(self, name: str) -> None:
        """Guardian has seen it well when this returns."""
        self.pm2.start(
            name, f'date >> "{self._starts(name)}"\necho "{name} is here"\nexec sleep 1000', autorestart=False
        )
        started = datetime.now(UTC)

        def seen() -> bool:
            checks = self.guardian("status")["checks"]
            return any(
                each["status"] == "ok" and datetime.fromisoformat(each["checked_at"]) > started for each in checks
            )

        self.wait(f"{name} is seen", seen, 30)

    def starts(self, name: str) -> int:
        return len(self._starts(name).read_text().splitlines())

    def _starts(self, name: str) -> Path:
        return self.pm2.home / f"{name}.starts"

    def wait_healed(self, name: str) -> dict[str, Any]:
        """Its one incident has ended well, and it was started once more, not twice."""

        def healed() -> Any:
            found = self.incidents(name)
            return found and found[0]["resolved_at"] and found

        (incident,) = self.wait(f"{name} is healed", healed, 90)
        assert self.pm2.status(name) == "online"
        assert self.starts(name) == 2
        return dict(incident)

    # Flower

    def flower(self, path: str, user: str | None = None) -> Any:
        given = f"guardian:{self.settings['FLOWER_PASSWORD']}" if user is None else user
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        request.add_header("Authorization", "Basic " + base64.b64encode(given.encode()).decode())
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  loopback, by this test
            return json.load(answer)

    # when it goes wrong

    def wait(self, what: str, condition: Callable[[], Any], seconds: float) -> Any:
        try:
            return wait_for(what, lambda: condition() or time.sleep(0.3), seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.report()}") from None

    def report(self) -> str:
        return self.compose("ps", "--all") + self.compose("logs", "--no-color", "--tail", "30")


def _probed(inspected: Mapping[str, Any]) -> str:
    """When the newest probe ran."""
    log = inspected["State"]["Health"]["Log"]
    return str(log[-1]["Start"]) if log else ""


@contextmanager
def running_stack(engine: Engine, pm2: RealPm2, folder: Path) -> Iterator[Stack]:
    stack = Stack(engine, pm2, folder)
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
