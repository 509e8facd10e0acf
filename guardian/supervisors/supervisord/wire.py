"""XML-RPC with one supervisord: a connection per call, all calls under one deadline.

Not over `xmlrpc.client`'s own transport: a limit of its socket bounds each read, so dripped bytes would go on for ever.
"""

import io
import ipaddress
import socket
import xmlrpc.client
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_OK, _UNAUTHORIZED = 200, 401
_NOT_IN_XML = bytes(code for code in range(32) if chr(code) not in "\t\n\r")
_MALFORMED = (ExpatError, xmlrpc.client.Error, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What xmlrpc.client raises on answers that are no XML-RPC."""


class WireError(Exception):
    """The daemon could not be reached or understood. `sent`: the call may have reached it."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class NoSocketError(WireError):
    """There is no socket file at all."""


class DeadError(WireError):
    """A place that nobody listens on: the daemon was killed."""


class ForbiddenError(WireError):
    """The socket is another user's."""


class HungError(WireError):
    """Somebody listens, and does not answer in time."""


class LoginError(WireError):
    """The daemon asks for a user and a password, or for others."""


class RefusedError(WireError):
    """The daemon understood the call and said no. `code`: a fault of supervisord's."""

    def __init__(self, reason: str, code: object) -> None:
        super().__init__(reason, sent=True)
        self.code = code


@dataclass(frozen=True)
class Address:
    """Where a supervisord listens: on a Unix socket, or on a port of this machine."""

    path: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0

    def __str__(self) -> str:
        return str(self.path or f"{self.host}:{self.port}")

    def missing(self) -> bool:
        """There is no such socket file. A place that cannot be looked into is not missing."""
        try:
            return self.path is not None and not self.path.exists()
        except OSError:
            return False


def address(text: str) -> Address:
    """From a path, `unix://PATH` as supervisorctl writes it, or `http://HOST:PORT`. Raises ValueError.

    HOST is a number or `localhost`: looking up a name cannot be bounded in time.
    """
    if "://" not in text or text.startswith("unix://"):
        return _socket_file(text.removeprefix("unix://"))
    hint = "must be the path of a socket, or http://HOST:PORT with an IP address or localhost"
    try:
        url = urlsplit(text)
        host = "127.0.0.1" if url.hostname == "localhost" else str(ipaddress.ip_address(url.hostname or ""))
        port = url.port
    except ValueError:
        raise ValueError(hint) from None
    if url.username is not None or url.password is not None:
        raise ValueError("has a user in it: `username` and `password` are keys of their own")
    if url.scheme != "http" or not port or url.path.rstrip("/") not in ("", "/RPC2"):
        raise ValueError(hint)
    return Address(host=host, port=port)


def _socket_file(text: str) -> Address:
    if not text.strip() or "\0" in text:
        raise ValueError("must be the path of a socket, not empty")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError("there is no such home folder") from None
    return Address(path)


class Line:
    """Calls to one daemon; `seconds` bound all of them together. `ordered`: an order may have been carried out.

    Every method raises WireError.
    """

    def __init__(self, place: Address, login: str | None, seconds: float) -> None:
        self.ordered = False
        self._place = place
        self._login = login
        self.extend(seconds)

    def extend(self, seconds: float) -> None:
        """Give what follows a time limit of its own."""
        self._seconds = seconds
        self._deadline = monotonic() + seconds

    def left(self) -> float:
        return self._deadline - monotonic()

    def ask(self, method: str, *arguments: object) -> Any:
        return self._value(xmlrpc.client.dumps(arguments, method).encode())  # type: ignore[arg-type]  # a tuple of any

    def ask_all(self, *methods: str) -> Sequence[Any]:
        """The answers to several calls without arguments, in one request; each may be a fault's struct."""
        calls = [{"methodName": method, "params": []} for method in methods]
        answers = self.ask("system.multicall", calls)
        if not isinstance(answers, list) or len(answers) != len(methods):
            raise WireError("malformed answer: not one for each call", sent=True)
        return answers

    def order(self, method: str, *arguments: object) -> None:
        try:
            self.ask(method, *arguments)
        except RefusedError:
            raise
        except WireError as error:
            self.ordered = self.ordered or error.sent
            raise
        self.ordered = True

    def _value(self, request: bytes) -> Any:
        sent = False
        with self._connected() as connection:
            try:
                self._limit(connection)
                sent = True
                connection.sendall(self._head(len(request)) + request)
                status, body = self._answer(connection)
            except TimeoutError:
                raise self._late(sent=sent) from None
            except OSError as error:
                raise WireError(f"the connection broke: {error.strerror or error}", sent=sent) from None
            except HTTPException as error:
                raise WireError(f"not supervisord's protocol: {type(error).__name__}", sent=sent) from None
        return _result(status, body)

    def _connected(self) -> socket.socket:
        family = socket.AF_UNIX if self._place.path else socket.AF_INET6 if ":" in self._place.host else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._connect(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, connection: socket.socket) -> None:
        place = self._place
        try:
            self._limit(connection)
            connection.connect(str(place.path) if place.path else (place.host, place.port))
        except FileNotFoundError:
            raise NoSocketError(f"no daemon: {place} does not exist", sent=False) from None
        except ConnectionRefusedError:
            raise DeadError(f"the daemon is dead: nobody listens on {place}", sent=False) from None
        except PermissionError:
            reason = f"not allowed to use {place}: run Guardian as its owner, or set chown or chmod in supervisord.conf"
            raise ForbiddenError(reason, sent=False) from None
        except BlockingIOError:
            raise HungError("the daemon hangs: it accepts no connection", sent=False) from None
        except TimeoutError:
            raise self._late(sent=False) from None
        except OSError as error:
            raise WireError(f"{place}: {error.strerror or error}", sent=False) from None

    def _head(self, length: int) -> bytes:
        lines = ["POST /RPC2 HTTP/1.0", "Host: localhost", "Content-Type: text/xml", f"Content-Length: {length}"]
        if self._login is not None:
            lines.append(f"Authorization: Basic {b64encode(self._login.encode()).decode()}")
        return "\r\n".join([*lines, "", ""]).encode()

    def _answer(self, connection: socket.socket) -> tuple[int, bytes]:
        response = HTTPResponse(_Readable(connection, self._limit))  # type: ignore[arg-type]  # all that it uses
        response.begin()
        body = response.read(MAX_ANSWER_BYTES + 1)
        if len(body) > MAX_ANSWER_BYTES:
            raise WireError("the answer is too large", sent=True)
        return response.status, body

    def _limit(self, connection: socket.socket) -> None:
        """A socket's own limit is per call: dripped bytes would go on for ever."""
        left = self.left()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)

    def _late(self, *, sent: bool) -> WireError:
        return HungError(f"the daemon hangs: no answer within {self._seconds:g} s", sent=sent)


class _Readable(io.RawIOBase):
    """A connection as http.client reads it; `limit` comes before each read."""

    def __init__(self, connection: socket.socket, limit: Callable[[socket.socket], None]) -> None:
        self._connection = connection
        self._limit = limit

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._limit(self._connection)
        return self._connection.recv_into(buffer)


def _result(status: int, body: bytes) -> Any:
    if status == _UNAUTHORIZED:
        raise LoginError("the daemon wants a user: set `username` and `password`", sent=False)
    if status != _OK:
        raise WireError(f"not supervisord's XML-RPC: HTTP {status}", sent=True)
    try:
        ((value,), _) = xmlrpc.client.loads(body.translate(None, _NOT_IN_XML))
    except xmlrpc.client.Fault as fault:
        raise RefusedError(str(fault.faultString)[:200], fault.faultCode) from None
    except _MALFORMED as error:
        raise WireError(f"malformed answer: no XML-RPC ({type(error).__name__})", sent=True) from None
    return value
