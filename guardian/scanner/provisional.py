"""Stands in for the engine: flags `eval(` and `input(`. Goes when the engine comes."""

import ast
import hashlib
import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

from guardian.scanner.exceptions import sift
from guardian.scanner.policy import Policy
from guardian.scanner.report import Finding, Rule, ScanReport, ScanVerdict, Severity

_RULES = tuple(
    Rule(id_, name, severity, "high", 95, "what", "why", "example", "instead")
    for id_, name, severity in (
        ("G001", "unreadable", Severity.BLOCK),
        ("G101", "eval", Severity.BLOCK),
        ("G402", "input", Severity.REVIEW),
    )
)


def rules() -> tuple[Rule, ...]:
    return _RULES


def scan_source(source: bytes | str, *, filename: str = "<source>", policy: Policy | None = None) -> ScanReport:
    began, policy = time.perf_counter(), policy or Policy()
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    sha, findings = hashlib.sha256(raw).hexdigest(), []
    if len(raw) > policy.max_bytes:
        findings.append(_finding("G001", 1, 1, "", f"over {policy.max_bytes} bytes"))
    else:
        try:
            lines = raw.decode(errors="replace").splitlines()
            for node in ast.walk(ast.parse(raw)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "input"):
                    rule = "G101" if node.func.id == "eval" else "G402"
                    findings.append(
                        _finding(
                            rule,
                            node.lineno,
                            len(lines[node.lineno - 1].encode()[: node.col_offset].decode()) + 1,
                            lines[node.lineno - 1],
                            f"{node.func.id} used",
                        )
                    )
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            findings.append(_finding("G001", 1, 1, "", f"cannot be parsed: {error}"))
    kept, excepted = sift(findings, policy.exceptions, path=filename, sha256=sha, today=datetime.now(UTC).date())
    return ScanReport(filename, _verdict(kept), kept, sha, policy.version, time.perf_counter() - began, excepted)


def scan_file(path: str | os.PathLike[str], *, policy: Policy | None = None) -> ScanReport:
    policy = policy or Policy()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("is no regular file")  # noqa: TRY301
            return scan_source(file.read(policy.max_bytes + 1), filename=str(Path(path)), policy=policy)
    except OSError as error:
        found = [_finding("G001", 1, 1, "", f"cannot be read: {error.strerror or error}")]
        return ScanReport(str(path), ScanVerdict.BLOCK, found, None, policy.version, 0.0)


def _finding(rule: str, line: int, column: int, snippet: str, message: str) -> Finding:
    severity = next(each.severity for each in _RULES if each.id == rule)
    end = column + 4
    return Finding(rule, severity, line, column, line, end, snippet, message, "it runs what it is given", "do not")


def _verdict(findings: object) -> ScanVerdict:
    severities = {each.severity for each in findings}  # type: ignore[attr-defined]
    return (
        ScanVerdict.BLOCK
        if Severity.BLOCK in severities
        else (ScanVerdict.REVIEW if Severity.REVIEW in severities else ScanVerdict.ALLOW)
    )
