"""PM2's protocol against servers that keep to it and servers that do not. All on Unix sockets of the test."""

import json
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.errors import RemedyError
from guardian.ports import Fleet
from guardian.supervisors.pm2 import Params, Pm2, open_pm2
from guardian.supervisors.pm2.wire import Connection, WireError

LIMIT, ENOUGH = 0.5, 20
"""Of a look: for what never answers, and for what does."""
Serve = Callable[[socket.socket], None]


def frame(*arguments: bytes, version: int = 1) -> bytes:
    return bytes([version << 4 | len(arguments)]) + b"".join(struct.pack(">I", len(one)) + one for one in arguments)


def read_call(peer: socket.socket) -> tuple[bytes, dict[str, object]]:
    """The correlation id and the call."""
    with peer.makefile("rb") as file:
        if not (head := file.read(1)):
            raise ConnectionResetError
        assert head == bytes([1 << 4 | 2])
        call, identity = (file.read(struct.unpack(">I", file.read(4))[0]) for _ in range(2))
    return identity, json.loads(call.removeprefix(b"j:"))


def answering(value: object) -> Serve:
    def serve(peer: socket.socket) -> None:
        identity, _ = read_call(peer)
        peer.sendall(frame(b"j:" + json.dumps({"args": [value]}).encode(), identity))

    return serve


def saying(data: bytes) -> Serve:
    def serve(peer: socket.socket) -> None:
        read_call(peer)
        peer.sendall(data)

    return serve


@contextmanager
def server(serve: Serve) -> Iterator[Path]:
    """A home whose rpc.sock is served by `serve`, one connection after another."""
    with (
        tempfile.TemporaryDirectory(prefix="pm2-", dir="/tmp") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        listener.bind(f"{folder}/rpc.sock")
        listener.listen()
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield Path(folder)
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, serve: Serve) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            try:
                serve(peer)
            except OSError:
                continue


def adapter(home: Path, limit: float = ENOUGH) -> Pm2:
    return open_pm2(Params(homes=(str(home),), timeout=timedelta(seconds=limit)))


def look(home: Path, limit: float = ENOUGH) -> Fleet:
    (fleet,) = adapter(home, limit).look()
    return fleet


def drip(peer: socket.socket) -> None:
    """Each byte comes in good time, the whole never."""
    answer = frame(b"j:" + json.dumps({"args": [[{}] * 1000]}).encode(), b"s:guardian")
    for byte in answer:
        peer.sendall(bytes([byte]))
        time.sleep(LIMIT / 5)


def say_nothing(peer: socket.socket) -> None:
    peer.recv(1 << 16)
    peer.recv(1)


def flood_of_other_answers(peer: socket.socket) -> None:
    while True:
        peer.sendall(frame(b'j:{"args":[[]]}', b"s:another"))


