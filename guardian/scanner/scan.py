"""From a script to its report. Nothing that is in a script raises out of here: what goes wrong is G001, and blocks."""

from __future__ import annotations

import gc
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from guardian.scanner.evaluate import Evaluator
from guardian.scanner.exceptions import sift
from guardian.scanner.expressions import Watched
from guardian.scanner.judge import Hit, Judge
from guardian.scanner.knowledge import ATTRIBUTES, BUILTINS, GRADED, NAMES, matters
from guardian.scanner.limit import Limit
from guardian.scanner.policy import Policy
from guardian.scanner.reading import UnreadableError, read_script
from guardian.scanner.report import Finding, Rule, ScanReport, ScanVerdict, Severity
from guardian.scanner.rules import RULES
from guardian.scanner.source import Source, parsed
from guardian.scanner.walk import Walker

_LONGEST_SNIPPET = 4_000
_MOST_FINDINGS = 500
_DEFAULT = Policy()
_WATCHED = Watched(NAMES, ATTRIBUTES, BUILTINS, GRADED, matters)
_ORDER = {Severity.ADVICE: 0, Severity.REVIEW: 1, Severity.BLOCK: 2}


def rules() -> tuple[Rule, ...]:
    return tuple(RULES.values())


def scan_file(path: str | os.PathLike[str], *, policy: Policy | None = None) -> ScanReport:
    policy, began = policy or _DEFAULT, time.perf_counter()
    name = os.fsdecode(path)
    try:
        raw = read_script(path, policy.max_bytes)
    except UnreadableError as error:
        return _report(name, [_unreadable(Limit(f"cannot be read: {error}"))], None, policy, began)
    return scan_source(raw, filename=name, policy=policy)


def scan_source(source: bytes | str, *, filename: str = "<source>", policy: Policy | None = None) -> ScanReport:
    """A script that is one by the encoding it declares and another one as UTF-8 is blocked: who knows how it is run?"""
    policy, began = policy or _DEFAULT, time.perf_counter()
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else bytes(source)
    sha256 = hashlib.sha256(raw).hexdigest()
    try:
        with _no_collector():
            findings = _findings(raw, policy)
    except Limit as limit:
        findings = [_unreadable(limit)]
    except RecursionError:
        findings = [_unreadable(Limit("is nested too deep"))]
    except MemoryError:
        findings = [_unreadable(Limit("takes too much memory"))]
    except Exception as error:  # noqa: BLE001  a fault of the scanner must not let a script pass
        findings = [_unreadable(Limit(f"could not be judged ({type(error).__name__}: {error})"[:200]))]
    return _report(filename, findings, sha256, policy, began)


@contextmanager
def _no_collector() -> Iterator[None]:
    """A syntax tree is thousands of new objects, none of them in a cycle: to look them over while they are made takes
    an eighth of a scan. What is in cycles is taken apart at the end; the policy's limits bound the rest."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _findings(raw: bytes, policy: Policy) -> Sequence[Finding]:
    if len(raw) > policy.max_bytes:
        raise Limit(f"has {len(raw)} bytes, {policy.max_bytes} are allowed")
    alive = _clock(policy)
    source = parsed(raw, policy.max_nodes)
    alive()
    found = _judged(source, policy, alive)
    if source.other is None:
        return found
    return [_unreadable(Limit(f"declares {source.other}; read as UTF-8 it is another script")), *found]


def _judged(source: Source, policy: Policy, alive: Callable[[], None]) -> Sequence[Finding]:
    walker = Walker(_WATCHED, alive, policy.max_nodes)
    evaluator = Evaluator(walker.program, alive)
    try:
        hits = Judge(walker.walk(source.tree), evaluator, policy).judge()
        return _found(hits, source.text.split("\n")) if hits else ()
    finally:
        walker.program.forget()
        evaluator.memo.clear()


def _clock(policy: Policy) -> Callable[[], None]:
    """The processor's time is asked for when the clock says that it may be over: it takes ten times as long to tell."""
    began, end = time.monotonic(), time.thread_time() + policy.max_seconds

    def alive() -> None:
        passed = time.monotonic() - began
        if passed <= policy.max_seconds:
            return
        if time.thread_time() > end:
            raise Limit(f"takes more than {policy.max_seconds:g} s")
        if passed > policy.patience:
            raise Limit(f"was not read within {policy.patience:g} s: the machine is too busy")

    return alive


def _found(hits: Sequence[Hit], lines: Sequence[str]) -> Sequence[Finding]:
    """One finding for a rule and place, the most severe, then the first by its words, since what a name may be comes in
    no order; in the order of the script."""
    best: dict[tuple[str, int, int], Finding] = {}
    for hit in hits:
        finding = _finding(hit, lines)
        place = (finding.rule, finding.line, finding.column)
        if place not in best or _weight(finding) < _weight(best[place]):
            best[place] = finding
    ordered = sorted(best.values(), key=lambda each: (each.line, each.column, each.rule))
    return ordered[:_MOST_FINDINGS]


def _weight(finding: Finding) -> tuple[int, str]:
    return -_ORDER[finding.severity], finding.message


def _finding(hit: Hit, lines: Sequence[str]) -> Finding:
    rule, node = RULES[hit.found.rule], hit.node
    line: int = getattr(node, "lineno", 1)
    end: int = getattr(node, "end_lineno", None) or line
    first, last = _line(lines, line), _line(lines, end)
    return Finding(
        rule.id,
        hit.found.severity or rule.severity,
        line,
        _column(first, getattr(node, "col_offset", 0)),
        end,
        _column(last, getattr(node, "end_col_offset", None) or 0),
        first[:_LONGEST_SNIPPET],
        ": ".join(each for each in (hit.name, hit.found.what) if each) or rule.what,
        rule.why,
        rule.instead,
    )


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _column(line: str, offset: int) -> int:
    """The tree counts bytes, people count characters."""
    return (
        offset + 1
        if line.isascii()
        else len(line.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1
    )


def _unreadable(limit: Limit) -> Finding:
    rule = RULES["G001"]
    return Finding(rule.id, rule.severity, 1, 1, 1, 1, "", str(limit), rule.why, rule.instead)


def _report(name: str, findings: Sequence[Finding], sha256: str | None, policy: Policy, began: float) -> ScanReport:
    kept, excepted = sift(findings, policy.exceptions, path=name, sha256=sha256, today=datetime.now(UTC).date())
    return ScanReport(name, _verdict(kept), kept, sha256, policy.version, time.perf_counter() - began, excepted)


def _verdict(findings: Sequence[Finding]) -> ScanVerdict:
    worst = max((_ORDER[each.severity] for each in findings), default=0)
    return (ScanVerdict.ALLOW, ScanVerdict.REVIEW, ScanVerdict.BLOCK)[worst]
