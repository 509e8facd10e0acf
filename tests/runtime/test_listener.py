"""`guardian listen` against a real PM2 and a real server: what it sends, and when it sends nothing."""

import json
import os
import time
from pathlib import Path

import pytest

from guardian.errors import NotRunning
from guardian.runtime import alive
from guardian.runtime.listener import PART, Life
from tests.real_pm2 import RealPm2
from tests.redis_server import RedisServer
from tests.runtime.running import Guardian, guardian, wait_for

QUEUE = "guardian:check.n1"

CONFIG = """node = "n1"
[redis]
url = "{url}"
[checks.process_health]
[supervisors.pm2]
homes = ["{home}"]
"""


def waiting(redis_server: RedisServer) -> int:
    with redis_server.client() as client:
        return int(client.llen(QUEUE))  # type: ignore[arg-type]


def listening(run: Guardian, pm2: RealPm2) -> bool:
    """It holds a connection to PM2's bus."""
    assert run.process.poll() is None, run.output
    return pm2.bus_clients() >= 1


def test_ends_that_come_together_are_one_look(tmp_path: Path, redis_server: RedisServer, pm2_home: RealPm2) -> None:
    pm2_home.start_all({f"app-{number}": "exec sleep 1000" for number in range(5)}, autorestart=False)
    config = CONFIG.format(url=redis_server.url, home=pm2_home.home)
    with guardian(tmp_path, "listen", config=config) as run:
        wait_for("it listens", lambda: listening(run, pm2_home))
        assert waiting(redis_server) == 0
        began = time.monotonic()
        for entry in pm2_home.entries():
            os.kill(entry["pid"], 9)
        wait_for("a look is sent", lambda: waiting(redis_server))
        wait_for("all have ended", lambda: all(each["pm2_env"]["status"] == "stopped" for each in pm2_home.entries()))
        time.sleep(1)  # a second one would come within REST
        assert 1 <= waiting(redis_server) <= 1 + (time.monotonic() - began) / 0.6
        assert run.end() == 0


def test_a_server_that_is_away_is_said_and_the_next_end_is_heard(
    tmp_path: Path, redis_server: RedisServer, pm2_home: RealPm2
) -> None:
    pm2_home.start_all({"first": "exec sleep 1000", "second": "exec sleep 1000"}, autorestart=False)
    config = CONFIG.format(url=redis_server.url, home=pm2_home.home)
    with guardian(tmp_path, "listen", config=config) as run:
        wait_for("it listens", lambda: listening(run, pm2_home))
        redis_server.kill()
        pm2_home.kill_app("first")
        wait_for("it says so", lambda: "the store is away" in run.output)
        redis_server.start()
        pm2_home.kill_app("second")
        wait_for("a look is sent", lambda: waiting(redis_server))
        assert run.end() == 0


def test_its_probe_says_whether_it_works(tmp_path: Path, redis_server: RedisServer, pm2_home: RealPm2) -> None:
    assert probe(tmp_path) == (3, f"no listener runs in {tmp_path / 'state'}\n")
    config = CONFIG.format(url=redis_server.url, home=pm2_home.home)
    with guardian(tmp_path, "listen", config=config) as run:
        wait_for("it listens", lambda: listening(run, pm2_home))
        wait_for("its sign of life", (run.state / alive.file_of(PART)).exists)
        assert probe(tmp_path) == (0, "")
        assert run.end() == 0
        assert list(run.state.iterdir()) == []


def probe(folder: Path) -> tuple[int, str]:
    with guardian(folder, "listen", "--probe") as run:
        return run.process.wait(60), run.output


def test_one_ear_that_does_not_turn_any_more_is_found_out_by_the_probe(tmp_path: Path) -> None:
    at = 1000.0
    life = Life(tmp_path, 2, lambda: at)
    for _ in range(7):
        at += 10
        life.turned(0)
        life.sign()
    written = json.loads((tmp_path / alive.file_of(PART)).read_text())
    assert (written["pid"], round(time.time() - written["at"]) >= 70) == (os.getpid(), True)
    with pytest.raises(NotRunning, match=r"the listener in .* hangs: its last sign of life was 7"):
        alive.proven(tmp_path, PART, written["at"] + 70)
    life.turned(1)
    at += 10
    life.sign()
    alive.proven(tmp_path, PART, time.time())


def test_without_a_check_that_follows_processes_it_only_waits(tmp_path: Path, redis_server: RedisServer) -> None:
    with guardian(tmp_path, "listen", config=f'[redis]\nurl = "{redis_server.url}"\n') as run:
        wait_for("it says so", lambda: "nothing to listen to" in run.output)
        wait_for("its sign of life", (run.state / alive.file_of(PART)).exists)
        assert run.end() == 0
