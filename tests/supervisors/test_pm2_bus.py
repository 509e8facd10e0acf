"""PM2's bus: its frames in any pieces, its real daemon, and daemons that do not keep to it."""

import json
import os
import shutil
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.supervisors.pm2.bus import Bus, Frames
from guardian.supervisors.pm2.wire import WireError
from tests.real_pm2 import RealPm2, wait_for

SHORT, LONG = timedelta(milliseconds=200), timedelta(seconds=60)


def frame(*arguments: bytes, version: int = 1) -> bytes:
    return bytes([version << 4 | len(arguments)]) + b"".join(struct.pack(">I", len(one)) + one for one in arguments)


def event(kind: object, **more: object) -> bytes:
    return frame(b"s:process:event", b"j:" + json.dumps({"event": kind, "process": more}).encode())


def log(size: int) -> bytes:
    return frame(b"s:log:out", b"j:" + b"x" * size)


NOISE = st.one_of(
    st.builds(frame, st.binary(max_size=300), st.binary(max_size=300)),
    st.builds(log, st.integers(0, 100_000)),
    st.sampled_from([frame(), frame(b""), frame(b"s:process:event"), frame(b"s:process:event", b"j:[1]")]),
    st.sampled_from([event(None), event(7), frame(b"s:process:event", b"j:{"), frame(b"x" * 300, b"exit", b"")]),
)


@given(st.lists(st.one_of(NOISE, st.sampled_from(["exit", "online"])), max_size=12), st.integers(1, 70_000))
def test_whatever_else_is_told_in_whatever_pieces_every_event_is_found(told: list[bytes | str], size: int) -> None:
    stream = b"".join(one if isinstance(one, bytes) else event(one, name="api") for one in told)
    frames, found = Frames(), []
    for start in range(0, len(stream), size):
        found += frames.feed(stream[start : start + size])
    assert found == [one for one in told if isinstance(one, str)]


@given(st.binary(min_size=1, max_size=2000))
def test_bytes_of_strangers_are_nothing_or_refused(data: bytes) -> None:
    try:
        assert Frames().feed(data) == []
    except WireError:
        assert data[0] >> 4 != 1 or len(data) > 1


def test_what_is_of_another_topic_is_not_kept() -> None:
    frames = Frames()
    head = bytes([1 << 4 | 2]) + struct.pack(">I", 9) + b"s:log:out" + struct.pack(">I", 2**31)
    frames.feed(head)
    before = psutil.Process().memory_info().rss
    for _ in range(200):
        frames.feed(b"x" * 1_000_000)
    assert psutil.Process().memory_info().rss - before < 50_000_000


def test_a_crash_is_heard_at_once(pm2_home: RealPm2) -> None:
    pm2_home.start("api", autorestart=False)
    bus = Bus(pm2_home.home)
    assert not bus.wait(SHORT)
    timer = threading.Timer(0.3, pm2_home.kill_app, ["api"])
    timer.start()
    assert bus.wait(LONG)
    bus.close()


def test_a_start_is_no_reason_to_look(pm2_home: RealPm2) -> None:
    bus = Bus(pm2_home.home)
    assert not bus.wait(SHORT)
    pm2_home.start("api")
    assert not bus.wait(timedelta(seconds=1))
    bus.close()


def test_the_bus_is_emptied_while_an_app_floods_it(pm2_home: RealPm2) -> None:
    """A daemon whose bus nobody reads grows by what is not read. An end comes behind all that was said before it."""
    pm2_home.start("api", autorestart=False)
    bus = Bus(pm2_home.home)
    bus.wait(SHORT)
    pm2_home.start("loud", "yes 0123456789012345678901234567890123456789012345678901234567890123456789")
    assert not bus.wait(timedelta(seconds=3))
    pm2_home.kill_app("api")
    assert bus.wait(LONG)
    bus.close()


def test_a_daemon_that_went_and_came_again_is_heard_again(pm2_home: RealPm2) -> None:
    bus = Bus(pm2_home.home)
    assert not bus.wait(SHORT)
    for process in pm2_home.processes():
        process.kill()
    assert not bus.wait(timedelta(seconds=1))
    for name in ("rpc.sock", "pub.sock"):
        (pm2_home.home / name).unlink()
    pm2_home.start_daemon()
    pm2_home.start("api", autorestart=False)
    wait_for("it is connected again", lambda: bus.wait(SHORT) or pm2_home.bus_clients())
    pm2_home.kill_app("api")
    assert bus.wait(LONG)
    bus.close()


def test_a_hung_daemon_costs_no_more_than_the_limit(pm2_home: RealPm2) -> None:
    bus = Bus(pm2_home.home)
    assert not bus.wait(SHORT)
    pm2_home.signal_daemon(signal.SIGSTOP)
    assert not bus.wait(SHORT)
    bus.close()
    other, began = Bus(pm2_home.home), time.monotonic()
    assert not other.wait(SHORT)
    assert time.monotonic() - began < 10
    other.close()


Serve = Callable[[socket.socket], None]


@pytest.mark.parametrize(
    "serve",
    [
        lambda peer: None,
        lambda peer: peer.sendall(b"\xff" * 100),
        lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
    ids=["closes at once", "another version", "another protocol"],
)
def test_a_stranger_on_the_socket_is_silence_and_no_spinning(tmp_path: Path, serve: Serve) -> None:
    home = Path(f"/tmp/bus-{os.getpid()}-{tmp_path.name[-8:]}")
    home.mkdir()
    served = 0
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "pub.sock"))
        listener.listen()

        def accept() -> None:
            nonlocal served
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                served += 1
                with peer:
                    serve(peer)

        threading.Thread(target=accept, daemon=True).start()
        bus = Bus(home)
        assert not bus.wait(timedelta(seconds=1))
        bus.close()
        listener.shutdown(socket.SHUT_RDWR)
    shutil.rmtree(home)
    assert 1 <= served <= 11


def test_where_no_daemon_is_it_waits_for_one(tmp_path: Path) -> None:
    assert not Bus(tmp_path).wait(SHORT)
