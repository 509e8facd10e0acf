"""`ports.Prices` out of genai-prices' own table: it asks nobody. Loaded at the first question (0.2 s, 22 MB)."""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from guardian.ports import Tokens

_KNOWN = 1000
_NOBODY, _ROUTER = "", "openrouter"
"""Names such as `openai/gpt-4o` are this provider's."""


class ModelPrices:
    """Keeps what it knows of a model's name, nothing else."""

    def cost(self, model: str, tokens: Tokens, at: datetime) -> Decimal | None:
        from genai_prices import Usage, calc_price  # noqa: PLC0415  see above

        usage = Usage(
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cache_read_tokens=min(tokens.cached, tokens.input) or None,
        )
        if (provider := _provider(model)) == _NOBODY:
            return None
        try:
            price = calc_price(usage, model_ref=model, provider_id=provider, genai_request_timestamp=at)
        except (LookupError, ValueError):
            return None
        return price.total_price


@lru_cache(maxsize=_KNOWN)
def _provider(model: str) -> str | None:
    """Whom genai-prices has to be asked for: None, whoever has the model."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415  see above

    for provider in (None, _ROUTER):
        try:
            calc_price(Usage(input_tokens=1), model_ref=model, provider_id=provider)
        except (LookupError, ValueError):
            continue
        return provider
    return _NOBODY
