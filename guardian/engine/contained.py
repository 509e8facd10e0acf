"""The operator's own checks and remedies at work: each look and each act in a process of its own, which may raise,
hang, end, print and eat memory as it likes. What comes back is values, looked over like anything from outside."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.errors import RemedyError, SourceAbsent, SourceError
from guardian.heal.base import Done, Remedy
from guardian.host.apart import Lost, apart
from guardian.model import Memory, Severity, Status, Verdict
from guardian.ports import Ports

MEMORY_BYTES = 1_000_000_000
ACT_LIMIT = timedelta(seconds=30)

_MOST_VERDICTS, _LONGEST_TARGET = 2000, 500


class Broken(Exception):  # noqa: N818  named for what is so
    """The check itself failed. `trace` is its traceback, where it has one."""

    def __init__(self, reason: str, trace: str = "") -> None:
        super().__init__(reason)
        self.trace = trace


@dataclass(frozen=True)
class Sample:
    """What is left of a sample when its process is gone: the evidence of each target that is not well."""

    evidence: Mapping[str, TargetEvidence]


def look(
    check: Check, limit: timedelta, ports: Ports, params: Any, memory: Memory, now: datetime, only: str | None
) -> tuple[Judgement, Sample]:
    """Raises SourceAbsent and SourceError as the probe does, and Broken for everything else that it may do."""

    def work() -> dict[str, Any]:
        try:
            sample = check.sample(ports, params, only, memory)
        except SourceAbsent as absent:
            return {"absent": str(absent)}
        except SourceError as error:
            return {"source": str(error.source), "reason": str(error.reason)}
        return _written(check, sample, check.judge(sample, params, memory, now))

    try:
        found = apart(work, limit, memory_bytes=MEMORY_BYTES)
    except Lost as lost:
        raise Broken(str(lost), lost.trace) from None
    if "absent" in found:
        raise SourceAbsent(found["absent"])
    if "source" in found:
        raise SourceError(found["source"], found["reason"])
    return _read(found)


def _written(check: Check, sample: Any, judgement: object) -> dict[str, Any]:
    if not isinstance(judgement, Judgement):
        raise TypeError(f"judge gave {type(judgement).__name__}, not a Judgement")
    verdicts = list(islice(judgement.verdicts, _MOST_VERDICTS + 1))
    for verdict in verdicts:
        if not isinstance(verdict, Verdict):
            raise TypeError(f"judge gave {type(verdict).__name__} among its verdicts")
        if not isinstance(verdict.target, str) or not 0 < len(verdict.target) <= _LONGEST_TARGET:
            raise ValueError(f"a target is a name of 1 to {_LONGEST_TARGET} characters")
    if len(verdicts) > _MOST_VERDICTS:
        raise ValueError(f"it gives more than {_MOST_VERDICTS} verdicts")
    bad = [each.target for each in verdicts if each.status in (Status.FAIL, Status.UNKNOWN)]
    evidence = {target: _evidence(check, sample, target) for target in bad}
    return {
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "memory": judgement.memory,
        "nothing": judgement.nothing,
        "evidence": {target: asdict(each) for target, each in evidence.items()},
    }


def _evidence(check: Check, sample: Any, target: str) -> TargetEvidence:
    """Half the evidence is better than none."""
    try:
        found = check.evidence(sample, target)
        return TargetEvidence(dict(found.facts), [str(path) for path in found.logs])
    except Exception as error:  # noqa: BLE001
        return TargetEvidence({"evidence": f"could not be taken: {type(error).__name__}: {error}"})


def _read(found: Mapping[str, Any]) -> tuple[Judgement, Sample]:
    """Statuses and severities are looked over with those of every check."""
    evidence = {target: TargetEvidence(**held) for target, held in found["evidence"].items()}
    verdicts = [
        Verdict(**held | {"status": Status(held["status"]), "severity": Severity(held["severity"])})
        for held in found["verdicts"]
    ]
    return Judgement(verdicts, found["memory"], found["nothing"]), Sample(evidence)


def remedy(original: Remedy) -> Remedy:
    """The same, each act in a process of its own."""
    bind, for_incident = original.bind, original.for_incident
    return replace(
        original,
        act=partial(_act, original.act),
        already_done=partial(_already_done, original.already_done),
        break_circuit=partial(_act, original.break_circuit) if original.break_circuit else None,
        bind=(lambda order: remedy(bind(order))) if bind else None,
        for_incident=(lambda incident, now: remedy(for_incident(incident, now))) if for_incident else None,
    )


def _act(act: Callable[[Ports, str], Done], ports: Ports, target: str) -> Done:
    """Raises RemedyError: after a surprise nobody can tell whether it was done."""

    def work() -> dict[str, Any]:
        try:
            done = act(ports, target)
        except RemedyError as error:
            return {"refused": str(error), "done": error.done}
        return {"changed": bool(done.changed), "text": str(done.text)[:1000]}

    try:
        found = apart(work, ACT_LIMIT, memory_bytes=MEMORY_BYTES)
    except Lost as lost:
        raise RemedyError(f"the remedy failed: {lost}", done=None) from None
    if "refused" in found:
        raise RemedyError(found["refused"], done=found["done"])
    return Done(**found)


def _already_done(
    ask: Callable[[Ports, str, datetime], bool | None], ports: Ports, target: str, claimed_at: datetime
) -> bool | None:
    def work() -> bool | None:
        answer = ask(ports, target, claimed_at)
        return None if answer is None else bool(answer)

    try:
        found: bool | None = apart(work, ACT_LIMIT, memory_bytes=MEMORY_BYTES)
    except Lost:
        return None  # nobody can tell
    return found
