"""The watch's process: what it remembers on disk, and whom it calls while all is well."""

import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from guardian.decide.blind import Blindness
from guardian.decide.occurrences import Occurrence
from guardian.notify.exchange import Address
from guardian.notify.ping import Ping
from guardian.runtime.watch import look, recalled, remembered
from tests.engine.watched import World
from tests.redis_server import RedisServer

SECRET = "/ping/very-secret-uuid"  # noqa: S105
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOLD = [
    Occurrence("a", "beat", Blindness.BEAT_AWAY, "text", NOW, told=frozenset({"log", "webhook"}), done_at=NOW),
    Occurrence("b", "Redis", Blindness.STORE_AWAY, "text", NOW, over=NOW + timedelta(hours=1), ending="over", times=2),
]


class Outside:
    """A real HTTP server that counts the calls; `status` is its answer, `hangs` until it is closed."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.status, self.hangs = 200, False
        self._over = threading.Event()
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outside.paths.append(self.path)
                if outside.hangs:
                    outside._over.wait(20)
                self.send_response(outside.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def ping(self, every: float = 60, limit: float = 30) -> Ping:
        url = f"http://127.0.0.1:{self._server.server_address[1]}{SECRET}"
        return Ping(Address(url, "ping_url"), timedelta(seconds=every), timedelta(seconds=limit))

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setenv("NO_PROXY", "*")
    made = Outside()
    yield made
    made.close()


@pytest.fixture
def world(redis_server: RedisServer, tmp_path: Path) -> Iterator[World]:
    made = World(redis_server, tmp_path)
    yield made
    made.close()


def test_what_was_told_is_the_same_after_a_restart_and_leaves_no_file_when_all_is_over(tmp_path: Path) -> None:
    remembered(tmp_path, TOLD)
    assert recalled(tmp_path) == TOLD
    remembered(tmp_path, [])
    assert list(tmp_path.iterdir()) == []
    assert recalled(tmp_path) == ()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"told": [1]}', '{"told": [{"id": "a"}]}', '{"told": null}'])
def test_a_broken_memory_is_said_and_forgotten(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "watch.json").write_text(text)
    assert recalled(tmp_path) == ()
    assert "cannot be recalled" in caplog.text


def run(world: World, ping: Ping, seconds: float) -> None:
    for _ in range(int(seconds / 5)):
        world.work()
        look(world.watch, ping, world.clock)
        world.clock.forward(5)


def test_outside_is_called_each_minute_while_all_is_well_and_never_while_guardian_is_blind(
    world: World, outside: Outside
) -> None:
    ping = outside.ping()
    run(world, ping, 600)
    assert 9 <= len(outside.paths) <= 10
    assert set(outside.paths) == {SECRET}
    world.stopped.add("tell")
    run(world, ping, 60)
    outside.paths.clear()
    run(world, ping, 600)
    assert outside.paths == []
    world.stopped.clear()
    run(world, ping, 70)
    assert len(outside.paths) in (1, 2)


def test_it_is_not_called_before_all_was_seen_to_work(world: World, outside: Outside) -> None:
    world.stopped |= {"tell"}
    run(world, outside.ping(), 30)
    assert outside.paths == []


@pytest.mark.parametrize("status", [301, 404, 500])
def test_a_call_that_fails_is_repeated_soon_and_said_once_without_the_address(
    outside: Outside, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outside.status = status
    ping = outside.ping()
    for second in range(0, 46, 5):
        ping.well(NOW + timedelta(seconds=second))
    assert outside.paths == [SECRET] * 4, "each 15 s, and no redirect followed"
    outside.status = 200
    ping.well(NOW + timedelta(seconds=60))
    ping.well(NOW + timedelta(seconds=119))
    assert len(outside.paths) == 5
    said = [record.getMessage() for record in caplog.records if record.name.startswith("guardian")]
    assert len(said) == 2
    assert said[0].startswith(f"ping_url (127.0.0.1): answered {status}")
    assert said[1] == "ping_url gets through again"
    assert "secret" not in caplog.text


def test_a_receiver_that_hangs_costs_no_more_than_the_limit(outside: Outside, caplog: pytest.LogCaptureFixture) -> None:
    outside.hangs = True
    began = time.monotonic()
    outside.ping(limit=0.5).well(NOW)
    assert time.monotonic() - began < 10
    assert "no answer within 0.5 s" in caplog.text
