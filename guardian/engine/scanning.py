"""One scan, asked for by an executor: read, scan apart, set aside what is blocked, write it down, tell a person.

The message may come twice, and the worker may die after any line. What was answered is kept before the script is moved
away; the move goes by the message's own id, so that it is done once; a person is told once by the store. A message that
took a worker down three times is answered without another try.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from guardian.diagnose.plain import brief
from guardian.errors import GuardianError, StoreError
from guardian.host.quarantine import Entry, Place, take
from guardian.host.scan_child import ScanChild
from guardian.logs.lines import JsonLines
from guardian.scanner import receipt
from guardian.scanner.documents import report_from, unread
from guardian.scanner.policy import UNREADABLE, Policy
from guardian.scanner.reading import UnreadableError, read_script
from guardian.scanner.report import ScanReport, ScanVerdict, Severity
from guardian.store.scans import Begun, Scans

MOST_TRIES = 3
MOST_FINDINGS = 200
"""In an answer; the worst first where there are more."""
_IN_A_LINE = 20
_NAME, _PATH = 80, 300
_SMALL = 20_000
_RANK = (Severity.BLOCK, Severity.REVIEW, Severity.ADVICE)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """A script by its path on this node, or as text under a name that somebody gave it."""

    path: str | None = None
    source: str | None = None
    filename: str = "<source>"
    agent: str | None = None


class Recent:
    """The reports of the scripts that this process was asked for last."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._held: dict[str, ScanReport] = {}

    def get(self, content: str) -> ScanReport | None:
        report = self._held.pop(content, None)
        if report is not None:
            self._held[content] = report
        return report

    def keep(self, content: str, report: ScanReport) -> None:
        self._held[content] = report
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]


@dataclass(frozen=True)
class Desk:
    """What a scan works with. `key` gives the receipts' key, and may raise GuardianError."""

    policy: Policy
    scans: Scans
    node: str
    child: ScanChild
    place: Place
    report: JsonLines
    key: Callable[[], bytes]
    recent: Recent = field(default_factory=Recent)


def _nothing_to_keep() -> None:
    pass


@dataclass(frozen=True)
class Done:
    """The answer, and the trouble with the security report where there is any. `keep`: what is worth keeping for the
    next one who asks, to be done when the answer is out."""

    answer: Mapping[str, Any]
    trouble: str | None = None
    keep: Callable[[], None] = _nothing_to_keep


def scan(desk: Desk, message: str, asked: Asked, now: datetime) -> Done:
    """Never raises because of what the script is."""
    policy = _policy(desk, asked)
    source, unreadable = _read(asked, policy)
    sha256 = hashlib.sha256(source).hexdigest() if source is not None else None
    content = _content(asked, policy, sha256, now)
    begun, read = _begun(desk, message, asked, policy, source, content)
    keep = _nothing_to_keep
    if begun.answer is not None:
        answer = dict(begun.answer)
    elif source is None:
        answer = _answer(desk, asked, policy, unreadable or _nothing(asked, policy), now, cached=False)
    else:
        report, cached = _report(begun, asked, policy, read)
        answer = _answer(desk, asked, policy, report, now, cached=cached)
        if not cached and not any(each.rule == UNREADABLE for each in report.findings):
            desk.recent.keep(content, report)
            keep = partial(_keep, desk.scans, content, report)  # the other may end otherwise on a calmer machine
    answer["quarantine"] = _set_aside(desk, message, asked, answer, now)
    return Done(answer, _write_down(desk, message, answer, now), _counted(desk, message, answer, now, keep))


def _counted(
    desk: Desk, message: str, answer: Mapping[str, Any], now: datetime, keep: Callable[[], None]
) -> Callable[[], None]:
    """For the history: before the answer goes out, so that no death of a worker loses it; what is allowed keeps nobody
    waiting, and is counted afterwards."""
    if answer["verdict"] != ScanVerdict.ALLOW:
        _count(desk, message, answer, now)
        return keep

    def then() -> None:
        _count(desk, message, answer, now)
        keep()

    return then


