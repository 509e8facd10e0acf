"""The watch as a command in a process of its own: its probe, its end, and one that is started twice."""

import json
import re
import signal
import time
from pathlib import Path

from tests.redis_server import RedisServer, redis_process, redis_server
from tests.runtime.running import Guardian, guardian, wait_for

__all__ = ["redis_process", "redis_server"]

CONFIG = '[redis]\nurl = "{url}"\n[watch]\nevery = "1s"\nblind_after = "20s"\n'


def probe(folder: Path) -> tuple[int, str]:
    with guardian(folder, "watch", "--probe") as run:
        return run.process.wait(60), run.output


def test_its_probe_says_whether_it_works_and_it_ends_without_a_trace(tmp_path: Path, redis_server: RedisServer) -> None:
    assert probe(tmp_path) == (3, f"no watch runs in {tmp_path / 'state'}\n")
    with guardian(tmp_path, "watch", config=CONFIG.format(url=redis_server.url)) as run:
        wait_for("its first look", lambda: working(run))
        assert probe(tmp_path) == (0, "")
        with redis_server.client() as client:
            assert client.exists("guardian:watches")
        assert run.end(signal.SIGTERM) == 0
        assert list(run.state.iterdir()) == []


def test_a_watch_that_hangs_is_found_out_by_its_probe(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "watch-alive.json").write_text(json.dumps({"pid": 1, "at": time.time() - 61}))
    code, said = probe(tmp_path)
    assert code == 3
    assert re.search(r"hangs: its last sign of life was \d+ s ago", said)
    (state / "watch-alive.json").write_text("{")
    assert probe(tmp_path)[0] == 3


def test_without_redis_it_works_on(tmp_path: Path) -> None:
    with guardian(tmp_path, "watch", config=CONFIG.format(url=f"unix://{tmp_path}/nothing.sock")) as run:
        wait_for("its first look", lambda: working(run))
        assert probe(tmp_path) == (0, "")
        assert "Traceback" not in run.output


def working(run: Guardian) -> bool:
    assert run.process.poll() is None, run.output
    return run.watch_pid() == run.process.pid
