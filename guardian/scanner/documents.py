"""Policies and reports as JSON: over a pipe, a queue and a cache, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from guardian.scanner.policy import AgentPolicy, Exemption, Policy
from guardian.scanner.report import Excepted, Finding, ScanReport, ScanVerdict, Severity


def policy_document(policy: Policy) -> Mapping[str, Any]:
    """Of a policy for one agent: that of others is left out."""
    document = asdict(policy) | {"agents": {}}
    for each in document["exceptions"]:
        each["expires"] = each["expires"].isoformat() if each["expires"] else None
    return document


def policy_from(document: Mapping[str, Any]) -> Policy:
    exceptions = tuple(
        Exemption(**{**each, "expires": date.fromisoformat(each["expires"]) if each["expires"] else None})
        for each in document["exceptions"]
    )
    agents: Mapping[str, AgentPolicy] = {}
    return Policy(**{**document, "allowlist": tuple(document["allowlist"]), "exceptions": exceptions, "agents": agents})


def report_from(document: Mapping[str, Any]) -> ScanReport:
    """Raises KeyError, TypeError or ValueError for what is no report."""
    return ScanReport(
        path=str(document["path"]),
        verdict=ScanVerdict(document["verdict"]),
        findings=_findings(document["findings"]),
        sha256=document["sha256"],
        policy=str(document["policy"]),
        duration=float(document["duration"]),
        excepted=[Excepted(_finding(each["finding"]), str(each["reason"])) for each in document["excepted"]],
    )


def _findings(documents: Sequence[Mapping[str, Any]]) -> Sequence[Finding]:
    return [_finding(each) for each in documents]


def _finding(document: Mapping[str, Any]) -> Finding:
    return Finding(**{**document, "severity": Severity(document["severity"])})


def unread(path: str, message: str, policy: str, instead: str = "", *, sha256: str | None = None) -> ScanReport:
    """The report of what could not be read or finished: it fails closed."""
    why = "what nobody could read to its end may do anything"
    finding = Finding("G001", Severity.BLOCK, 1, 1, 1, 1, "", message, why, instead or "send a script that can be read")
    return ScanReport(path, ScanVerdict.BLOCK, [finding], sha256, policy, 0.0)
