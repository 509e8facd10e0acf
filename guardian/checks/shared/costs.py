"""Costs out of a JSON log: which field says what, and what a line cost."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from guardian.checks.shared.entries import Name, picked
from guardian.decide.ledger import KINDS, NOBODY, Spent
from guardian.ports import LogEntry, Prices, Tokens
from guardian.settings import Model
from guardian.units import moment

_MILLION = 1_000_000
_LONGEST_NAME = 100
_AHEAD = timedelta(hours=1)
"""A clock may be a little ahead; beyond that the time is not believed."""
_MOST = Decimal(10**9)


def money(value: object) -> Decimal | None:
    """An exact amount of zero or more, out of a number or a text; None where it says none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < _MOST else None


def _written(value: object) -> Decimal:
    amount = money(value)
    if amount is None:
        raise ValueError("must be an amount of zero or more, like 500 or 0.15")
    return amount


Money = Annotated[
    Decimal, BeforeValidator(_written), WithJsonSchema({"type": "number"}), PlainSerializer(float, when_used="json")
]


class Fields(Model):
    """Names of the fields in a line; a dot goes into an object (`usage.input_tokens`)."""

    time: Name = "time"
    """When: epoch seconds or milliseconds, or ISO 8601 (without a zone it is UTC)."""
    cost: Name = "cost"
    """What it cost; where it is missing, the tokens are priced."""
    model: Name = "model"
    """The model's name."""
    input: Name = "input_tokens"
    """Tokens of the input, the cached ones included."""
    output: Name = "output_tokens"
    """Tokens of the output."""
    cached: Name = "cached_tokens"
    """Tokens of the input that came from the provider's cache."""
    agent: Name = "agent"
    """Who spent it."""
    key: Name = "key"
    """On which API key or project: a name, never the key itself."""


class Price(Model):
    """Prices of a model, for a million tokens."""

    input: Money = Decimal(0)
    """Of the input."""
    output: Money = Decimal(0)
    """Of the output."""
    cached: Money | None = None
    """Of the input that came from the cache; without it, as the input."""

    def cost(self, tokens: Tokens) -> Decimal:
        cached = min(tokens.cached, tokens.input)
        cheap = self.input if self.cached is None else self.cached
        return ((tokens.input - cached) * self.input + cached * cheap + tokens.output * self.output) / _MILLION


@dataclass(frozen=True)
class Costs:
    """`unpriced` counts lines by the model whose price nobody knows. `odd` counts lines that say no time or no cost;
    `example` is the first of them: its place and why."""

    spent: list[Spent] = field(default_factory=list)
    unpriced: Counter[str] = field(default_factory=Counter)
    odd: int = 0
    example: str = ""


def costs(
    entries: Iterable[LogEntry], fields: Fields, own: Mapping[str, Price], prices: Prices, now: datetime
) -> Costs:
    """Never raises for what is in a line."""
    found = Costs()
    odd: list[str] = []
    for entry in entries:
        if entry.data is None:
            odd.append(f"{entry.place}: {entry.broken}")
            continue
        at = moment(picked(entry.data, fields.time))
        if at is None or at > now + _AHEAD:
            odd.append(f"{entry.place}: {'no time' if at is None else 'its time is to come'}")
            continue
        cost, model = _cost(entry.data, fields, own, prices, at)
        if cost is not None:
            found.spent.append(Spent(at, cost, _names(entry.data, fields)))
        elif model is not None:
            found.unpriced[model] += 1
        else:
            odd.append(f"{entry.place}: neither a cost nor a model with its tokens")
    return Costs(found.spent, found.unpriced, len(odd), odd[0] if odd else "")


def _cost(
    data: Mapping[str, Any], fields: Fields, own: Mapping[str, Price], prices: Prices, at: datetime
) -> tuple[Decimal | None, str | None]:
    """(cost, model): without a cost, the model that has no known price, where one is named."""
    if (given := money(picked(data, fields.cost))) is not None:
        return given, None
    model = picked(data, fields.model)
    tokens = [_count(picked(data, name)) for name in (fields.input, fields.output, fields.cached)]
    if not isinstance(model, str) or not model or tokens[:2] == [None, None]:
        return None, None
    used = Tokens(*(count or 0 for count in tokens))
    known = own[model].cost(used) if model in own else prices.cost(model, used, at)
    return known, model[:_LONGEST_NAME]


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 10**12 else None


def _names(data: Mapping[str, Any], fields: Fields) -> dict[str, str]:
    named = {kind: picked(data, getattr(fields, kind)) for kind in KINDS}
    return {kind: name[:_LONGEST_NAME] if isinstance(name, str) and name else NOBODY for kind, name in named.items()}
