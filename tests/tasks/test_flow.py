"""The chain in real workers, as Flower sees it: by the events that they send."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from guardian.app import broker_url
from guardian.runtime.statedir import client
from guardian.supervisors.pm2.wire import Connection
from tests.runtime.running import Guardian, guardian, wait_for

CONFIG = """
[supervisors.pm2]
homes = ["{home}"]
[supervisors.supervisord]
enabled = false
[checks.process_health]
interval = "1s"
min_uptime = "1s"
[heal]
verify_after = "1s"
[worker]
sweep_every = "1s"
"""


@pytest.fixture
def apps(tmp_path: Path) -> Iterator[Path]:
    """A process of each name under the stand-in, whose home this is; none is started again by itself."""
    home = tmp_path / "pm2"
    home.mkdir()
    spec = {"apps": [{"name": "api", "command": ["sleep", "1000"], "autorestart": False}]}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    command = [sys.executable, "-m", "guardian.drill.standin", str(home), str(tmp_path / "spec.json")]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as standin:
        wait_for("the stand-in listens", (home / "rpc.sock").exists)
        try:
            yield home
        finally:
            assert standin.stdin
            standin.stdin.close()
            standin.wait(20)


class Events:
    """What the workers of a Guardian say of their tasks."""

    def __init__(self, state: Path) -> None:
        running = client(state)
        assert running is not None
        self._app = Celery(broker=broker_url(running.url), set_as_current=False)
        self._app.conf.broker_transport_options = {"global_keyprefix": running.prefix}
        self.received: list[dict[str, Any]] = []
        self._receiver: Any = None
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with self._app.connection_for_read() as connection:
            self._receiver = self._app.events.Receiver(connection, handlers={"*": self._take})
            self._receiver.capture(limit=None, timeout=None, wakeup=False)

    def _take(self, event: dict[str, Any]) -> None:
        self.received.append(event)

    def of(self, name: str) -> list[dict[str, Any]]:
        return [event for event in list(self.received) if event["type"] == "task-received" and event["name"] == name]

    def results(self, name: str) -> list[str]:
        ids = {event["uuid"] for event in self.of(name)}
        return [e["result"] for e in list(self.received) if e["type"] == "task-succeeded" and e["uuid"] in ids]

    def close(self) -> None:
        self._receiver.should_stop = True
        self._thread.join(5)


@pytest.fixture
def watched(tmp_path: Path, apps: Path) -> Iterator[tuple[Guardian, Events]]:
    with guardian(tmp_path, "up", config=CONFIG.format(home=apps)) as run:
        run.wait_until_up()
        events = Events(run.state)
        wait_for("a first look", lambda: events.results("guardian.check.process_health"))
        yield run, events
        events.close()
        assert run.end() == 0, run.output


def test_the_links_of_one_crash_are_parent_and_children(watched: tuple[Guardian, Events], apps: Path) -> None:
    _, events = watched
    kill_api(apps)
    wait_for(
        "it was verified", lambda: "True" in events.results("guardian.verify") or len(events.of("guardian.verify")) > 1
    )
    (heal,) = events.of("guardian.heal")
    looks = {event["uuid"] for event in events.of("guardian.check.process_health")}
    assert heal["parent_id"] in looks
    assert heal["root_id"] == heal["parent_id"]
    verifies = events.of("guardian.verify")  # the one that was too early, then the sweep's
    assert {verify["root_id"] for verify in verifies} == {heal["root_id"]}
    assert {verify["parent_id"] for verify in verifies} <= {heal["uuid"], *(verify["uuid"] for verify in verifies)}
    assert heal["uuid"] in {verify["parent_id"] for verify in verifies}


def test_a_check_gives_ok_and_its_message(watched: tuple[Guardian, Events], apps: Path) -> None:
    _, events = watched
    assert events.results("guardian.check.process_health")[-1] == "[True, '1 ok']"
    kill_api(apps)
    wait_for("a failing look", lambda: any("False" in text for text in events.results("guardian.check.process_health")))


def test_nothing_is_told_of_a_heal_that_holds(watched: tuple[Guardian, Events], apps: Path) -> None:
    run, events = watched
    kill_api(apps)
    wait_for("two verifying looks", lambda: len(events.of("guardian.verify")) > 1)
    wait_for("the sweep has nothing to do", lambda: events.results("guardian.sweep")[-1] == "0")
    assert not events.of("guardian.alert")
    assert not events.of("guardian.escalate")
    assert not list((run.state / "escalations").glob("*.task"))


def kill_api(home: Path) -> None:
    with Connection(home / "rpc.sock", 5) as connection:
        (entry,) = connection.call("getMonitorData", {})
    os.kill(entry["pid"], signal.SIGKILL)
