"""API cost logs: what the month will cost, and how fast the money goes.

Probe: the lines that are new in the cost logs, priced where they give no cost.
Judge: FAIL when the budget is used up, when the month's forecast is above it, or when a burn tier is crossed; the sums
are kept in its memory. A model without a price is unknown spend, never free: it is said in the message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared.costs import Costs, Fields, Money, Price, costs
from guardian.config.shape import Zone
from guardian.decide.burn import Outlook, outlook
from guardian.decide.ledger import KINDS, Ledger, added, recall, remember
from guardian.diagnose.plain import brief
from guardian.errors import SourceAbsent
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import Containment, Ports
from guardian.settings import ByteSize, Model, UserPath
from guardian.units import rough_text, size_text

STEPS = {"budget": 0.5, "budget, a quarter": 0.25, "budget, used up": 0.0}
"""Target -> share of the usual pace that is left. Each step is a target of its own: the least one that is open stands,
and when it ends the next one takes its place."""
TARGET = "budget"
_MESSAGE = 200
_UNPRICED_KEPT = 20
_CATCH_UP = timedelta(minutes=10)
_CENT = Decimal("0.01")
_SEVERITIES = {"runaway": Severity.CRITICAL, "steady": Severity.WARNING}


class Params(Model):
    files: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/agents/costs/*.jsonl"]])
    """The cost logs, JSON lines, as shell-style patterns of whole paths."""
    budget: Money | None = Field(None, examples=[500])
    """What a month may cost. Without it there is nothing to judge."""
    currency: Annotated[str, Field(min_length=1, max_length=8)] = "USD"
    """How it is called. Prices that Guardian knows are in US dollars."""
    zone: Zone = "UTC"
    """The time zone in which a month begins and ends."""
    minimum_spend: Money = Decimal(1)
    """With less spent within a tier's long window, that tier is not crossed whatever the rate."""
    fields: Fields = Fields()
    """What the fields of a line are called."""
    prices: Mapping[Annotated[str, Field(min_length=1, max_length=200)], Price] = Field(
        default_factory=dict, examples=[{"my-model": {"input": 0.5, "output": 1.5}}]
    )
    """Prices of your own for a million tokens, by model; they go before the list prices that Guardian knows."""
    read_at_most: Annotated[ByteSize, Field(ge=100_000, le=256_000_000)] = 4_000_000
    """So many bytes are read in one look; the next look goes on."""


@dataclass(frozen=True)
class Sample:
    costs: Costs
    cursor: JSON
    behind_bytes: int = 0
    troubles: Sequence[str] = ()


def probe(ports: Ports, params: Params, _only: str | None, memory: Memory) -> Sample:
    if not params.files:
        raise SourceAbsent("no cost log is named: give it `files`")
    if not params.budget:
        raise SourceAbsent("there is no `budget`")
    patterns = [str(path) for path in params.files]
    read = ports.entries.read(patterns, memory.get("cursor"), params.read_at_most)
    if read.absent:
        raise SourceAbsent("no cost log is there yet")
    found = costs(read.entries, params.fields, params.prices, ports.prices, ports.now())
    return Sample(found, read.cursor, read.behind_bytes, read.troubles)


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    zone = ZoneInfo(params.zone)
    ledger = added(recall(memory.get("ledger", {})), sample.costs.spent, now, zone)
    ledger = replace(ledger, unpriced=_unpriced(ledger, sample))
    behind_since = _behind_since(sample, memory, now)
    kept = {"cursor": sample.cursor, "ledger": remember(ledger), "behind_since": behind_since}
    if sample.behind_bytes and behind_since is not None:
        return Judgement(_for_each_step(_catching_up(sample, behind_since, now)), kept)
    if sample.troubles and not sample.costs.spent:
        text = brief(f"could not look: {sample.troubles[0]}", _MESSAGE)
        return Judgement([Verdict(TARGET, Status.UNKNOWN, text)], kept)
    found = outlook(ledger, params.budget or Decimal(0), params.minimum_spend, now, zone)
    return Judgement(_steps(found, _verdict(found, ledger, sample, params, now)), kept)


def _for_each_step(verdict: Verdict) -> list[Verdict]:
    return [replace(verdict, target=target) for target in STEPS]


