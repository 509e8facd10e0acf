"""The child that scans, seen from the process that wants a script scanned.

Started at the first script and kept. When it does not answer in time, or ends, that is the answer: G001, block.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from guardian.scanner.documents import policy_document, report_from, unread
from guardian.scanner.policy import Policy
from guardian.scanner.report import ScanReport

MEMORY_BYTES = 300_000_000
CAN = hasattr(os, "fork")
"""Whether this system can wait for a pipe."""

_MODULE = "guardian.scanner.child"
_GRACE = 2.0
"""Beyond the policy's limit: the child's own alarm comes first."""
_START = 10.0
_MOST_ANSWER = 64 * 2**20


def _nothing() -> None:
    pass


class ScanChild:
    """One child at most. For one process: do not carry it over a fork. Any thread may ask; they wait for each other."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES, *, niceness: int = 0) -> None:
        self._memory, self._niceness = memory_bytes, niceness
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._policy: Policy | None = None

    def scan(
        self, source: bytes | None, filename: str, policy: Policy, meanwhile: Callable[[], None] = _nothing
    ) -> ScanReport:
        """Never raises because of what the script is. Without a source the child reads the file. `meanwhile` is called
        once, while the child is at it."""
        with self._lock:
            fresh = self._start()
            end = time.monotonic() + policy.patience + _GRACE + (_START if fresh else 0)
            try:
                answer = self._exchange(self._request(source, filename, policy), end, meanwhile)
            except BaseException:  # a task's time limit too: what is left would be the next one's answer
                self._end()
                raise
            if answer is None:
                message = self._lost(end, policy)
                return unread(filename, message, policy.version)
            found = json.loads(answer)
            if found["last"]:
                self._end()
        return report_from(found["report"])

    def close(self) -> None:
        with self._lock:
            self._end()

    def _start(self) -> bool:
        """Whether it had to be."""
        if self._child is not None and self._child.poll() is None:
            return False
        self._end()
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE, str(self._memory), str(self._niceness)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._policy = None
        return True

    def _request(self, source: bytes | None, filename: str, policy: Policy) -> bytes:
        head: dict[str, object] = {"filename": filename} | ({} if source is None else {"bytes": len(source)})
        if policy != self._policy:
            head["policy"] = policy_document(policy)
            self._policy = policy
        return json.dumps(head).encode() + b"\n" + (source or b"")

    def _exchange(self, request: bytes, end: float, meanwhile: Callable[[], None]) -> bytes | None:
        """None when the child ended, or the time did."""
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            return None
        answer, left, waits = bytearray(), memoryview(request), False
        os.set_blocking(child.stdin.fileno(), False)
        while not answer.endswith(b"\n"):
            if not left and not waits:
                waits = True
                meanwhile()
            wait = end - time.monotonic()
            ready, able, _ = select.select([child.stdout], [child.stdin] if left else [], [], max(wait, 0))
            if not ready and not able:
                return None
            if able:
                try:
                    left = left[os.write(child.stdin.fileno(), left) :]
                except OSError:
                    return None
            if ready:
                chunk = os.read(child.stdout.fileno(), 65_536)
                answer += chunk
                if not chunk or len(answer) > _MOST_ANSWER:
                    return None
        return bytes(answer)

    def _lost(self, end: float, policy: Policy) -> str:
        late = time.monotonic() >= end
        code = self._end()
        if late or code in (-signal.SIGALRM, -signal.SIGPROF):  # its own limits
            return f"not read to its end within {policy.max_seconds:g} s"
        return "reading it ended the process that reads: too deep, or too much memory"

    def _end(self) -> int | None:
        child, self._child = self._child, None
        if child is None:
            return None
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            return child.wait(0.05)
        with suppress(OSError):
            child.kill()
        return child.wait()
