"""Discord's, Telegram's and Slack's documented web API, and any receiver of JSON, played on loopback.

Reached as their clients reach them: by their own names over TLS, through a proxy (HTTPS_PROXY) that answers itself with
a certificate of a CA of the test's own. Nothing leaves the machine.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

HOSTS = ("discord.com", "api.telegram.org", "hooks.slack.com")
DISCORD = "discord://284712345678901234/Very-secret_Discord-token-Abc123456789"
TELEGRAM = "tgram://123456789:very-secret_telegram-token-abc1234567/987654321/"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/VerySecretSlackTokenXyz1/general"
SECRETS = ("Very-secret_Discord-token", "very-secret_telegram-token", "VerySecretSlackToken", "very-secret-path")


@dataclass(frozen=True)
class Request:
    host: str
    path: str
    body: Any

    @property
    def text(self) -> str:
        """What a person reads of it."""
        if "content" in self.body:
            return str(self.body["content"])
        if "attachments" in self.body and self.host == "hooks.slack.com":
            return "\n".join(f"{each.get('title')}\n{each.get('text')}" for each in self.body["attachments"])
        return str(self.body.get("text") or f"{self.body.get('title')}\n{self.body.get('message')}")


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: Sequence[tuple[str, str]] = ()


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Says nothing until the other side is gone."""
    with suppress(OSError):
        handler.connection.settimeout(60)
        while handler.connection.recv(65_536):
            pass


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Headers without end: each read is answered soon, and the whole never."""
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: a")
        for _ in range(1200):
            handler.wfile.write(b"a")
            time.sleep(0.05)


def reset(handler: BaseHTTPRequestHandler) -> None:
    with suppress(OSError):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        handler.connection.close()


Behaviour = Answer | Callable[[BaseHTTPRequestHandler], None]


class Services:
    """`behave` is what the next requests meet, in order; without any, each service answers as documented."""

    def __init__(self, folder: Path) -> None:
        self.requests: list[Request] = []
        self.taken: list[Request] = []
        """Those that were answered as delivered."""
        self.behave: list[Behaviour] = []
        self.always: Behaviour | None = None
        self._lock = threading.Lock()
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*HOSTS).configure_cert(self.context)
        services = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60
            host = ""

            def do_CONNECT(self) -> None:
                services.connect(self)

            def do_POST(self) -> None:
                services.receive(self)

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                """A client that was killed is no error."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def json_url(self) -> str:
        return f"json://127.0.0.1:{self.port}/very-secret-path"

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "HTTPS_PROXY": f"http://127.0.0.1:{self.port}",
            "https_proxy": f"http://127.0.0.1:{self.port}",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(self.ca),
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of(self, host: str) -> list[Request]:
        with self._lock:
            return [request for request in self.requests if request.host == host]

    def connect(self, handler: BaseHTTPRequestHandler) -> None:
        host = handler.path.partition(":")[0]
        assert host in HOSTS, host
        handler.send_response(200)
        handler.end_headers()
        tls = self.context.wrap_socket(handler.connection, server_side=True)
        handler.connection, handler.rfile = tls, tls.makefile("rb")  # type: ignore[assignment]
        handler.wfile, handler.host = tls.makefile("wb", 0), host  # type: ignore[assignment, attr-defined]
        handler.close_connection = False

    def receive(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers["Content-Length"]))
        request = Request(handler.host, handler.path, json.loads(raw))  # type: ignore[attr-defined]
        with self._lock:
            self.requests.append(request)
            behaviour = self.behave.pop(0) if self.behave else self.always or _documented(request)
        if not isinstance(behaviour, Answer):
            handler.close_connection = True
            behaviour(handler)
            return
        body = behaviour.body if isinstance(behaviour.body, str) else json.dumps(behaviour.body or {})
        handler.send_response(behaviour.status)
        for name, value in behaviour.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        if behaviour.status < 300:
            with self._lock:
                self.taken.append(request)
        with suppress(OSError):
            handler.wfile.write(body.encode())


def _documented(request: Request) -> Answer:
    match request.host:
        case "discord.com":
            if not 0 < len(request.text) <= 2000:
                return Answer(400, {"message": "Invalid Form Body", "code": 50035})
            return Answer(200, {"id": "1", "content": request.text})
        case "api.telegram.org":
            if len(request.text) > 4096:
                return Answer(400, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"})
            return Answer(200, {"ok": True, "result": {"message_id": 1}})
        case "hooks.slack.com":
            return Answer(200, "ok")
    return Answer(200, {})


def rate_limited(host: str, seconds: float) -> Answer:
    """429 as the service documents it."""
    match host:
        case "discord.com":
            body: Any = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
            return Answer(429, body, [("Retry-After", str(int(seconds)))])
        case "api.telegram.org":
            text = f"Too Many Requests: retry after {seconds:g}"
            return Answer(
                429,
                {"ok": False, "error_code": 429, "description": text, "parameters": {"retry_after": int(seconds)}},
            )
    return Answer(429, None, [("Retry-After", str(int(seconds)))])
