"""Scan reports as SARIF 2.1.0 (OASIS), for code hosts and editors."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from urllib.parse import quote

from guardian import __version__
from guardian.scanner.report import Finding, Rule, ScanReport, Severity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.BLOCK: "error", Severity.REVIEW: "warning", Severity.ADVICE: "note"}
_SCORES = {Severity.BLOCK: "8.0", Severity.REVIEW: "5.0", Severity.ADVICE: "2.0"}
"""What GitHub sorts by: 7 and above is high, 4 and above medium."""


def document(reports: Iterable[ScanReport], rules: Sequence[Rule], errors: Sequence[str]) -> Mapping[str, object]:
    places = {rule.id: at for at, rule in enumerate(rules)}
    found = list(reports)
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(rules)},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(errors)],
                "artifacts": [_artifact(report) for report in found],
                "results": [
                    result
                    for report in found
                    for result in (
                        *(_result(report, each, places) for each in report.findings),
                        *(_excepted(report, each.finding, each.reason, places) for each in report.excepted),
                    )
                ],
            }
        ],
    }


def _driver(rules: Sequence[Rule]) -> Mapping[str, object]:
    return {
        "name": "guardian",
        "fullName": "AI System Guardian scanner",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }


def _rule(rule: Rule) -> Mapping[str, object]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.name.replace("_", "-").split("-")),
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"Instead: {rule.instead}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "precision": rule.confidence,
            "tags": ["security", f"external/cwe/cwe-{rule.cwe:03d}"],
        },
    }


def _invocation(errors: Sequence[str]) -> Mapping[str, object]:
    return {
        "executionSuccessful": not errors,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": text}} for text in errors],
    }


def _artifact(report: ScanReport) -> Mapping[str, object]:
    hashes = {"hashes": {"sha-256": report.sha256}} if report.sha256 else {}
    return {"location": {"uri": _uri(report.path)}, **hashes, "properties": {"verdict": str(report.verdict)}}


def _uri(path: str) -> str:
    """Relative to where it runs if below that, as code hosts want it."""
    absolute = os.path.abspath(path)  # noqa: PTH100  resolve() would follow links
    below = Path.cwd()
    pure = PurePath(absolute)
    return quote(pure.relative_to(below).as_posix()) if pure.is_relative_to(below) else pure.as_uri()


def _result(report: ScanReport, finding: Finding, places: Mapping[str, int]) -> dict[str, object]:
    region: dict[str, object] = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": max(finding.end_line, finding.line),
        "endColumn": max(finding.end_column, 1),
    }
    if finding.snippet:
        region["snippet"] = {"text": finding.snippet}
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. Instead: {finding.instead}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(report.path)}, "region": region}}],
    }
    if finding.rule in places:
        result["ruleIndex"] = places[finding.rule]
    return result


def _excepted(report: ScanReport, finding: Finding, reason: str, places: Mapping[str, int]) -> dict[str, object]:
    result = _result(report, finding, places)
    return result | {"suppressions": [{"kind": "external", "status": "accepted", "justification": reason}]}
