"""Scan receipts: proof that this content was scanned under this policy, and how that ended. Pure.

An HMAC (SHA-256, RFC 2104) over all of it: whoever can verify a receipt can make one, so the key is for Guardian and
its executors, never for the scripts.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from guardian.scanner.policy import Policy
from guardian.scanner.report import ScanReport, ScanVerdict

FORMAT = 1
_FIELDS = ("format", "sha256", "policy", "verdict", "at", "agent", "path")
_AHEAD = timedelta(minutes=5)
"""Clocks of two machines may differ by so much."""


def of(
    report: ScanReport, policy: Policy, key: bytes, *, agent: str | None, at: datetime, path: str | None
) -> Mapping[str, Any]:
    """Where an exception may have gone by the path, the receipt is for that file alone."""
    by_path = bool(report.excepted) and any(each.path is not None for each in policy.exceptions)
    fields = {
        "format": FORMAT,
        "sha256": report.sha256,
        "policy": report.policy,
        "verdict": str(report.verdict),
        "at": at.isoformat(),
        "agent": agent,
        "path": absolute(path) if by_path and path is not None else None,
    }
    return {**fields, "mac": _mac(fields, key)}


def absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100  resolve() would follow links


def fault(
    receipt: Mapping[str, Any], source: bytes, key: bytes, *, policies: Collection[str], now: datetime,
    max_age: timedelta | None = None, path: str | None = None,
) -> str | None:  # fmt: skip
    """Why the receipt does not let these bytes run; None where it does. `policies`: the versions that count."""
    if why := _forged(receipt, key):
        return why
    if not hmac.compare_digest(hashlib.sha256(source).hexdigest(), str(receipt["sha256"])):
        return "the content is not the one that was scanned"
    if receipt["policy"] not in policies:
        return f"it was scanned under another policy ({receipt['policy']})"
    if receipt["verdict"] != ScanVerdict.ALLOW:
        return f"the scan verdict is {receipt['verdict']}"
    if receipt["path"] is not None and receipt["path"] != path:
        return f"it is for {receipt['path']} alone"
    return _too_old(str(receipt["at"]), now, max_age)


def _forged(receipt: Mapping[str, Any], key: bytes) -> str | None:
    if not isinstance(receipt, Mapping) or set(receipt) != {*_FIELDS, "mac"}:
        return "it is no receipt"
    if receipt["format"] != FORMAT:
        return f"it has format {receipt['format']!r}, not {FORMAT}"
    fields = {name: receipt[name] for name in _FIELDS}
    if not hmac.compare_digest(_mac(fields, key).encode(), str(receipt["mac"]).encode(errors="replace")):
        return "its signature is not valid: it was altered, or signed with another key"
    return None


def _too_old(at: str, now: datetime, max_age: timedelta | None) -> str | None:
    age = now - datetime.fromisoformat(at)  # signed, so it was written by `make`
    if age < -_AHEAD:
        return "it is from the future: the clocks differ"
    if max_age is not None and age > max_age:
        return f"it is older than {max_age}"
    return None


def _mac(fields: Mapping[str, Any], key: bytes) -> str:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
