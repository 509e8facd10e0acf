"""How deep a queue is against its own recent history: far above it, filling or draining.

- A *level* is the median depth of the last five minutes, so that a burst that is worked off at once is none.
- The history is the highest level of each half hour of the last seven days: 336 numbers, whatever comes.
- Depths are compared as Anscombe's root, 2 * sqrt(depth + 3/8): of a Poisson count it has a standard deviation of about
  1 whatever its mean (F. J. Anscombe, "The transformation of Poisson, binomial and negative-binomial data", Biometrika
  35, 1948), and it takes most of the long tail from what piles up in a queue.
- What is usual is the median of the history; or, where that is more, what is usual at this time of day: the highest of
  the hour before and after on each earlier day, and of these the median over the days. So a daily rhythm is no anomaly,
  and one bad night does not excuse the next.
- The limit is `FAR` spreads above that. A spread is 1.4826 times the median distance (MAD; it estimates a normal
  standard deviation, and half of the history may be anything: F. R. Hampel, "The influence curve and its role in robust
  estimation", JASA 69, 1974) from the same half hour of the day before, which a daily rhythm leaves alone, divided by
  the root of 2, since both ends of such a distance vary; in the first two days, from the median. It is never taken for
  less than the 1 that chance alone makes: else a queue that was always empty would be far from it with one item.
- Nothing is said before a whole day is known. What lasts for half of the history is the norm from then on.

Times are seconds since 1970. Only far above is a failure: a queue that is emptier than ever is well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

FAR = 6.0
"""Spreads above the median: docs/checks/cursor_queue.md has the false alarms and the delays that follow from it."""

LEVEL = 300
"""Seconds that a level is taken over."""

BLOCK = 1800
"""Seconds of one number in the history."""

_DAY = 86_400 // BLOCK
_KEPT = 7 * _DAY
NEEDED = _DAY
"""Blocks that have to be known before anything is called far."""

_AROUND = 2
"""Blocks before and after the same time of day: what comes every day does not come on the minute."""

_MOST_LOOKS = 30
_STEADY_LOOKS = 6
_LEAST_LOOKS = 3
_LEAST_SPREAD = 1.0
_NORMAL = 1.4826
_UNKNOWN = -1


@dataclass(frozen=True)
class Depths:
    """What is remembered of a queue: JSON but for being a class.

    `looks` are (time, depth) of the last five minutes. `peaks` is the highest level of each block before `block`,
    newest last, -1 where nothing is known; `peak` of that block itself so far. `limit` is the highest level that is not
    far away in it, None while too little is known.
    """

    looks: Sequence[Sequence[int]] = ()
    block: int = 0
    peak: int = _UNKNOWN
    peaks: Sequence[int] = ()
    limit: int | None = None

    @property
    def depth(self) -> int:
        return self.looks[-1][1]

    @property
    def level(self) -> int | None:
        """None while the looks do not cover most of five minutes."""
        covered = self.looks[-1][0] - self.looks[0][0] if self.looks else 0
        if len(self.looks) < _LEAST_LOOKS or covered < LEVEL * 0.8:
            return None
        return math.floor(median(depth for _, depth in self.looks))

    @property
    def steady(self) -> tuple[int, int] | None:
        """The least and the most of the last minute's looks; None while there are too few."""
        last = [depth for _, depth in self.looks[-_STEADY_LOOKS:]]
        enough = len(last) == _STEADY_LOOKS or self.level is not None
        return (min(last), max(last)) if enough else None

    @property
    def known(self) -> int:
        """Half hours in the history."""
        return sum(peak != _UNKNOWN for peak in self.peaks)

    @property
    def far(self) -> bool:
        """Far above its history, for five minutes and still: it is over as soon as one look is near again."""
        level = self.level
        return level is not None and self.limit is not None and min(level, self.depth) > self.limit

    @property
    def growth(self) -> float | None:
        """Items a second, negative when it drains: from the median of the first half of the looks to the second's."""
        if self.level is None:
            return None
        middle = len(self.looks) // 2
        (old_at, old), (new_at, new) = (_middle(half) for half in (self.looks[:middle], self.looks[-middle:]))
        return (new - old) / (new_at - old_at)


def follow(before: Depths, depth: int, at: int) -> Depths:
    """One look more. A clock that went back, or a pause of more than seven days, begins anew."""
    block = at // BLOCK
    if before.looks and (at < before.looks[-1][0] or block - before.block > _KEPT):
        before = Depths()
    after = _turned(before, block) if before.block != block else before
    looks = _thinned([look for look in after.looks if at - look[0] <= LEVEL])
    after = replace(after, looks=[*looks, [at, depth]])
    return replace(after, peak=max(after.peak, _UNKNOWN if after.level is None else after.level))


def _thinned(looks: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
    """Where looks come faster than every ten seconds, the newest takes the place of the one before."""
    crowded = len(looks) > 1 and looks[-1][0] - looks[-2][0] < LEVEL // _MOST_LOOKS
    return looks[:-1] if crowded else looks


def _turned(before: Depths, block: int) -> Depths:
    """The block is over: its peak goes into the history, and the limit of the next is known."""
    peaks = list(before.peaks)
    if before.block:
        peaks += [before.peak, *[_UNKNOWN] * (block - before.block - 1)]
    peaks = peaks[-_KEPT:]
    return replace(before, block=block, peak=_UNKNOWN, peaks=peaks, limit=limit(peaks))


def limit(peaks: Sequence[int]) -> int | None:
    """The highest level that is not far away in the block after these; None while too little is known."""
    roots = [None if peak == _UNKNOWN else _root(peak) for peak in peaks]
    known = [root for root in roots if root is not None]
    if len(known) < NEEDED:
        return None
    usual = median(known)
    return math.floor(_count(max(usual, _rhythm(peaks)) + FAR * max(_LEAST_SPREAD, _spread(roots, known, usual))))


def _spread(roots: Sequence[float | None], known: Sequence[float], usual: float) -> float:
    pairs = zip(roots, roots[_DAY:], strict=False)
    steps = [abs(new - old) for old, new in pairs if old is not None and new is not None]
    if len(steps) >= NEEDED:
        return _NORMAL * median(steps) / math.sqrt(2)
    return _NORMAL * median(abs(root - usual) for root in known)


def _rhythm(peaks: Sequence[int]) -> float:
    """What is usual at the time of day that comes now, as a root."""
    days = []
    for back in range(_DAY, len(peaks) + 1, _DAY):
        middle = len(peaks) - back
        around = peaks[max(0, middle - _AROUND) : middle + _AROUND + 1]
        days.append(max(around))
    known = [_root(highest) for highest in days if highest != _UNKNOWN]
    return median(known) if known else 0.0


def _root(depth: float) -> float:
    return 2 * math.sqrt(depth + 0.375)


def _count(root: float) -> float:
    return (root / 2) ** 2 - 0.375


def _middle(looks: Sequence[Sequence[int]]) -> tuple[float, float]:
    return median(at for at, _ in looks), median(depth for _, depth in looks)
