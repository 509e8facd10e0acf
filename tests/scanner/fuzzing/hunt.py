"""The hunt: each input to two scan children of their own, in another order, and what must not be is written down.

The children are the real ones, with their limits: a script that kills one kills the one of a worker as well. They hash
texts differently (each its own seed), so that an answer which depends on the order of a set differs.
"""

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from guardian.host.scan_child import ScanChild
from guardian.scanner.policy import Policy
from guardian.scanner.report import ScanReport, ScanVerdict
from tests.scanner.fuzzing.inputs import Inputs

LIMIT = 3.0
POLICY = Policy(max_seconds=LIMIT)
_LATE, _SLOW = 0.5, 0.5
_BATCH, _LEAST = 40, 400
_AGAIN = 8
"""Two seeds of the hash may agree by chance."""
_REDUCING = 60.0
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_SIGNS = {
    "could not be judged": "exception",
    "reading it ended the process": "child died",
    "not read to its end within": "late",
    "takes too much memory": "memory",
}


@dataclass
class Found:
    scanned: int = 0
    timed_out: int = 0
    longest: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    behaviours: set[object] = field(default_factory=set)
    bad: dict[str, bytes] = field(default_factory=dict)
    """What is wrong, in words, and the reduced script."""


class Pair:
    """Two children that know nothing of each other."""

    def __init__(self) -> None:
        self._children = (ScanChild(), ScanChild())
        self._pool = ThreadPoolExecutor(2)

    def scan(self, batch: Sequence[bytes], orders: Sequence[Sequence[int]]) -> list[tuple[ScanReport, ScanReport]]:
        first, second = self._pool.map(self._one, self._children, [batch, batch], orders)
        return [(first[index], second[index]) for index in range(len(batch))]

    def alone(self, raw: bytes) -> tuple[ScanReport, ScanReport]:
        """In new children: whatever was scanned before is no part of it."""
        for child in self._children:
            child.close()
        return self.scan([raw], [[0], [0]])[0]

    @staticmethod
    def _one(child: ScanChild, batch: Sequence[bytes], order: Sequence[int]) -> Mapping[int, ScanReport]:
        return {index: child.scan(batch[index], "a.py", POLICY) for index in order}

    def close(self) -> None:
        for child in self._children:
            child.close()
        self._pool.shutdown()


def wrong(reports: tuple[ScanReport, ScanReport]) -> str | None:
    """What must not be, whatever the script is."""
    for report in reports:
        if report.verdict not in set(ScanVerdict) or report.duration > POLICY.patience + _LATE:
            return "late" if report.verdict in set(ScanVerdict) else "no verdict"
        for each in report.findings:
            for sign, name in _SIGNS.items():
                if each.message.startswith(sign) and "to be parsed" not in each.message:
                    return name
    if not any(_timed_out(each) for each in reports) and _judgement(reports[0]) != _judgement(reports[1]):
        return "differs"
    return None


def _judgement(report: ScanReport) -> object:
    return report.verdict, [
        (each.rule, each.severity, each.line, each.column, each.message) for each in report.findings
    ]


def _timed_out(report: ScanReport) -> bool:
    return any(each.message.startswith(("takes more than", "was not read")) for each in report.findings)


def hunt(seconds: float, seed: int, folder: Path, say: Callable[[str], None] = print) -> Found:
    """Goes on after what it finds; each kind of it is reduced and kept once, by its message."""
    random, found, pair = Random(seed), Found(), Pair()
    inputs, end, told = Inputs(random), time.monotonic() + seconds, time.monotonic()
    try:
        while time.monotonic() < end or found.scanned < _LEAST:
            _round(pair, inputs, random, found, folder, say)
            if time.monotonic() - told > 60:
                told = time.monotonic()
                say(_standing(found))
    finally:
        pair.close()
    say(_standing(found))
    return found


def _standing(found: Found) -> str:
    return (
        f"{found.scanned} scripts, {dict(found.verdicts)}, {len(found.behaviours)} behaviours, "
        f"longest {found.longest:.2f} s, {found.timed_out} over their time, {len(found.bad)} bad: {sorted(found.bad)}"
    )


