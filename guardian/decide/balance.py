"""Groups of like queues: when one is badly uneven, and what makes it even."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_PAIR = 2


@dataclass(frozen=True)
class Uneven:
    """The two ends of a group, and how much is in them."""

    deepest: str
    shallowest: str
    high: int
    low: int


@dataclass(frozen=True)
class Move:
    source: str
    to: str
    count: int


def uneven(depths: Mapping[str, tuple[int, int]], *, times: float, least: int) -> Uneven | None:
    """Whether a group is badly uneven: the deepest holds `times` as much as the shallowest and `least` more. Given of
    each queue the least and the most that can be said for sure of its depth."""
    if len(depths) < _PAIR:
        return None
    deepest = max(depths, key=lambda name: depths[name][0])
    shallowest = min(depths, key=lambda name: depths[name][1])
    high, low = depths[deepest][0], depths[shallowest][1]
    found = high - low >= least and high >= times * low and deepest != shallowest
    return Uneven(deepest, shallowest, high, low) if found else None


def moves_to_even(depths: Mapping[str, int], most: int) -> Iterator[Move]:
    """From the deepest to the shallowest, neither beyond the mean, at most so many items in all."""
    left, mean = dict(depths), sum(depths.values()) // max(1, len(depths))
    while len(left) >= _PAIR:
        source, to = max(left, key=lambda name: left[name]), min(left, key=lambda name: left[name])
        count = min(left[source] - mean, mean - left[to], most)
        if count < 1:
            return
        left[source], left[to], most = left[source] - count, left[to] + count, most - count
        yield Move(source, to, count)
