"""Prices out of the table that is shipped: what is known is right, what is not is not free."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from guardian.host.model_prices import ModelPrices
from guardian.ports import Tokens

AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "tokens", "cost"),
    [
        ("gpt-4o", Tokens(1_000_000, 0), "2.5"),
        ("gpt-4o", Tokens(0, 1_000_000), "10"),
        ("gpt-4o", Tokens(1_000_000, 0, 1_000_000), "1.25"),
        ("gpt-4o", Tokens(1_000, 0, 5_000), "0.00125"),
        ("openai/gpt-4o", Tokens(1_000_000, 0), "2.5"),
        ("claude-sonnet-4-20250514", Tokens(1_000_000, 1_000_000), "18"),
        ("gpt-4o", Tokens(), "0"),
    ],
)
def test_a_known_model_costs_what_its_maker_asks(model: str, tokens: Tokens, cost: str) -> None:
    assert ModelPrices().cost(model, tokens, AT) == Decimal(cost)


@pytest.mark.parametrize("model", ["", "my-own-model", "openai/", "gpt", "x" * 10_000])
def test_an_unknown_model_is_not_free(model: str) -> None:
    assert ModelPrices().cost(model, Tokens(1, 1), AT) is None
