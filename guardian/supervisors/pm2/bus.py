"""PM2's bus, `pub.sock`: the daemon tells of every event, with no filter on its side.

A frame is as on `rpc.sock`: `s:TOPIC`, then `j:PAYLOAD`. Everything is read, since the daemon keeps in memory what a
listener does not take (150 MB in 8 s of an app that logs); what is of another topic is dropped unread. A payload
holds the app's environment: only the event's name is taken out of it.
"""

import socket
import struct
import time
from collections.abc import Generator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from guardian.supervisors.pm2.wire import WireError, parse

ENDED = frozenset({"exit", "restart overlimit"})
"""The events that a look may have something to say to."""

_TOPIC = b"s:process:event"
_VERSION = 1
_MOST_TOPIC, _MOST_PAYLOAD = 256, 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_RECONNECT_SECONDS = 1.0
_PAUSE_SECONDS = 0.1
"""A daemon that drops each connection is no reason to spin."""

_Wanted = Generator[int, bytes, None]
"""Yields how many bytes it wants next, or minus how many are to be dropped."""


class Frames:
    """Takes the bus's bytes as they come. Holds at most one payload of `process:event`."""

    def __init__(self) -> None:
        self._events: list[str] = []
        self._frames = self._read()
        self._wants = next(self._frames)
        self._held = bytearray()

    def feed(self, chunk: bytes) -> list[str]:
        """The events that became whole. Raises WireError where it is not PM2's protocol."""
        position = 0
        while position < len(chunk):
            if self._wants < 0:
                dropped = min(-self._wants, len(chunk) - position)
                position += dropped
                self._wants += dropped
            else:
                taken = chunk[position : position + self._wants - len(self._held)]
                self._held += taken
                position += len(taken)
                if len(self._held) == self._wants:
                    self._go_on()
            while self._wants == 0:
                self._go_on()
        events, self._events = self._events, []
        return events

    def _go_on(self) -> None:
        whole = bytes(self._held)
        self._held.clear()
        self._wants = self._frames.send(whole)

    def _read(self) -> _Wanted:
        while True:
            head = (yield 1)[0]
            if head >> 4 != _VERSION:
                raise WireError("not PM2's protocol on its bus", sent=False)
            topic = b""
            for number in range(head & 0x0F):
                (size,) = struct.unpack(">I", (yield 4))
                if number == 0 and size <= _MOST_TOPIC:
                    topic = yield size
                elif topic == _TOPIC and size <= _MOST_PAYLOAD:
                    self._note((yield size))
                else:
                    yield -size

    def _note(self, payload: bytes) -> None:
        with suppress(WireError):  # not JSON: no event of ours
            held = parse(payload.removeprefix(b"j:"))
            if isinstance(held, dict) and isinstance(held.get("event"), str):
                self._events.append(held["event"])


class Bus:
    """See guardian.ports.Ear. Connects by itself, anew where the daemon went or its bytes make no sense."""

    def __init__(self, home: Path) -> None:
        self._path = home / "pub.sock"
        self._socket: socket.socket | None = None
        self._frames = Frames()

    def wait(self, limit: timedelta) -> bool:
        end = time.monotonic() + limit.total_seconds()
        while (left := end - time.monotonic()) > 0:
            if self._socket is None and not self._connect():
                time.sleep(min(left, _RECONNECT_SECONDS))
                continue
            if self._ended(left):
                return True
        return False

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> bool:
        """A daemon that hangs or is away costs no more than the try."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(_RECONNECT_SECONDS)
        try:
            line.connect(str(self._path))
        except OSError:
            line.close()
            return False
        self._socket, self._frames = line, Frames()
        return True

    def _ended(self, seconds: float) -> bool:
        """Whether the next bytes, waited for at most so long, tell of an end."""
        if self._socket is None:
            return False
        self._socket.settimeout(seconds)
        try:
            chunk = self._socket.recv(_CHUNK_BYTES)
            events = self._frames.feed(chunk)
        except TimeoutError:
            return False
        except (OSError, WireError):
            chunk, events = b"", []
        if not chunk:
            self.close()
            time.sleep(min(seconds, _PAUSE_SECONDS))
        return not ENDED.isdisjoint(events)
