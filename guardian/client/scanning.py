"""Ask before a script runs. Whatever goes wrong, the answer is block."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guardian.client.connection import STATE, address, application, forget
from guardian.host import receipt_key
from guardian.scanner import policy_file, policy_found, receipt, scan_source
from guardian.scanner.documents import report_from, unread
from guardian.scanner.policy import MAX_BYTES
from guardian.scanner.reading import UnreadableError, read_script
from guardian.scanner.report import Finding, ScanReport, ScanVerdict

TASK, QUEUE = "guardian.scan", "scan"
_READ = 64 * MAX_BYTES
"""More than any policy lets pass; the policy says where it ends."""


@dataclass(frozen=True)
class Scanned:
    """`source`: the bytes that were scanned, None where there were none. `document`: the whole report as JSON."""

    report: ScanReport
    source: bytes | None = None
    receipt: Mapping[str, Any] | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> ScanVerdict:
        return self.report.verdict

    @property
    def allowed(self) -> bool:
        """Whether it may run as it is."""
        return self.verdict is ScanVerdict.ALLOW and self.source is not None

    @property
    def findings(self) -> Sequence[Finding]:
        return self.report.findings


def scan(
    path: str | os.PathLike[str] | None = None,
    *,
    source: str | bytes | None = None,
    filename: str = "<source>",
    agent: str | None = None,
    timeout: float = 30.0,
    state: str | os.PathLike[str] | None = None,
    in_process: bool = False,
    config: str | os.PathLike[str] | None = None,
) -> Scanned:
    """Of a file, or of a text under the name `filename`. Asks the Guardian that runs, for `timeout` seconds at most;
    with `in_process` nobody: by the policy of `config`, else of $GUARDIAN_CONFIG, else of ./guardian.toml.

    Never raises: without an answer it is G001, block. Nothing of the script is run or imported.
    """
    name = os.fspath(path) if path is not None else filename
    try:
        content = _content(path, source)
    except UnreadableError as error:
        return _blocked(name, f"cannot be read: {error}", None)
    folder = Path(state) if state is not None else STATE
    try:
        if in_process:
            return _here(content, path, filename, agent, folder, Path(config) if config is not None else None)
        text = content.decode("utf-8", "surrogateescape") if path is None else None
        return _asked(content, {"path": _absolute(path), "source": text, "filename": filename, "agent": agent}, timeout,
                      folder)  # fmt: skip
    except Exception as error:  # noqa: BLE001  whatever it is, the script is not known to be fit
        forget()
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return _blocked(name, f"no answer: {said}"[:300], content)


def _content(path: str | os.PathLike[str] | None, source: str | bytes | None) -> bytes:
    if (path is None) == (source is None):
        raise UnreadableError("give either a path or a source", here=True)
    if path is not None:
        return read_script(path, _READ)
    return source if isinstance(source, bytes) else str(source).encode("utf-8", "surrogatepass")


def _absolute(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.path.abspath(path)  # noqa: PTH100  resolve() would follow links


def _asked(content: bytes, wanted: Mapping[str, Any], timeout: float, state: Path) -> Scanned:
    result = application(address(state)).send_task(TASK, kwargs=dict(wanted), queue=QUEUE, retry=False, expires=timeout)
    document = result.get(timeout=timeout)
    report = report_from(document)
    if report.sha256 is not None and report.sha256 != hashlib.sha256(content).hexdigest():
        return _blocked(report.path, "the file changed while it was scanned", None)
    return Scanned(report, content, document.get("receipt"), document)


def _here(
    content: bytes,
    path: str | os.PathLike[str] | None,
    filename: str,
    agent: str | None,
    state: Path,
    config: Path | None,
) -> Scanned:
    policy, file = policy_found.found(config, os.environ)
    policy = policy.for_agent(agent)
    policy = policy if path is not None else policy.for_text()
    report = scan_source(content, filename=os.fspath(path) if path is not None else filename, policy=policy)
    key = _key(file, state)
    signed = receipt.of(report, policy, key, agent=agent, at=datetime.now(UTC), path=_absolute(path)) if key else None
    return Scanned(report, content, signed, {**report.as_json(), "agent": agent, "receipt": signed})


def _key(config: Path | None, state: Path) -> bytes | None:
    """None where there is none as yet: then nobody could verify a receipt either."""
    table = policy_file.read(config).get(policy_file.TABLE, {}) if config else {}
    return receipt_key.known(receipt_key.configured(table, os.environ), state)


def _blocked(name: str, reason: str, content: bytes | None) -> Scanned:
    sha256 = hashlib.sha256(content).hexdigest() if content is not None else None
    report = unread(name, reason, "", "see that Guardian runs (`guardian status`), then ask again", sha256=sha256)
    return Scanned(report, content, None, dict(report.as_json()))
