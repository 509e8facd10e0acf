"""From what was typed to scan reports: the policy, the files, both cores."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from guardian.cli.shared.lines import err
from guardian.scanner import policy_found, scan_file, scan_source
from guardian.scanner.exceptions import unused
from guardian.scanner.policy import Exemption, Policy
from guardian.scanner.report import ScanReport, ScanVerdict

if TYPE_CHECKING:  # slow to load
    from pathlib import Path

_MANY = 24
"""From so many files on, a second process is worth its start."""
_SAID_AFTER, _SAID_EVERY = 2.0, 0.5


@dataclass
class Scanned:
    """`errors`: what could not be looked for at all. `left_out`: folders that hold no scripts of the user's own.
    `folders`: whether any was asked for, so that an exception that took out nothing says something."""

    reports: Sequence[ScanReport] = ()
    errors: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unused: Sequence[Exemption] = ()
    folders: bool = False
    seconds: float = 0.0

    @property
    def verdict(self) -> ScanVerdict:
        """The worst."""
        found = {report.verdict for report in self.reports}
        return next((each for each in (ScanVerdict.BLOCK, ScanVerdict.REVIEW) if each in found), ScanVerdict.ALLOW)


def policy(file: "Path | None" = None, known: "Path | None" = None, agent: str | None = None) -> tuple[Policy, str]:
    """The policy and where it is from. Raises ConfigError."""
    found, source = policy_found.found(file, os.environ)
    if known:
        from guardian.scanner import baseline

        found = replace(found, exceptions=(*found.exceptions, *baseline.load(known)))
    return found.for_agent(agent), str(source) if source else "the default"


def scan(
    paths: Sequence[str],
    policy: Policy,
    *,
    exclude: tuple[str, ...] = (),
    everything: bool = False,
    stdin_name: str = "<stdin>",
) -> Scanned:
    done, began = Scanned(), time.perf_counter()
    wanted = dict.fromkeys(chain.from_iterable(_found(each, done, exclude, everything=everything) for each in paths))
    reports = _scanned([each for each in wanted if each != "-"], policy)
    if "-" in wanted:
        text = sys.stdin.buffer.read(policy.max_bytes + 1)
        reports.insert(0, scan_source(text, filename=stdin_name, policy=policy.for_text()))
    done.reports = reports
    done.unused = unused(policy.exceptions, reports, datetime.now(UTC).date())
    done.seconds = time.perf_counter() - began
    return done


def _found(text: str, done: Scanned, exclude: tuple[str, ...], *, everything: bool) -> Iterator[str]:
    """A file that is named is scanned, whatever its name."""
    if text == "-":
        yield text
    elif not os.path.lexists(text):
        done.errors.append(f"{text}: there is no such file or folder")
    elif not os.path.isdir(text):  # noqa: PTH112
        yield text
    else:
        from pathlib import Path

        from guardian.scanner.files import scripts

        done.folders = True

        def failed(error: OSError) -> None:
            done.errors.append(f"{error.filename}: cannot be read: {error.strerror}")

        found = scripts(
            Path(text), exclude=exclude, everything=everything, left_out=done.left_out.append, failed=failed
        )
        yield from map(str, found)


def _scanned(files: Sequence[str], policy: Policy) -> list[ScanReport]:
    """In the order given."""
    if len(files) >= _MANY and hasattr(os, "fork"):
        return _scanned_apart(files, policy)
    with _progress(len(files)) as step:
        return [step(scan_file(each, policy=policy)) for each in files]


def _scanned_apart(files: Sequence[str], policy: Policy) -> list[ScanReport]:
    """A script that takes its reader down takes nothing else with it."""
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    from guardian.host.scan_child import ScanChild

    count = min(os.cpu_count() or 1, 8)
    free: SimpleQueue[ScanChild] = SimpleQueue()
    children = [ScanChild() for _ in range(count)]
    for child in children:
        free.put(child)

    def one(file: str) -> ScanReport:
        child = free.get()
        try:
            return child.scan(None, file, policy)
        finally:
            free.put(child)

    try:
        with _progress(len(files)) as step, ThreadPoolExecutor(count) as pool:
            return [step(report) for report in pool.map(one, files)]
    finally:
        for child in children:
            child.close()


class _Step:
    """Says on a terminal how far it is, when it takes long."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._next = time.monotonic() + _SAID_AFTER
        self.said = False

    def __call__(self, report: ScanReport) -> ScanReport:
        self._done += 1
        if sys.stderr.isatty() and time.monotonic() >= self._next:
            self._next, self.said = time.monotonic() + _SAID_EVERY, True
            err(f"\r{self._done} of {self._total} files", end="")
        return report


@contextmanager
def _progress(total: int) -> Iterator[_Step]:
    step = _Step(total)
    try:
        yield step
    finally:
        if step.said:
            err("\r" + " " * 40 + "\r", end="")
