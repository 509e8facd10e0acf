"""Open sockets that another thread shuts when their time is over."""

import socket
import threading
from contextlib import suppress


class Sockets:
    """Holds duplicates: a number that their user closes meanwhile may already belong to another file, and TLS takes the
    original over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: list[socket.socket] | None = []

    def opened(self, connected: socket.socket) -> None:
        """Raises TimeoutError when the time is over already."""
        with self._lock:
            if self._held is None:
                connected.close()
                raise TimeoutError
            self._held.append(connected.dup())

    def shut(self) -> None:
        with self._lock:
            held, self._held = self._held or [], None
        for each in held:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
