"""supervisord's protocol against servers that keep to it and servers that do not. All on Unix sockets of the test."""

import itertools
import re
import socket
import tempfile
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.errors import RemedyError
from guardian.ports import Fleet
from guardian.supervisors.supervisord import Params, Supervisord, open_supervisord, wire
from guardian.supervisors.supervisord.wire import Address, Line, WireError

LIMIT, ENOUGH = 0.5, 20
"""Of a look: for what never answers, and for what does."""
Serve = Callable[[socket.socket], None]
INFO = {"name": "api", "group": "api", "state": 20, "pid": 7, "start": 1_795_551_483, "spawnerr": ""}
STOPPED_FOR_GOOD = INFO | {"state": 200, "pid": 0}


def read_call(peer: socket.socket) -> tuple[bytes, str, tuple[Any, ...]]:
    """The head, the method and its arguments."""
    with peer.makefile("rb") as file:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (line := file.readline()):
                raise ConnectionResetError
            head += line
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length
        arguments, method = xmlrpc.client.loads(file.read(int(length[1])))
    return head, str(method), arguments


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.0 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def xml(value: object) -> bytes:
    return http(xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode())  # type: ignore[arg-type]


def saying(data: bytes) -> Serve:
    def serve(peer: socket.socket) -> None:
        read_call(peer)
        peer.sendall(data)

    return serve


def answering(value: object) -> Serve:
    return saying(xml(value))


def supervisord(order: Callable[[str], bytes], *infos: dict[str, object]) -> Serve:
    """Lists `infos`, and answers an order as `order(method)` says."""

    def serve(peer: socket.socket) -> None:
        _, method, _ = read_call(peer)
        match method:
            case "system.multicall":
                peer.sendall(xml([list(infos or (INFO,)), []]))
            case "supervisor.getProcessInfo":
                peer.sendall(xml(infos[0]))
            case _:
                peer.sendall(order(method))

    return serve


def fault(code: int, text: str) -> bytes:
    return http(xmlrpc.client.dumps(xmlrpc.client.Fault(code, text)).encode())


