"""A webhook receiver on loopback that counts what it was told, and how often it was pinged (GET)."""

import json
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Told:
    incident: str
    step: str
    target: str
    answered: bool


class Receiver:
    """`hang_up` requests are read and recorded, and the connection closed without an answer."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.hang_up = 0
        self.pings = 0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._receive(self)

            def do_GET(self) -> None:
                receiver.pings += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def targets(self) -> set[str]:
        """Of what it was told anything."""
        with self._lock:
            return {told.target for told in self.told}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def steps(self, target: str) -> list[str]:
        """What was told of the target, in order."""
        with self._lock:
            return [told.step for told in self.told if told.target == target]

    def count(self) -> Counter[tuple[str, str]]:
        """How often each step of each incident was told."""
        with self._lock:
            return Counter((told.incident, told.step) for told in self.told)

    def unanswered(self) -> Counter[tuple[str, str]]:
        with self._lock:
            return Counter((told.incident, told.step) for told in self.told if not told.answered)

    def _receive(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        with self._lock:
            answered = self.hang_up == 0
            self.hang_up = max(0, self.hang_up - 1)
            self.told.append(Told(body["incident"], body["step"], body["target"], answered))
        if not answered:
            request.close_connection = True
            return
        with suppress(OSError):
            request.send_response(204)
            request.end_headers()