def _count(desk: Desk, message: str, answer: Mapping[str, Any], now: datetime) -> None:
    rules = sorted({each["rule"] for each in answer["findings"] if each["severity"] != Severity.ADVICE})
    agent, verdict = brief(str(answer["agent"] or ""), _NAME), str(answer["verdict"])
    row: dict[str, Any] = {
        "id": message,
        "at": now.isoformat(),
        "node": desk.node,
        "agent": agent,
        "path": brief(str(answer["path"]), _PATH),
    }
    row |= {"sha256": answer["sha256"], "verdict": verdict, "rules": rules}
    try:
        desk.scans.count(
            message,
            agent=agent,
            verdict=verdict,
            rules=rules,
            now=now,
            scan=None if verdict == ScanVerdict.ALLOW else row,
        )
    except StoreError as error:
        logger.warning("the history lacks the scan of %s: %s", name_of(answer), error)


def _policy(desk: Desk, asked: Asked) -> Policy:
    policy = desk.policy.for_agent(asked.agent)
    return policy if asked.path is not None else policy.for_text()


def _name(asked: Asked) -> str:
    return asked.path if asked.path is not None else asked.filename


def _read(asked: Asked, policy: Policy) -> tuple[bytes | None, ScanReport | None]:
    """The script, or the report of why there is none."""
    if asked.path is None:
        return (None, None) if asked.source is None else (_bytes(asked.source), None)
    try:
        return read_script(asked.path, policy.max_bytes), None
    except UnreadableError as error:
        reason = f"cannot be read here: {error}" if error.here else "not on this node, send the source"
        return None, unread(asked.path, reason, policy.version, "scan it with `source=` instead of `path=`")


