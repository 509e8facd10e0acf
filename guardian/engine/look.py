"""One look of one check: probe, then judge; whatever breaks becomes "could not look", never ok and never silence."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from guardian.checks.base import Judgement, TargetEvidence
from guardian.diagnose import redact, signatures
from guardian.diagnose.plain import brief, plain_json
from guardian.engine import contained
from guardian.engine.engine import Engine
from guardian.errors import SourceAbsent, SourceError
from guardian.model import JSON, Evidence, Memory, Severity, Status, Verdict

LOG_LINES = 100
MESSAGE = 200
"""The most characters of a message."""
_MEMORY_BYTES = 1_000_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Looked:
    """`sample` is None when the probe failed."""

    judgement: Judgement
    sample: Any
    seconds: float


def look(engine: Engine, check: str, memory: Memory, now: datetime, only: str | None = None) -> Looked:
    began = time.monotonic()
    judgement, sample = _judged(engine, check, memory, now, only)
    return Looked(judgement, sample, time.monotonic() - began)


def _judged(engine: Engine, check: str, memory: Memory, now: datetime, only: str | None) -> tuple[Judgement, Any]:
    plugin, params = engine.checks[check], engine.config.checks[check].params
    sample = None
    try:
        if plugin.limit is not None:
            judgement, sample = contained.look(plugin, plugin.limit, engine.ports, params, memory, now, only)
            return _fit(judgement), sample
        sample = plugin.sample(engine.ports, params, only, memory)
        return _fit(plugin.judge(sample, params, memory, now)), sample
    except SourceAbsent as absent:
        return Judgement((), memory, nothing=str(absent)), None
    except SourceError as error:
        return _unknown(error.source, error.reason, memory), sample
    except contained.Broken as broken:
        logger.error("check %s is broken: %s\n%s", check, broken, broken.trace)  # noqa: TRY400  the trace is its own
        return _unknown(check, f"the check itself failed: {broken}", memory), sample
    except Exception as error:
        logger.exception("check %s is broken", check)
        return _unknown(check, f"the check itself failed: {type(error).__name__}: {error}", memory), sample


def _unknown(source: str, reason: str, memory: Memory) -> Judgement:
    return Judgement([Verdict(source, Status.UNKNOWN, brief(f"could not look: {reason}", MESSAGE))], memory)


def _fit(judgement: Judgement) -> Judgement:
    """As the store can keep it. Raises where it is no judgement: the check is then blamed, never believed."""
    verdicts = [_fit_verdict(verdict) for verdict in judgement.verdicts]
    if len({verdict.target for verdict in verdicts}) != len(verdicts):
        raise ValueError("two verdicts for one target")
    size = len(json.dumps(judgement.memory, allow_nan=False))
    if size > _MEMORY_BYTES:
        raise ValueError(f"it would remember {size} bytes, at most {_MEMORY_BYTES} are kept")
    return replace(judgement, verdicts=verdicts)


def _fit_verdict(verdict: Verdict) -> Verdict:
    message, status = brief(verdict.message, MESSAGE), Status(verdict.status)
    try:
        verdict.target.encode()
    except UnicodeEncodeError:
        name = verdict.target.encode(errors="backslashreplace").decode()
        return Verdict(name, Status.UNKNOWN, "could not look: its name is no text")
    return replace(verdict, message=message, status=status, severity=Severity(verdict.severity))


def take_evidence(engine: Engine, check: str, looked: Looked, verdict: Verdict, now: datetime) -> tuple[Evidence, str]:
    """What is to be known of a target before anything is done to it, and one line about it. Never raises: half the
    evidence is better than none."""
    known = TargetEvidence(facts=verdict.facts)
    try:
        if isinstance(looked.sample, contained.Sample):
            known = looked.sample.evidence.get(verdict.target, known)
        elif looked.sample is not None:
            known = engine.checks[check].evidence(looked.sample, verdict.target)
        lines = [redact.redact(line) for line in engine.ports.logs.tail(known.logs, LOG_LINES)]
        facts = _plain_facts({**verdict.facts, **known.facts})
        cause = signatures.diagnose(facts, lines)
    except Exception as error:
        logger.exception("no evidence of %s", verdict.target)
        return Evidence(now, _plain_facts(known.facts)), f"could not be taken whole: {type(error).__name__}"
    text = cause.cause if cause else f"{len(lines)} lines of log, no known signature"
    return Evidence(now, facts, lines, cause), brief(text, MESSAGE)


def _plain_facts(facts: Mapping[str, JSON]) -> Mapping[str, JSON]:
    return {key: plain_json(value, name=key) for key, value in facts.items()}