def _round(pair: Pair, inputs: Inputs, random: Random, found: Found, folder: Path, say: Callable[[str], None]) -> None:
    batch = [inputs.next() for _ in range(_BATCH)]
    orders = [list(range(_BATCH)), random.sample(range(_BATCH), _BATCH)]
    for raw, reports in zip(batch, pair.scan(batch, orders), strict=True):
        found.scanned += 1
        found.verdicts[str(reports[0].verdict)] += 1
        found.longest = max(found.longest, *(each.duration for each in reports))
        found.timed_out += any(_timed_out(each) for each in reports)
        if all(each.duration > _SLOW for each in reports):
            _keep(folder / "slow", raw)
        if wrong(reports):
            _wrong(pair, raw, reports, batch, found, folder, say)
        behaviour = _behaviour(reports[0])
        if behaviour not in found.behaviours:
            found.behaviours.add(behaviour)
            inputs.keep(raw)


def _behaviour(report: ScanReport) -> object:
    """Its kind: rules and what was said of them, without the numbers and names of this script. What cannot be read is
    of one kind: else nothing but such scripts would be kept."""
    if any(each.message.startswith("cannot be") for each in report.findings):
        return None
    kinds = {(each.rule, each.severity, re.sub(r"[\d'\"].*", "", each.message)[:60]) for each in report.findings[:50]}
    return frozenset(kinds), report.duration > _SLOW


def _wrong(
    pair: Pair,
    raw: bytes,
    reports: tuple[ScanReport, ScanReport],
    batch: Sequence[bytes],
    found: Found,
    folder: Path,
    say: Callable[[str], None],
) -> None:
    """A machine that is busy may be late once, so twice more; what only happens after others is kept with them."""
    kind = wrong(reports)
    again = {wrong(pair.alone(raw)) for _ in range(_AGAIN if kind == "differs" else 2)}
    if kind not in again:
        if kind in ("late", "child died"):
            return
        name, small = f"{kind} after others", json.dumps([each.decode("latin-1") for each in batch]).encode()
    else:
        name = f"{kind}: {_why(pair.alone(raw))}"
        if name in found.bad:
            return
        small = reduced(raw, lambda less: any(wrong(pair.alone(less)) == kind for _ in range(2)))
    found.bad[name] = small
    _keep(folder / str(kind).replace(" ", "-"), small, raw, *(repr(_judgement(each)).encode() for each in reports))
    say(f"BAD {name} in {small[:300]!r}")


def _why(reports: tuple[ScanReport, ScanReport]) -> str:
    messages = {each.message for report in reports for each in report.findings if each.rule == "G001"}
    return re.sub(r"[\d'\"].*", "", min(messages, default=""))[:80]


def _keep(folder: Path, *versions: bytes) -> None:
    """The smallest first, the others beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(versions[0]).hexdigest()[:12]
    for raw, end in zip(versions, (".py", ".whole.py", ".first", ".second"), strict=False):
        (folder / (name + end)).write_bytes(raw)


def reduced(raw: bytes, still: Callable[[bytes], bool], seconds: float = _REDUCING) -> bytes:
    """Less of it with the same fault: lines first, then words. Not always the least: it ends after `seconds`."""
    end = time.monotonic() + seconds
    pieces = raw.splitlines(keepends=True)
    pieces = _fewer(pieces, still, end)
    with suppress(UnicodeDecodeError):
        words = [each.encode() for each in _TOKEN.findall(b"".join(pieces).decode())]
        if still(b"".join(words)):
            pieces = _fewer(words, still, end)
    return b"".join(pieces)


def _fewer(pieces: list[bytes], still: Callable[[bytes], bool], end: float) -> list[bytes]:
    size = max(len(pieces) // 2, 1)
    while time.monotonic() < end:
        at = 0
        before = len(pieces)
        while at < len(pieces) and time.monotonic() < end:
            less = pieces[:at] + pieces[at + size :]
            if less and still(b"".join(less)):
                pieces = less
            else:
                at += size
        if size == 1 and before == len(pieces):
            break
        size = max(size // 2, 1)
    return pieces