def _bytes(text: str) -> bytes:
    """JSON carries text: bytes that are no UTF-8 come as lone surrogates (PEP 383), and are the same bytes again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _nothing(asked: Asked, policy: Policy) -> ScanReport:
    return unread(_name(asked), "neither `path` nor `source` was given", policy.version, "give one of the two")


def _content(asked: Asked, policy: Policy, sha256: str | None, now: datetime) -> str:
    """What the report depends on: with exceptions on the path and the day as well."""
    also = (_name(asked), str(now.date())) if policy.exceptions else ()
    return hashlib.sha256("\0".join((sha256 or "", policy.version, *also)).encode(errors="surrogatepass")).hexdigest()


def _begin(scans: Scans, message: str, content: str) -> Begun:
    """Without a store every scan is the first."""
    try:
        return scans.begin(message, content)
    except StoreError as error:
        logger.warning("scanning without what is kept of scans: %s", error)
        return Begun(1, None, None)


def _begun(
    desk: Desk, message: str, asked: Asked, policy: Policy, source: bytes | None, content: str
) -> tuple[Begun, Callable[[], ScanReport]]:
    """What is known of the message, and what reads the script. A small one is read while the store is asked: that takes
    longer; one that this process had lately needs neither, unless it may have been moved away."""
    if (known := desk.recent.get(content)) is not None and (asked.path is None or known.verdict != ScanVerdict.BLOCK):
        return Begun(1, None, known.as_json()), lambda: known
    if source is None or len(source) > _SMALL:
        begun = _begin(desk.scans, message, content)
        return begun, lambda: desk.child.scan(source, _name(asked), policy)
    found: list[Begun] = []
    report = desk.child.scan(
        source, _name(asked), policy, meanwhile=lambda: found.append(_begin(desk.scans, message, content))
    )
    return found[0] if found else _begin(desk.scans, message, content), lambda: report


def _report(begun: Begun, asked: Asked, policy: Policy, read: Callable[[], ScanReport]) -> tuple[ScanReport, bool]:
    """And whether it is from before."""
    if begun.report is not None:
        return replace(report_from(begun.report), path=_name(asked)), True
    if begun.times > MOST_TRIES:
        return unread(_name(asked), f"reading it ended {MOST_TRIES} workers", policy.version), False
    return read(), False


def _keep(scans: Scans, content: str, report: ScanReport) -> None:
    with suppress(StoreError):
        scans.keep_report(content, report.as_json())


def _answer(
    desk: Desk, asked: Asked, policy: Policy, report: ScanReport, now: datetime, *, cached: bool
) -> dict[str, Any]:
    findings = sorted(report.findings, key=lambda each: _RANK.index(each.severity))[:MOST_FINDINGS]
    shown = replace(report, findings=sorted(findings, key=lambda each: (each.line, each.column)))
    return {
        **shown.as_json(),
        "findings_left_out": len(report.findings) - len(findings),
        "agent": asked.agent,
        "node": desk.node,
        "cached": cached,
        "receipt": _receipt(desk, asked, policy, report, now),
    }


def _receipt(desk: Desk, asked: Asked, policy: Policy, report: ScanReport, now: datetime) -> Mapping[str, Any] | None:
    """None where there is no content to vouch for, or no key."""
    if report.sha256 is None:
        return None
    try:
        key = desk.key()
    except GuardianError as error:
        logger.warning("no receipt: %s", error)
        return None
    return receipt.of(report, policy, key, agent=asked.agent, at=now, path=asked.path)


def _set_aside(
    desk: Desk, message: str, asked: Asked, answer: Mapping[str, Any], now: datetime
) -> Mapping[str, Any] | None:
    """None where that is not asked for."""
    if answer["verdict"] != ScanVerdict.BLOCK or asked.path is None or not desk.place.roots:
        return None
    if answer["sha256"] is None:
        return {"id": None, "text": "what could not be read is not moved"}
    with suppress(StoreError):  # then a second delivery finds the script gone, and blocks as well
        desk.scans.keep_answer(message, answer)
    taken = take(desk.place, asked.path, _entry(desk, message, asked, answer, now))
    return {"id": taken.id, "text": taken.text}


def _entry(desk: Desk, message: str, asked: Asked, answer: Mapping[str, Any], now: datetime) -> Entry:
    return Entry(
        id=quarantine_id(str(answer["sha256"]), message),
        state="moving",
        path=asked.path or "",
        sha256=str(answer["sha256"]),
        at=now.isoformat(),
        node=desk.node,
        agent=asked.agent,
        size=0,
        mode=0,
        report={name: value for name, value in answer.items() if name != "receipt"},
    )


def quarantine_id(sha256: str, message: str) -> str:
    """The same however often the message comes."""
    return f"{sha256[:12]}-{hashlib.sha256(message.encode(errors='replace')).hexdigest()[:8]}"


def _write_down(desk: Desk, message: str, answer: Mapping[str, Any], now: datetime) -> str | None:
    try:
        desk.report.append(line(answer, now, message))
    except OSError as error:
        return f"the security report {desk.report.path} cannot be written: {error.strerror or error}"
    return None


def line(answer: Mapping[str, Any], now: datetime, message: str | None) -> Mapping[str, Any]:
    """One line of the security report; no secret of a script gets into it."""
    kept = ("path", "verdict", "sha256", "policy", "agent", "node", "cached", "quarantine", "duration")
    return {
        "at": now.isoformat(),
        "task": message,
        **{name: answer.get(name) for name in kept},
        "findings": [
            {
                "rule": each["rule"],
                "severity": each["severity"],
                "line": each["line"],
                "message": brief(str(each["message"]), 200),
            }
            for each in answer["findings"][:_IN_A_LINE]
        ],
        "found": len(answer["findings"]) + answer.get("findings_left_out", 0),
        "excepted": len(answer["excepted"]),
    }


def name_of(answer: Mapping[str, Any]) -> str:
    """What a person calls the script."""
    name = brief(Path(str(answer["path"])).name, 80) or "script"
    return f"{name} {str(answer['sha256'])[:8]}" if answer["sha256"] else name