@contextmanager
def server(serve: Serve) -> Iterator[Path]:
    """A socket that is served by `serve`, one connection after another."""
    with (
        tempfile.TemporaryDirectory(prefix="sv-", dir="/tmp") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        listener.bind(f"{folder}/s.sock")
        listener.listen()
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield Path(folder, "s.sock")
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


def adapter(path: Path, limit: float = ENOUGH) -> Supervisord:
    return open_supervisord(Params.model_validate({"sockets": [str(path)], "timeout": limit}))


def look(path: Path, limit: float = ENOUGH) -> Fleet:
    (fleet,) = adapter(path, limit).look()
    return fleet


def say_nothing(peer: socket.socket) -> None:
    peer.recv(1 << 16)
    peer.recv(1)


def drip(peer: socket.socket) -> None:
    """Each byte comes in good time, the whole never."""
    for byte in xml([[INFO] * 1000, []]):
        peer.sendall(bytes([byte]))
        time.sleep(LIMIT / 5)


def drip_head(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"HTTP/1.0 200 OK\r\n")
        time.sleep(LIMIT / 5)


def accept_and_close(peer: socket.socket) -> None:
    read_call(peer)


@pytest.mark.parametrize(
    ("serve", "error"),
    [
        (say_nothing, "the daemon hangs: no answer within 0.5 s"),
        (drip, "the daemon hangs: no answer within 0.5 s"),
        (drip_head, "the daemon hangs: no answer within 0.5 s"),
        (accept_and_close, "the connection broke: .*"),
        (saying(b"\x10\x00\x01rubbish\n\n"), "not supervisord's protocol: BadStatusLine"),
        (saying(b"HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n<x"), "malformed answer: no XML-RPC .*"),
        (saying(http(b"", "404 Not Found")), "not supervisord's XML-RPC: HTTP 404"),
        (saying(http(b"", "500 Oops")), "not supervisord's XML-RPC: HTTP 500"),
        (saying(http(b"", "401 Unauthorized")), "the daemon wants a user: set `username` and `password`"),
        (saying(http(b"<html>")), "malformed answer: no XML-RPC .*"),
        (saying(http(b"")), "malformed answer: no XML-RPC .*"),
        (answering(5), "malformed answer: not one for each call"),
        (answering([[]]), "malformed answer: not one for each call"),
        (answering([5, []]), "malformed answer: not a list of processes"),
        (answering([{"faultCode": 6, "faultString": "SHUTDOWN_STATE"}, []]), "supervisord is shutting down .*"),
        (answering([{"faultCode": 1, "faultString": "x"}, []]), r"it has no \[rpcinterface:supervisor\] section"),
        (answering([{"faultCode": "?", "faultString": 7}, []]), "supervisord refused: 7"),
        (saying(fault(3, "SIGNATURE_UNSUPPORTED")), "supervisord refused: SIGNATURE_UNSUPPORTED"),
    ],
)
def test_each_answer_that_is_none_is_an_error_that_says_why_and_in_time(serve: Serve, error: str) -> None:
    with server(serve) as path:
        begin = time.monotonic()
        fleet = look(path, LIMIT if "hangs" in error else ENOUGH)
        assert time.monotonic() - begin < LIMIT + 10
    assert re.fullmatch(error, str(fleet.error)), fleet.error
    assert not fleet.absent
    assert not fleet.processes


def test_an_answer_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_ANSWER_BYTES", 1 << 20)

    def flood(peer: socket.socket) -> None:
        read_call(peer)
        peer.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            peer.sendall(b" " * 65536)

    with server(flood) as path:
        (fleet,) = adapter(path).look()
        assert fleet.error == "the answer is too large"


def test_a_daemon_whose_queue_of_connections_is_full_hangs() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="sv-", dir="/tmp") as folder,
        socket.socket(socket.AF_UNIX) as listener,
        socket.socket(socket.AF_UNIX) as first,
        socket.socket(socket.AF_UNIX) as second,
    ):
        listener.bind(f"{folder}/s.sock")
        listener.listen(0)
        first.connect(f"{folder}/s.sock")
        second.setblocking(False)
        second.connect_ex(f"{folder}/s.sock")
        assert "hangs" in str(look(Path(folder, "s.sock"), LIMIT).error)


def test_a_letter_that_xml_has_no_room_for_makes_no_daemon_unreadable() -> None:
    def serve(peer: socket.socket) -> None:
        read_call(peer)
        peer.sendall(xml([[INFO | {"name": "a[b", "group": "g"}], []]).replace(b"[", b"\x1b"))

    with server(serve) as path:
        assert [process.target for process in look(path).processes] == ["g:ab"]


ANSWER = xmlrpc.client.dumps(([[INFO], [{"exitcodes": [0], "autostart": True}]],), methodresponse=True).encode()


@settings(max_examples=300)
@given(st.integers(0, len(ANSWER)), st.integers(0, 40), st.binary(max_size=20) | st.sampled_from(
    [b"<value>", b"</value>", b"<array>", b"<struct>", b"<i4>9</i4>", b"<int>" + b"9" * 5000 + b"</int>", b"<name>",
     b"<base64>!</base64>", b"<dateTime.iso8601>x</dateTime.iso8601>", b"<double>nan</double>", b"<nil/>", b"<fault>"]
))  # fmt: skip
def test_whatever_comes_is_read_or_refused(at: int, cut: int, put: bytes) -> None:
    body = ANSWER[:at] + put + ANSWER[at + cut :]
    said = ""
    try:
        wire._result(200, body)
    except WireError as error:
        said = str(error)
    assert len(said) < 300