BAD_SERVERS = {
    "drips bytes": (drip, "hangs"),
    "says nothing": (say_nothing, "hangs"),
    "closes at once": (lambda peer: None, "closed|broke"),
    "closes within a frame": (saying(frame(b"j:" + b"x" * 100, b"s:guardian")[:20]), "closed"),
    "speaks HTTP": (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol"),
    "announces 4 GB": (saying(bytes([1 << 4 | 2]) + b"\xff" * 4), "too large"),
    "answers others": (flood_of_other_answers, "other calls"),
    "not JSON": (saying(frame(b"j:{secret", b"s:guardian")), "not JSON"),
    "too deep": (saying(frame(b"j:" + b"[" * 100_000, b"s:guardian")), "not JSON"),
    "an endless number": (saying(frame(b'j:{"args":[' + b"9" * 10_000 + b"]}", b"s:guardian")), "not JSON"),
    "no object": (saying(frame(b"j:[1]", b"s:guardian")), "malformed"),
    "no value": (saying(frame(b'j:{"args":[]}', b"s:guardian")), "malformed"),
    "no list": (answering({"a": 1}), "malformed"),
    "list of other things": (answering([1, 2]), "malformed"),
    "an error": (saying(frame(b'j:{"error":"out of order","stack":"..."}', b"s:guardian")), "out of order"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_SERVERS)
def test_a_server_that_is_no_pm2_gives_an_error_within_the_time_limit(kind: str) -> None:
    serve, reason = BAD_SERVERS[kind]
    with server(serve) as home:
        begin = time.monotonic()
        fleet = look(home, LIMIT if reason == "hangs" else ENOUGH)
        assert time.monotonic() - begin < LIMIT + 10
    assert fleet.error is not None
    assert any(word in fleet.error for word in reason.split("|")), fleet.error
    assert "secret" not in fleet.error
    assert (fleet.absent, list(fleet.processes)) == (False, [])


def test_the_time_limit_is_of_the_whole_look_and_not_of_each_read() -> None:
    def each_byte_late(peer: socket.socket) -> None:
        read_call(peer)
        for byte in frame(b"x" * 20, b""):
            time.sleep(0.9)
            peer.sendall(bytes([byte]))

    with server(each_byte_late) as home:
        begin = time.monotonic()
        assert "hangs" in str(look(home, 1).error)
        assert time.monotonic() - begin < 11


def test_a_listener_that_accepts_nobody_is_an_error_within_the_time_limit() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="pm2-", dir="/tmp") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        listener.bind(f"{folder}/rpc.sock")
        listener.listen(0)
        waiting = [socket.socket(socket.AF_UNIX) for _ in range(2)]
        waiting[0].connect(f"{folder}/rpc.sock")
        begin = time.monotonic()
        assert "hangs" in str(look(Path(folder), LIMIT).error)
        assert time.monotonic() - begin < LIMIT + 10
        for one in waiting:
            one.close()


def test_a_path_that_is_too_long_for_a_socket_is_an_error(tmp_path: Path) -> None:
    assert "too long" in str(look(tmp_path / ("x" * 120)).error)


def test_a_file_in_the_sockets_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rpc.sock").touch()
    fleet = look(tmp_path)
    assert fleet.error
    assert not fleet.absent


def test_every_call_carries_exactly_one_argument() -> None:
    calls = []

    def serve(peer: socket.socket) -> None:
        identity, call = read_call(peer)
        calls.append(call)
        peer.sendall(frame(b'j:{"args":[[]]}', identity))

    with server(serve) as home:
        assert look(home).error is None
    assert calls == [{"type": "call", "method": "getMonitorData", "args": [{}]}]


def test_answers_to_others_before_the_own_are_passed_over() -> None:
    def serve(peer: socket.socket) -> None:
        identity, _ = read_call(peer)
        peer.sendall(frame(b'j:{"args":["theirs"]}', b"s:another") + frame(b'j:{"args":["mine"]}', identity))

    with server(serve) as home, Connection(home / "rpc.sock", ENOUGH) as connection:
        assert connection.call("ping", {}) == "mine"


def listing(status: str, pid: int, then: str, orders: list[object]) -> Serve:
    """One process `api`; notes each order and answers `then`, or hangs up when that is empty."""

    def serve(peer: socket.socket) -> None:
        identity, _ = read_call(peer)
        listed = {"args": [[{"pm_id": 0, "pid": pid, "name": "api", "pm2_env": {"status": status}}]]}
        peer.sendall(frame(b"j:" + json.dumps(listed).encode(), identity))
        while True:
            identity, call = read_call(peer)
            orders.append(call["method"])
            if not then:
                return
            peer.sendall(frame(b"j:" + then.encode(), identity))

    return serve


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        ('{"error":"Process with pid 77 already exists"}', None),
        ('{"error":"process already online"}', None),
        ('{"error":"0 id unknown"}', False),
        ('{"args":[]}', None),
        ("", None),
    ],
)
def test_an_order_that_may_have_been_taken_is_told_from_one_that_was_not(answer: str, done: bool | None) -> None:
    orders: list[object] = []
    with server(listing("online", 1, answer, orders)) as home, pytest.raises(RemedyError) as refused:
        adapter(home).restart("api")
    assert orders == ["restartProcessId"]
    assert refused.value.done is done


def test_a_stop_that_pm2_could_not_carry_out_is_not_done() -> None:
    failed = '{"args":[{"pm2_env":{"status":"errored"}}]}'
    with (
        server(listing("online", 1, failed, [])) as home,
        pytest.raises(RemedyError, match="could not kill") as refused,
    ):
        adapter(home).stop("api")
    assert refused.value.done is False


def test_pm2_is_not_told_to_stop_what_has_the_number_of_another_living_process() -> None:
    orders: list[object] = []
    with server(listing("waiting restart", os.getpid(), '{"args":[{}]}', orders)) as home:
        for order in (adapter(home).restart, adapter(home).stop):
            with pytest.raises(RemedyError, match=str(os.getpid())) as refused:
                order("api")
            assert refused.value.done is False
    assert orders == []


def test_the_whole_error_holds_nothing_of_the_answer_it_could_not_read() -> None:
    with (
        server(saying(frame(b"j:{secret", b"s:guardian"))) as home,
        Connection(home / "rpc.sock", ENOUGH) as connection,
    ):
        with pytest.raises(WireError) as error:
            connection.call("getMonitorData", {})
        assert error.value.__cause__ is None
        assert error.value.__context__ is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["pid", "name", "pm_id", "pm2_env", "monit", "status"]), inner)
        ),
    )
)
@settings(max_examples=60, deadline=None)
def test_no_answer_whatever_makes_a_look_raise(answer: object) -> None:
    with server(answering([answer, {"pm_id": 0, "name": answer, "pm2_env": answer}])) as home:
        fleet = look(home)
    assert fleet.error or all(process.target for process in fleet.processes)
