"""Servers of one kind of badness each, on loopback, with real sockets: each connection is handled by a thread."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket, threading.Event], None]
"""What is done with a connection until it ends by itself or the test is over."""


@contextmanager
def serving(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A port on which `talk` answers each connection."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=_accept, args=(listener, talk, context, over), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            with suppress(OSError):  # wakes accept
                listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, talk: Talk, context: ssl.SSLContext | None, over: threading.Event) -> None:
    while not over.is_set():
        try:
            talking, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_handle, args=(talking, talk, context, over), daemon=True).start()


def _handle(talking: socket.socket, talk: Talk, context: ssl.SSLContext | None, over: threading.Event) -> None:
    with suppress(OSError):
        talking.settimeout(30)
        talking = context.wrap_socket(talking, server_side=True) if context else talking
        with talking:
            talk(talking, over)


def says(*parts: bytes) -> Talk:
    """Hears the request, sends these, and closes."""

    def talk(talking: socket.socket, _over: threading.Event) -> None:
        talking.recv(65_536)
        for part in parts:
            talking.sendall(part)

    return talk


def hangs(talking: socket.socket, over: threading.Event) -> None:
    over.wait(60)


def drips(first: bytes, drop: bytes, every: float = 0.05) -> Talk:
    """For ever a little more: no single read ever waits long."""

    def talk(talking: socket.socket, over: threading.Event) -> None:
        talking.recv(65_536)
        talking.sendall(first)
        while not over.wait(every):
            talking.sendall(drop)

    return talk


def after(seconds: float, talk: Talk) -> Talk:
    def late(talking: socket.socket, over: threading.Event) -> None:
        if not over.wait(seconds):
            talk(talking, over)

    return late


def resets(talking: socket.socket, _over: threading.Event) -> None:
    talking.recv(65_536)
    talking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_closes(first: bytes) -> Talk:
    """Ends its side in the middle, and stays."""

    def talk(talking: socket.socket, over: threading.Event) -> None:
        talking.recv(65_536)
        talking.sendall(first)
        talking.shutdown(socket.SHUT_WR)
        over.wait(60)

    return talk


def floods(head: bytes, chunk: bytes) -> Talk:
    """Sends for as long as somebody takes it."""

    def talk(talking: socket.socket, over: threading.Event) -> None:
        talking.recv(65_536)
        talking.sendall(head)
        end = time.monotonic() + 60
        while not over.is_set() and time.monotonic() < end:
            talking.sendall(chunk)

    return talk


@contextmanager
def refused() -> Iterator[int]:
    """A port that is taken, so that nobody else gets it, and on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def filtered() -> Iterator[int]:
    """A port whose queue is full: a new connection gets no answer at all."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        try:
            for each in waiting:
                each.setblocking(False)
                with suppress(BlockingIOError):
                    each.connect(listener.getsockname())
            yield listener.getsockname()[1]
        finally:
            for each in waiting:
                each.close()
