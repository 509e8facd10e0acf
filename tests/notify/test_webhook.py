"""The webhook against real receivers on loopback that behave as badly as they like."""

import json
import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from guardian.errors import DeliveryError
from guardian.notify.texts import notification
from guardian.notify.webhook import Webhook
from guardian.ports import Channel
from tests.notify.incidents import AT, STORY, incident

TOLD = notification(incident(), STORY, "alert", AT)
PATH = "/hooks/very-secret-path"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


class Receiver:
    """Speaks HTTP by hand; `behave` gets the connection after the request was read (or at once if `deaf`)."""

    def __init__(self, behave: Callable[[socket.socket], None], *, deaf: bool = False) -> None:
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        self._behave, self._deaf = behave, deaf
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}{PATH}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                try:
                    if not self._deaf:
                        self.requests.append(self._request(connection))
                    self._behave(connection)
                except OSError:
                    pass
            self.ended.set()

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l"))
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)


@contextmanager
def receiver(behave: Callable[[socket.socket], None], *, deaf: bool = False) -> Iterator[Receiver]:
    it = Receiver(behave, deaf=deaf)
    try:
        yield it
    finally:
        it.close()


def answer(status: int, *headers: str) -> Callable[[socket.socket], None]:
    text = "\r\n".join([f"HTTP/1.1 {status} X", *headers, "Content-Length: 0", "Connection: close", "", ""])
    return lambda connection: connection.sendall(text.encode())


def until_gone(connection: socket.socket) -> None:
    connection.settimeout(20)
    while connection.recv(65536):
        pass


def never_read(connection: socket.socket) -> None:
    """Until the other side is gone, as far as the system can tell that without reading."""
    poll = select.poll()
    poll.register(connection, getattr(select, "POLLRDHUP", select.POLLIN))
    poll.poll(20_000)


def drip(data: bytes) -> Callable[[socket.socket], None]:
    """The data, then more of its last byte, each 50 ms, as long as somebody is there."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(data)
        for _ in range(400):
            connection.sendall(data[-1:])
            time.sleep(0.05)

    return behave


def send(url: str, seconds: float = 30) -> None:
    channel: Channel = Webhook(url)
    channel.send(TOLD, timedelta(seconds=seconds))


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_2xx_is_delivered_as_documented_with_a_key_against_doubles(status: int) -> None:
    with receiver(answer(status)) as it:
        send(it.url)
        send(it.url)
    head, _, body = it.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST {PATH} HTTP/1.1".encode())
    assert b"Idempotency-Key: 01JDXYZ:alert" in head
    assert b"Content-Type: application/json" in head
    assert it.requests[1] == it.requests[0]
    content = json.loads(body)
    assert list(content) == [
        "schema_version",
        "step",
        "incident",
        "check",
        "target",
        "node",
        "severity",
        "title",
        "text",
        "at",
        "details",
    ]
    assert (content["schema_version"], content["step"], content["target"]) == (1, "alert", "writer#2")
    assert content["at"] == "2026-11-23T21:03:32+00:00"
    assert content["details"]["hypothesis"]["signature"] == "encoding_error"


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        (400, False),
        (401, False),
        (404, False),
        (410, False),
        (408, True),
        (425, True),
        (429, True),
        (500, True),
        (503, True),
    ],
)
def test_only_a_message_that_is_itself_refused_is_not_tried_again(status: int, retryable: bool) -> None:
    with receiver(answer(status)) as it, pytest.raises(DeliveryError, match=str(status)) as caught:
        send(it.url)
    assert caught.value.retryable is retryable


@pytest.mark.parametrize("status", [429, 503])
def test_when_to_come_again_is_known(status: int) -> None:
    with receiver(answer(status, "Retry-After: 7")) as it, pytest.raises(DeliveryError) as caught:
        send(it.url)
    assert (caught.value.retryable, caught.value.retry_after) == (True, timedelta(seconds=7))


def test_a_redirect_is_not_followed() -> None:
    with (
        receiver(answer(200)) as elsewhere,
        receiver(answer(302, f"Location: {elsewhere.url}")) as it,
        pytest.raises(DeliveryError, match=r"302.*not followed") as caught,
    ):
        send(it.url)
    assert caught.value.retryable
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("behave", "deaf"),
    [
        pytest.param(until_gone, False, id="never answers"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX-Slow: a"), False, id="headers drip"),
        pytest.param(drip(b"H"), False, id="the status line drips"),
        pytest.param(drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + b"H"), False, id="continue for ever"),
        pytest.param(never_read, True, id="never reads"),
    ],
)
def test_the_deadline_holds_for_the_whole_exchange_and_the_connection_is_shut(
    behave: Callable[[socket.socket], None], deaf: bool
) -> None:
    before = threading.active_count()
    with receiver(behave, deaf=deaf) as it:
        started = time.monotonic()
        with pytest.raises(DeliveryError) as caught:
            send(it.url, seconds=0.5)
        assert time.monotonic() - started < 10
        assert caught.value.retryable
        assert it.ended.wait(10), "the receiver is still being listened to"
    deadline = time.monotonic() + 20
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before, "the sending thread is still there"


def test_a_body_that_never_ends_does_not_matter() -> None:
    with receiver(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\nx")) as it:
        started = time.monotonic()
        send(it.url, seconds=60)
        assert time.monotonic() - started < 15


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize("behave", [reset, lambda c: None, lambda c: c.sendall(b"\x16\x03\x01 not HTTP\r\n\r\n")])
def test_a_receiver_that_hangs_up_or_talks_nonsense_is_tried_again(
    behave: Callable[[socket.socket], None],
) -> None:
    with receiver(behave) as it, pytest.raises(DeliveryError) as caught:
        send(it.url)
    assert caught.value.retryable


def test_nobody_listening_is_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(DeliveryError, match="not reached") as caught:
            send(f"http://127.0.0.1:{taken.getsockname()[1]}{PATH}")
    assert caught.value.retryable


def test_a_tls_handshake_that_hangs_is_bounded_too() -> None:
    with receiver(until_gone, deaf=True) as it:
        started = time.monotonic()
        with pytest.raises(DeliveryError):
            send(it.url.replace("http:", "https:"), seconds=0.5)
        assert time.monotonic() - started < 10
        assert it.ended.wait(10)


@pytest.mark.parametrize("url", ["", "ftp://h/x", "file:///etc/passwd", "http://", "http://[::1", "http://a b/", "x"])
def test_what_is_no_web_address_is_refused_for_good(url: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        send(url, seconds=2)
    assert not caught.value.retryable


def test_the_address_is_in_no_log_no_error_and_no_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with receiver(answer(500)) as it, pytest.raises(DeliveryError) as refused:
        send(it.url)
    with pytest.raises(DeliveryError) as away:
        send(it.url, seconds=1)
    shown = [caplog.text, repr(Webhook(it.url)), str(refused.value), str(away.value)]
    assert not any("very-secret-path" in text for text in shown)
    assert away.value.__cause__ is None
    assert away.value.__suppress_context__
    assert "127.0.0.1" in str(away.value)
