"""What models cost."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True)
class Tokens:
    """Of one call. `cached` are those of the input that were read from the provider's cache."""

    input: int = 0
    output: int = 0
    cached: int = 0


class Prices(Protocol):
    """A table of list prices."""

    def cost(self, model: str, tokens: Tokens, at: datetime) -> Decimal | None:
        """US dollars at the prices of that time; None for a model that is not known, which is not free."""
        ...


class NoPrices:
    """guardian.ports.Prices where nobody knows any."""

    def cost(self, model: str, tokens: Tokens, at: datetime) -> Decimal | None:  # noqa: ARG002
        return None
