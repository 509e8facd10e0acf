"""Which findings the operator's exceptions take out, and which exceptions take out nothing."""

import os
from collections.abc import Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase

from guardian.scanner.policy import UNREADABLE, Exemption
from guardian.scanner.report import Excepted, Finding, ScanReport


def sift(
    findings: Iterable[Finding], exemptions: Sequence[Exemption], *, path: str, sha256: str | None, today: date
) -> tuple[Sequence[Finding], Sequence[Excepted]]:
    """The findings that count, and those that are excepted."""
    kept, excepted = [], []
    for finding in findings:
        found = next((each for each in exemptions if covers(each, finding, path, sha256, today)), None)
        if found is None:
            kept.append(finding)
        else:
            excepted.append(Excepted(finding, found.reason))
    return kept, excepted


def covers(exemption: Exemption, finding: Finding, path: str, sha256: str | None, today: date) -> bool:
    if exemption.rule != finding.rule or expired(exemption, today):
        return False
    if exemption.line not in (None, finding.line):
        return False
    if exemption.sha256 is not None and exemption.sha256 != sha256:
        return False
    if finding.rule == UNREADABLE and exemption.sha256 is None:
        return False  # what nobody could read is not known by its name
    return exemption.path is None or fnmatchcase(_absolute(path), pattern(exemption))


def _absolute(path: str) -> str:
    """Whatever `..` is in it; links are left as they are."""
    return _slashed(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links


def pattern(exemption: Exemption) -> str:
    """The path as an absolute pattern."""
    written = exemption.path or "*"
    if written == "*" or os.path.isabs(written):  # noqa: PTH117  as _slashed
        return _slashed(written)
    return _below(exemption.base, written)


def _below(base: str, written: str) -> str:
    """The folder itself is no pattern, whatever characters are in its name."""
    quoted = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in _slashed(base))
    return f"{quoted.rstrip('/')}/{_slashed(written)}"


def _slashed(path: str) -> str:
    """One way to write it on every system."""
    from pathlib import PurePath  # noqa: PLC0415  slow to load, and most scans have no exceptions

    return PurePath(path).as_posix()


def expired(exemption: Exemption, today: date) -> bool:
    return exemption.expires is not None and today > exemption.expires


def unused(exemptions: Sequence[Exemption], reports: Iterable[ScanReport], today: date) -> Sequence[Exemption]:
    """Those that took out nothing in these reports, the expired ones among them."""
    left = list(exemptions)
    for report in reports:
        for each in report.excepted:
            left = [one for one in left if not covers(one, each.finding, report.path, report.sha256, today)]
    return left
