"""PM2's own protocol on `rpc.sock`: one connection, calls one after another, all under one deadline.

A frame is a byte `version << 4 | argc`, then per argument a big-endian u32 length and the bytes; `j:` marks
JSON, `s:` text. A call carries exactly one argument: PM2's daemon dies of an empty list (all of 4.5 to 7.0).
"""

import json
import os
import socket
import struct
import sys
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_MAX_FRAMES_SKIPPED = 16
_VERSION = 1
_ID = b"s:guardian"
_LOCAL_PEERPID = 2
"""macOS: the getsockopt name, on level 0, of the process that listens."""


class WireError(Exception):
    """The daemon could not be reached or understood. `sent`: an order may have reached it."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class NoSocketError(WireError):
    """There is no socket file at all."""


class DeadError(WireError):
    """A socket file that nobody listens on: the daemon was killed."""


class ForbiddenError(WireError):
    """The socket is another user's."""


class HungError(WireError):
    """Somebody listens, and does not answer in time."""


class ForeignError(WireError):
    """The answer is in another protocol."""


class RefusedError(WireError):
    """The daemon understood the call and said no."""


class Connection:
    """A connection to one daemon. `seconds` bound everything done with it, connecting included.

    Raises WireError from every method. Never holds on to an answer: it has the apps' environments in it.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = monotonic() + seconds
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._connect(path)
        except BaseException:
            self._socket.close()
            raise
        self.daemon = _daemon_of(self._socket)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def extend(self, seconds: float) -> None:
        """Give what follows a time limit of its own."""
        self._seconds = seconds
        self._deadline = monotonic() + seconds

    def call(self, method: str, argument: object) -> Any:
        """The daemon's answer to one call."""
        call = json.dumps({"type": "call", "method": method, "args": [argument]}).encode()
        try:
            self._limit(sent=False)
            self._socket.sendall(_frame(b"j:" + call, _ID))
            return self._answer()
        except TimeoutError:
            raise self._late(sent=True) from None
        except OSError as error:
            raise WireError(f"the connection broke: {error.strerror or error}", sent=True) from None

    def _connect(self, path: Path) -> None:
        try:
            self._limit(sent=False)
            self._socket.connect(str(path))
        except FileNotFoundError:
            raise NoSocketError(f"no daemon: {path} does not exist", sent=False) from None
        except ConnectionRefusedError:
            raise DeadError(f"the daemon is dead: nobody listens on {path}", sent=False) from None
        except PermissionError:
            raise ForbiddenError(
                f"not allowed to use {path}: run Guardian as the user who owns it", sent=False
            ) from None
        except BlockingIOError:
            raise HungError("the daemon hangs: it accepts no connection", sent=False) from None
        except TimeoutError:
            raise self._late(sent=False) from None
        except OSError as error:
            raise WireError(f"{path}: {error.strerror or error}", sent=False) from None

    def _answer(self) -> Any:
        for _ in range(_MAX_FRAMES_SKIPPED):
            arguments = self._read_frame()
            if arguments[1:] == [_ID]:
                return _result(arguments[0])
        raise WireError("the daemon answers other calls than this one", sent=True)

    def _read_frame(self) -> list[bytes]:
        head = self._read(1)[0]
        if head >> 4 != _VERSION:
            raise ForeignError("not PM2's protocol: the answer begins with another version", sent=True)
        arguments: list[bytes] = []
        for _ in range(head & 0x0F):
            (size,) = struct.unpack(">I", self._read(4))
            if size > MAX_ANSWER_BYTES:
                raise WireError(f"the answer is too large ({size} bytes)", sent=True)
            arguments.append(bytes(self._read(size)))
        return arguments

    def _read(self, size: int) -> bytearray:
        data = bytearray()
        while len(data) < size:
            self._limit(sent=True)
            chunk = self._socket.recv(min(size - len(data), _CHUNK_BYTES))
            if not chunk:
                raise WireError("the daemon closed the connection before it answered", sent=True)
            data += chunk
        return data

    def _limit(self, *, sent: bool) -> None:
        """A socket's own limit is per call: dripped bytes would go on for ever."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise self._late(sent=sent)
        self._socket.settimeout(left)

    def _late(self, *, sent: bool) -> WireError:
        return HungError(f"the daemon hangs: no answer within {self._seconds:g} s", sent=sent)


def _frame(*arguments: bytes) -> bytes:
    head = bytes([_VERSION << 4 | len(arguments)])
    return head + b"".join(struct.pack(">I", len(argument)) + argument for argument in arguments)


def _result(argument: bytes) -> Any:
    answer = parse(argument.removeprefix(b"j:"))
    if not isinstance(answer, dict):
        raise WireError("malformed answer: not an object", sent=True)
    if "error" in answer:
        raise RefusedError(str(answer["error"])[:200], sent=True)
    values = answer.get("args")
    if not isinstance(values, list) or not values:
        raise WireError("malformed answer: it has no value", sent=True)
    return values[0]


def parse(data: bytes) -> Any:
    """JSON from the daemon. Raises WireError without the text, since that has secrets in it."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        fault = type(error).__name__
    raise WireError(f"malformed answer: not JSON ({fault})", sent=True)


def _daemon_of(connection: socket.socket) -> str | None:
    """`pid:start time` of the process that listens, where the system tells."""
    try:
        pid = _peer_pid(connection)
        return f"{pid}:{_started(pid)}" if pid > 0 else None
    except (OSError, ValueError, IndexError):
        return None


def _peer_pid(connection: socket.socket) -> int:
    if sys.platform == "darwin":
        return connection.getsockopt(0, _LOCAL_PEERPID)
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def _started(pid: int) -> str:
    """In the system's own unit: only compared. On Linux setting the clock does not change it."""
    if sys.platform == "linux":
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        return stat.rpartition(b")")[2].split()[19].decode()
    import psutil  # noqa: PLC0415  20 ms that Linux does not need

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        raise OSError(os.strerror(3)) from None
