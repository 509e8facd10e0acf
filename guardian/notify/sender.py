"""The child that delivers by Apprise, seen from the process that wants something delivered.

Started at the first message, kept for half a minute of rest, so that a flood of alerts loads Apprise once; killed when
its answer does not come in time. Addresses go to it through its stdin, never in arguments nor in the environment.
"""

import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from guardian.errors import DeliveryError

_REST = timedelta(seconds=30)
_MODULE = "guardian.notify.apprise_child"
_GRACE_SECONDS = 2.0


class Sender:
    """One at most of its children runs. For one process: do not carry it over a fork."""

    def __init__(self, rest: timedelta = _REST) -> None:
        self._rest = rest
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    def ask(self, request: Mapping[str, object], limit: timedelta) -> Mapping[str, Any]:
        """The child's answer. Raises DeliveryError where none came within `limit`, the start of the child included."""
        end = time.monotonic() + limit.total_seconds()
        with self._lock:
            self._stop_timer()
            try:
                answer = _exchange(self._running(), json.dumps(request).encode() + b"\n", end)
            except BaseException:  # a task's time limit too: what is left would be the next one's answer
                self._end()
                raise
            if answer is None:
                self._end()
                late = time.monotonic() >= end
                raise DeliveryError(
                    f"no answer within {limit.total_seconds():g} s" if late else "the sending process ended"
                )
            self._start_timer()
        return answer

    def close(self) -> None:
        with self._lock:
            self._stop_timer()
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(
                [sys.executable, "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(OSError):
            child.kill()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE_SECONDS)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def _start_timer(self) -> None:
        self._timer = threading.Timer(self._rest.total_seconds(), self._rested)
        self._timer.daemon = True
        self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _rested(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():
                self._timer = None
                self._end()


def _exchange(child: subprocess.Popen[bytes], line: bytes, end: float) -> Mapping[str, Any] | None:
    """None when the child ended, or the time did."""
    if child.stdin is None or child.stdout is None:
        return None
    try:
        child.stdin.write(line)
    except OSError:
        return None
    found = b""
    while not found.endswith(b"\n"):
        left = end - time.monotonic()
        if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
            return None
        chunk = child.stdout.read(65_536)
        if not chunk:
            return None
        found += chunk
    answer: Mapping[str, Any] = json.loads(found)
    return answer
