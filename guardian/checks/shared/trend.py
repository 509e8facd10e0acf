"""A robust trend: the Theil-Sen slope, and how sure it is. Pure.

The median of the slopes of all pairs (Theil 1950, Sen 1968): up to 29 % of the points may be anything at all. Its
confidence interval is Sen's, by the variance of Kendall's S. One value far off, or a sawtooth, moves neither.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

LEAST = 10
"""Fewer points say nothing."""

_Z = 1.96
"""Two-sided 95 %."""


@dataclass(frozen=True)
class Trend:
    """Per unit of x: the slope, and the ends of its 95 % confidence interval."""

    slope: float
    low: float
    high: float


def theil_sen(points: Sequence[tuple[float, float]]) -> Trend | None:
    """Of (x, y); None where there are too few. Quadratic in their number."""
    count = len(points)
    slopes = sorted(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for at, earlier in enumerate(points)
        for later in points[at + 1 :]
        if later[0] != earlier[0]
    )
    if count < LEAST or not slopes:
        return None
    width = _Z * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(math.floor((len(slopes) - width) / 2), 0)
    high = min(math.ceil((len(slopes) + width) / 2), len(slopes) - 1)
    return Trend(median(slopes), slopes[low], slopes[high])
