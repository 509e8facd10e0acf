"""Telling a person of a script that was blocked or is to be looked at: once a script and day, and never a flood."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from guardian.checks.base import Judgement
from guardian.diagnose.plain import brief
from guardian.engine.engine import Engine
from guardian.engine.look import MESSAGE, Looked
from guardian.engine.patrol import report, settle
from guardian.engine.scanning import name_of
from guardian.model import Severity, Status, TargetState, Verdict
from guardian.scanner.report import ScanVerdict
from guardian.store.values import LastLook

CHECK = "scan"
"""The check name of these incidents."""
FLOOD = 20
"""Told of singly within `WINDOW`; what comes then is told of together."""
WINDOW = timedelta(minutes=10)
MORE = "more scripts"
SECURITY_REPORT = "security report"
"""The target under which Guardian reports that it cannot write it."""

_REMEMBERED = timedelta(days=1)
_TRIES = 10


def notice(engine: Engine, answer: Mapping[str, Any]) -> None:
    """Have it told; the sweep does so, after the answer went out. Raises StoreError."""
    if answer["verdict"] == ScanVerdict.ALLOW:
        return
    for _ in range(_TRIES):  # another process may have told of another script meanwhile
        last = engine.store.last_look(CHECK, engine.node)
        verdict = _verdict(answer, last)
        before = _lately(last, _REMEMBERED if verdict.target != MORE else WINDOW).get(verdict.target)
        if before is not None and before.status is Status.OK:
            return
        if before is not None:  # recorded: it is over as soon as it is told
            verdict = Verdict(verdict.target, Status.OK, "a person is told of it")
        old = last.states.keys() - _lately(last, _REMEMBERED).keys() - {verdict.target}
        gone = dict.fromkeys(old, "long ago")
        settle(engine, CHECK, last, Looked(Judgement([verdict], last.memory), None, 0.0), whole=False, gone=gone)


def security_report(engine: Engine, trouble: str | None) -> None:
    """Raises StoreError."""
    report(engine, SECURITY_REPORT, trouble)


def _verdict(answer: Mapping[str, Any], last: LastLook) -> Verdict:
    blocked = answer["verdict"] == ScanVerdict.BLOCK
    severity = Severity.HIGH if blocked else Severity.WARNING
    if len(_lately(last, WINDOW)) >= FLOOD:
        text = f"more than {FLOOD} scripts were blocked or are for review within 10 min: see the security report"
        return Verdict(MORE, Status.FAIL, text, severity, notice=True)
    facts = {
        "path": answer["path"],
        "sha256": answer["sha256"],
        "agent": answer["agent"],
        "findings": [f"{each['rule']} line {each['line']}: {each['message']}" for each in answer["findings"][:10]],
    }
    return Verdict(name_of(answer), Status.FAIL, brief(_text(answer), MESSAGE), severity, notice=True, facts=facts)


def _lately(last: LastLook, within: timedelta) -> Mapping[str, TargetState]:
    return {target: state for target, state in last.states.items() if last.now - state.at < within}


def _text(answer: Mapping[str, Any]) -> str:
    findings = answer["findings"]
    worst = next(
        (each for each in findings if each["severity"] == answer["verdict"]), findings[0] if findings else None
    )
    what = f"{worst['rule']} line {worst['line']}: {worst['message']}" if worst else "no finding"
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    by = f", agent {answer['agent']}" if answer["agent"] else ""
    moved = ", quarantined" if (answer["quarantine"] or {}).get("id") else ""
    return f"scan verdict {answer['verdict']}{by}{moved}: {what}{more}"