def _steps(found: Outlook, verdict: Verdict) -> list[Verdict]:
    """The steps that are not reached are ok."""
    return (
        [
            each
            if found.share <= STEPS[each.target]
            else replace(
                each, status=Status.OK, severity=Severity.INFO, message=f"not reached: {found.share:g} is left"
            )
            for each in _for_each_step(verdict)
        ]
        if verdict.status is Status.FAIL
        else _for_each_step(verdict)
    )


def _unpriced(ledger: Ledger, sample: Sample) -> Mapping[str, int]:
    counts = dict(ledger.unpriced)
    for model, count in sample.costs.unpriced.items():
        if model in counts or len(counts) < _UNPRICED_KEPT:
            counts[model] = counts.get(model, 0) + count
    return counts


def _behind_since(sample: Sample, memory: Memory, now: datetime) -> float | None:
    if not sample.behind_bytes:
        return None
    known = memory.get("behind_since")
    return float(known) if known is not None else now.timestamp()


def _catching_up(sample: Sample, since: float, now: datetime) -> Verdict:
    """A log that is new to Guardian is read first; one that grows faster than it is read cannot be judged."""
    text = f"{size_text(sample.behind_bytes)} of the cost logs are still to be read"
    long = now - datetime.fromtimestamp(since, UTC) > _CATCH_UP
    return Verdict(TARGET, Status.UNKNOWN if long else Status.SKIPPED, text)


def _verdict(found: Outlook, ledger: Ledger, sample: Sample, params: Params, now: datetime) -> Verdict:
    trouble, severity = _trouble(found, params)
    parts = [trouble or "", _standing(found, params), _said_besides(ledger, sample)]
    message = brief("; ".join(part for part in parts if part), _MESSAGE)
    status = Status.FAIL if trouble else Status.OK
    return Verdict(TARGET, status, message, severity, facts=_facts(found, ledger, params, now))


def _trouble(found: Outlook, params: Params) -> tuple[str | None, Severity]:
    if found.spent >= found.budget:
        return "the budget is used up", Severity.CRITICAL
    if found.tier is not None:
        rate = found.rates[found.tier.long]
        text = f"{found.tier.name} burn, {rate:.1f} times the budget over {rough_text(found.tier.long)}"
        return text, _SEVERITIES.get(found.tier.name, Severity.HIGH)
    if found.forecast is not None and found.forecast > found.budget:
        return f"the month will cost {costs_text(found.forecast)} {params.currency}", Severity.WARNING
    return None, Severity.INFO


def _standing(found: Outlook, params: Params) -> str:
    text = f"{costs_text(found.spent)} of {costs_text(found.budget)} {params.currency} spent"
    if found.forecast is not None:
        text += f", forecast {costs_text(found.forecast)}"
    if found.gone_in is not None and found.spent < found.budget:
        text += f", gone in {rough_text(found.gone_in)}"
    return text


def _said_besides(ledger: Ledger, sample: Sample) -> str:
    parts = []
    if ledger.unpriced:
        names = ", ".join(list(ledger.unpriced)[:2])
        parts.append(f"unknown spend: no price for {names} ({sum(ledger.unpriced.values())} lines)")
    if sample.costs.odd:
        parts.append(f"{sample.costs.odd} lines not understood ({sample.costs.example})")
    return "; ".join(parts)


def _facts(found: Outlook, ledger: Ledger, params: Params, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(params.zone)
    return {
        "spent": costs_text(found.spent),
        "budget": costs_text(found.budget),
        "forecast": costs_text(found.flat),
        "forecast_by_rhythm": costs_text(found.rhythm),
        "gone_in_seconds": round(found.gone_in.total_seconds()) if found.gone_in is not None else None,
        "tier": found.tier.name if found.tier else None,
        "burn": {rough_text(window): f"{rate:.2f}" for window, rate in found.rates.items()},
        "share": found.share,
        "top": {kind: {name: costs_text(cost) for name, cost in ledger.top(kind, now, zone)} for kind in KINDS},
        "unpriced": dict(ledger.unpriced),
    }


def costs_text(value: Decimal | None) -> str | None:
    """To the cent."""
    return str(value.quantize(_CENT)) if value is not None else None


def order(_params: Params, target: str) -> Containment | None:
    return Containment(share=STEPS[target]) if target in STEPS else None


def evidence(_sample: Sample, _target: str) -> TargetEvidence:
    """All of it is in the verdict's facts."""
    return TargetEvidence()


CHECK = Check(
    "Budget burn rate",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="throttle_pipeline",
    order=order,
    continues=True,
)
