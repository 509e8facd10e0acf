"""The baseline: findings of before that a person looked at, by the content of the file, each with its reason.

A JSON file. A file that changes by one byte is known to it no longer.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from guardian.errors import ConfigError, ConfigFault
from guardian.scanner.policy import Exemption
from guardian.scanner.policy_file import exemption
from guardian.scanner.report import ScanReport

_FORMAT = 1
_LARGEST = 64 * 2**20


def load(path: Path) -> Sequence[Exemption]:
    """Raises ConfigError with every fault."""
    entries = _entries(path)
    read = [
        exemption(each, str(path), str(path.absolute().parent), f"entries[{at}]") for at, each in enumerate(entries)
    ]
    faults = [fault for _, found in read for fault in found]
    for at, (each, _) in enumerate(read):
        if each is not None and (each.sha256 is None or each.path is not None):
            faults.append(ConfigFault(str(path), f"entries[{at}]", "goes by `sha256` alone, never by a path"))
    if faults:
        raise ConfigError(faults)
    return [each for each, _ in read if each is not None]


def _entries(path: Path) -> Sequence[object]:
    try:
        if not path.is_file():
            raise ValueError("there is no such file" if not path.exists() else "is no regular file")  # noqa: TRY301
        if path.stat().st_size > _LARGEST:
            raise ValueError("is over 64 MiB: no baseline")  # noqa: TRY301
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(document, dict) or document.get("baseline") != _FORMAT:
            raise ValueError(f"is no baseline: `baseline` must be {_FORMAT}")  # noqa: TRY301
        entries = document.get("entries")
        if not isinstance(entries, list):
            raise ValueError("has no list `entries`")  # noqa: TRY301, TRY004
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError([ConfigFault(str(path), "", _said(error))]) from None
    return entries


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON: {error}"
    return "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def text_of(reports: Iterable[ScanReport], reason: str, expires: date | None) -> str:
    """A baseline of all that these reports found, for one reason. What could not be read has no content to go by."""
    found = {
        (report.sha256, finding.rule, finding.line)
        for report in reports
        for finding in report.findings
        if report.sha256 is not None
    }
    until = {"expires": expires.isoformat()} if expires else {}
    entries = [
        {"rule": rule, "sha256": sha256, "line": line, "reason": reason, **until}
        for sha256, rule, line in sorted(found)
    ]
    return json.dumps({"baseline": _FORMAT, "entries": entries}, indent=2) + "\n"