def test_entities_that_grow_without_end_are_refused() -> None:
    lines = ['<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    body = "".join(lines) + "]><methodResponse><params><param><value>&a11;</value></param></params></methodResponse>"
    with pytest.raises(WireError, match="malformed"):
        wire._result(200, body.encode())


def test_a_user_goes_with_each_call_and_without_one_nothing_does() -> None:
    heads: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        heads.append(read_call(peer)[0])
        peer.sendall(xml(1))

    with server(serve) as path:
        for login in ("me:p:w", None):
            assert Line(Address(path), login, 5).ask("x") == 1
    assert b"Authorization: Basic bWU6cDp3\r\n" in heads[0]
    assert b"Authorization" not in heads[1]


# Whether an order was carried out


def restart(serve: Serve) -> RemedyError:
    with server(serve) as path, pytest.raises(RemedyError) as refused:
        adapter(path).restart("api")
    return refused.value


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (10, "BAD_NAME: api", "supervisord refused: BAD_NAME: api"),
        (20, "NO_FILE: api", "supervisord refused: NO_FILE: api"),
        (30, "FAILED: api", "supervisord refused: FAILED: api"),
        (50, "SPAWN_ERROR: api", "supervisord could not start it"),
        (6, "SHUTDOWN_STATE", "supervisord is shutting down or starting anew"),
    ],
)
def test_an_order_that_is_refused_was_not_done(code: int, text: str, said: str) -> None:
    error = restart(supervisord(lambda _: fault(code, text), STOPPED_FOR_GOOD))
    assert (str(error), error.done) == (said, False)


def test_a_start_of_what_runs_by_now_is_done() -> None:
    with server(supervisord(lambda _: fault(60, "ALREADY_STARTED: api"), STOPPED_FOR_GOOD)) as path:
        adapter(path).restart("api")


def test_an_order_whose_answer_is_lost_may_have_been_done() -> None:
    assert restart(supervisord(lambda _: b"", STOPPED_FOR_GOOD)).done is None


def test_a_start_that_is_refused_after_a_stop_leaves_the_world_changed() -> None:
    state = {"stopped": False}

    def serve(peer: socket.socket) -> None:
        _, method, _ = read_call(peer)
        info = INFO | ({"state": 0, "pid": 0} if state["stopped"] else {})
        match method:
            case "system.multicall":
                peer.sendall(xml([[info], []]))
            case "supervisor.getProcessInfo":
                peer.sendall(xml(info))
            case "supervisor.stopProcess":
                state["stopped"] = True
                peer.sendall(xml(True))
            case _:
                peer.sendall(fault(20, "NO_FILE: api"))

    assert restart(serve).done is None


def test_a_process_that_never_stops_ends_the_order_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where its last round takes longer than what a pause would leave."""
    monkeypatch.setattr("guardian.supervisors.supervisord.daemon._MOST_PATIENCE", timedelta(seconds=3))
    stopping, rounds = INFO | {"state": 40}, itertools.count(1)

    def refuse(_: str) -> bytes:
        time.sleep(0.25)
        next(rounds)
        return fault(70, "NOT_RUNNING: api")

    begin = time.monotonic()
    error = restart(supervisord(refuse, stopping))
    assert (str(error), error.done) == ("api does not stop", False)
    assert next(rounds) > 2, "it was tried again"
    assert time.monotonic() - begin < 13


def test_a_stop_that_is_refused_is_given_again_when_supervisord_has_restarted_it() -> None:
    """What has just exited cannot be stopped, and is started by supervisord a moment later."""
    states = iter([INFO | {"state": 100, "pid": 0, "stop": 9, "now": 9}, INFO, INFO | {"state": 0, "pid": 0}])
    now, orders = next(states), []

    def serve(peer: socket.socket) -> None:
        nonlocal now
        _, method, _ = read_call(peer)
        match method:
            case "system.multicall":
                peer.sendall(xml([[now], []]))
            case "supervisor.stopProcess":
                orders.append(now["state"])
                peer.sendall(xml(True) if now["state"] == 20 else fault(70, "NOT_RUNNING: api"))
                now = next(states)
            case _:
                peer.sendall(xml(now))

    with server(serve) as path:
        adapter(path).stop("api")
    assert orders == [100, 20]
