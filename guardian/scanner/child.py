"""`python -m guardian.scanner.child`: scans what comes through its stdin, one script after the other.

A script that makes the parser crash, hang or eat memory takes this process down, and nothing else. A request is a line
of JSON (`policy` where it changes, `filename`, `bytes`), then the script; without `bytes` it reads the file itself. An
answer is a line of JSON. Ends with its stdin, and after many scripts by itself.
"""

import gc
import json
import os
import signal
import sys
from contextlib import suppress
from typing import BinaryIO

from guardian.scanner import scan_file, scan_source
from guardian.scanner.documents import policy_from
from guardian.scanner.policy import Policy
from guardian.scanner.report import ScanReport

MOST_SCRIPTS = 1000
_COLLECTS = 16
"""Scripts after which garbage is collected: it takes longer than a small scan, and little of it is in cycles."""
_GRACE = 1.0
_ENOUGH = 0.5


def main() -> None:
    memory, niceness = int(sys.argv[1]), int(sys.argv[2])
    requests, answers = _streams()
    _limit(memory, niceness)
    policy = Policy()
    gc.disable()  # a collection in the middle of a scan takes as long as a small scan
    gc.freeze()
    for number in range(1, MOST_SCRIPTS + 1):
        line = requests.readline()
        if not line:
            return
        request = json.loads(line)
        if "policy" in request:
            policy = policy_from(request["policy"])
        source = requests.read(request["bytes"]) if "bytes" in request else None
        _alarm(policy.max_seconds + _GRACE, policy.patience + _GRACE)
        report = dict(_scanned(request["filename"], source, policy).as_json())
        _alarm(0, 0)
        last = number == MOST_SCRIPTS or _memory() > _ENOUGH * memory
        answers.write(json.dumps({"report": report, "last": last}).encode() + b"\n")
        answers.flush()
        if last:
            return
        if number % _COLLECTS == 0:
            gc.collect()  # while nobody waits


def _scanned(filename: str, source: bytes | None, policy: Policy) -> ScanReport:
    return (
        scan_file(filename, policy=policy) if source is None else scan_source(source, filename=filename, policy=policy)
    )


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """What is printed by accident is no answer."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, answers


def _limit(memory: int, niceness: int) -> None:
    """The system ends what goes over it. Where a limit is unknown, the one who asks has its own."""
    with suppress(ImportError):
        import resource  # noqa: PLC0415  POSIX alone has it

        for name, most in (("RLIMIT_AS", memory), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0)):
            with suppress(AttributeError, OSError, ValueError):
                resource.setrlimit(getattr(resource, name), (most, most))
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)


def _memory() -> int:
    """What this process has, in bytes; where that is not to be had, the most that it had. (On Linux the latter would
    count the process that started this one, too.)"""
    with suppress(OSError, ValueError, IndexError, AttributeError), open("/proc/self/statm", "rb") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _alarm(processor: float, clock: float) -> None:
    """Ends this process even where nobody waits for it any more: after so many seconds of the processor, or by the
    clock."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, processor)
        signal.setitimer(signal.ITIMER_REAL, clock)


if __name__ == "__main__":
    main()
