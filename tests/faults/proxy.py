"""Stands between Guardian and Redis, and lets every answer wait."""

import contextlib
import queue
import socket
import threading
import time
from pathlib import Path


class SlowProxy:
    """A Unix socket in front of another one. `delay`: seconds that each piece of an answer is held back; pieces that
    follow each other wait side by side, as on a slow line."""

    def __init__(self, socket_path: Path, server: Path) -> None:
        self.delay = 0.0
        self.url = f"unix://{socket_path}?db=0"
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(socket_path))
        self._listener.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self._server))
                except OSError:
                    client.close()
                    continue
                held: queue.Queue[tuple[float, bytes]] = queue.Queue()
                for target, args in (
                    (self._forward, (client, server)),
                    (self._hold, (server, held)),
                    (self._release, (held, client)),
                ):
                    threading.Thread(target=target, args=args, daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                server.sendall(piece)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _hold(self, server: socket.socket, held: "queue.Queue[tuple[float, bytes]]") -> None:
        piece = b"."
        while piece:
            try:
                piece = server.recv(65536)
            except OSError:
                piece = b""
            held.put((time.monotonic() + self.delay, piece))
        server.close()

    def _release(self, held: "queue.Queue[tuple[float, bytes]]", client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, piece = held.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not piece:
                    break
                client.sendall(piece)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        client.close()
