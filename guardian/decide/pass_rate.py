"""Whether a pass rate dropped below its own baseline: a sequential test that may be looked at as often as one likes.

Each result is a bet against "it fails no more often than it may". A bet multiplies its stake by f1/f0 on a failure
and by (1-f1)/(1-f0) on a pass, where f0 is what it may fail and f1 > f0 what is suspected: on average it wins nothing
as long as results fail with f0 or less, whatever came before (betting: I. Waudby-Smith and A. Ramdas, "Estimating means
of bounded random variables by betting", JRSS B 86, 2024). A stake below 1 is made 1 again, so that years of good
results do not hide a drop; the mean of several such bets, one for each size of drop, is an *e-detector*: until it says
that there is a drop though there is none, at least `mean_run` results go by on average (ARL: J. Shin, A. Ramdas and
A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", NEJSDS 2, 2024, arXiv:2203.03532;
for a single bet it is the CUSUM of E. S. Page, 1954, with the bound of G. Lorden, 1971). The bound holds after each
result, so looking every ten seconds, or once an hour, is the same.

- What it may fail is the upper end of what its baseline allows (Chernoff's bound, wrong once in a hundred) plus a
  tolerance: a small sample makes it patient, never bold.
- The baseline is its own results of the last days, and older ones while these are few. A result gets into it only when
  the stakes are back at 1: what looks like a drop is held out until it has proved to be none, and a drop never becomes
  part of what it is measured by.
- The end of a drop is found by the same bet the other way round.
- A drop that lasts for as many days is the norm from then on: its baseline is learned anew.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

_DROPS = (0.1, 0.25, 0.5, 0.8)
"""What is suspected: this part of the results that may not fail does."""

_WRONG = 0.01
"""How often the baseline's upper end may lie too low."""

_FALSE_END = math.log(1000)
"""A drop that goes on is taken for ended once in this many results, or less often."""

_RECENT = 40
_DAY = 86_400
_PLENTY = 500
"""With so many newer results an old one leaves the baseline."""

_MOST_DAYS = 60
_GROWN = 1.05  # by how much the baseline changes until what follows from it is worked out anew
_MOST_FAILS = 0.95


@dataclass(frozen=True)
class Terms:
    """`mean_run`: results between two false alarms, at least, on average. `tolerance`: a drop by this is none.
    `least`: results before anything is said. `days`: how long a result stays in the baseline, where it has enough."""

    mean_run: int
    tolerance: float
    least: int
    days: int


@dataclass(frozen=True)
class Stream:
    """The results of one agent, of one validator, or of all: JSON but for being a class.

    `base` are (day, results, failures) of the baseline; `may` is f0, learned from `learned` results. `stakes` are the
    logarithms of the bets, `pending` (results, failures) since they were all 1. `recent` are the last results, `p` or
    `f`, newest last. `dropped`: since when, seconds since 1970, with the failure rate halfway out of it in `half`.
    """

    base: Sequence[Sequence[int]] = ()
    may: float = 1.0
    learned: int = 0
    stakes: Sequence[float] = ()
    pending: Sequence[int] = (0, 0)
    recent: str = ""
    seen: int = 0
    dropped: int | None = None
    half: float = 1.0

    @property
    def size(self) -> int:
        """Results in the baseline."""
        return sum(count for _, count, _ in self.base)

    @property
    def usual(self) -> float | None:
        """The baseline's pass rate."""
        return 1 - sum(fails for *_, fails in self.base) / self.size if self.size else None

    @property
    def now(self) -> float:
        """The pass rate of the last results."""
        return self.recent.count("p") / len(self.recent) if self.recent else 1.0

    @property
    def evidence(self) -> float:
        """That it dropped, as the logarithm of the detector; at most 0 where nothing speaks for it."""
        return _mean(self.stakes) if self.stakes and self.dropped is None else 0.0


def follow(before: Stream, *, passed: bool, at: int, terms: Terms) -> Stream:
    """One result more, which came at `at`."""
    after = replace(before, recent=(before.recent + ("p" if passed else "f"))[-_RECENT:], seen=max(at, before.seen))
    if after.dropped is not None and after.seen - after.dropped > terms.days * _DAY:
        after = Stream(recent=after.recent, seen=after.seen)
    if after.size < terms.least:
        return _learned(after, 1, int(not passed), terms)
    return _watched(after, terms, passed=passed) if after.dropped is None else _ending(after, passed=passed)


def _watched(stream: Stream, terms: Terms, *, passed: bool) -> Stream:
    stakes = _bet(stream.stakes, stream.may, hit=not passed)
    count, fails = stream.pending[0] + 1, stream.pending[1] + int(not passed)
    evidence = _mean(stakes)
    if evidence >= math.log(terms.mean_run):
        return dropped(stream, fails / count)
    if evidence <= 0:
        return _learned(replace(stream, stakes=stakes, pending=(0, 0)), count, fails, terms)
    return replace(stream, stakes=stakes, pending=(count, fails))


def dropped(stream: Stream, rate: float | None = None) -> Stream:
    """It dropped, and now fails at this `rate`, else at that of its last results."""
    half = (stream.may + max(stream.may, 1 - stream.now if rate is None else rate)) / 2
    return replace(stream, dropped=stream.seen, half=half, stakes=(), pending=(0, 0))


def _ending(stream: Stream, *, passed: bool) -> Stream:
    """The bet the other way round: that it passes more often than in the middle between the drop and what it may."""
    stakes = _bet(stream.stakes, 1 - stream.half, hit=passed)
    return reset(stream) if _mean(stakes) >= _FALSE_END else replace(stream, stakes=stakes)


def reset(stream: Stream) -> Stream:
    """Begin to watch anew, against the same baseline."""
    return replace(stream, dropped=None, stakes=(), pending=(0, 0), recent="")


def _bet(stakes: Sequence[float], may: float, *, hit: bool) -> tuple[float, ...]:
    """The bets after one result, as logarithms; below 1 they begin again with 1."""
    after = []
    for stake, part in zip(stakes or (0.0,) * len(_DROPS), _DROPS, strict=True):
        suspected = may + (1 - may) * part
        won = math.log(suspected / may) if hit else math.log((1 - suspected) / (1 - may))
        after.append(max(stake, 0.0) + won)
    return tuple(after)


def _mean(stakes: Sequence[float]) -> float:
    highest = max(stakes)
    return highest + math.log(sum(math.exp(stake - highest) for stake in stakes) / len(stakes))


def _learned(stream: Stream, count: int, fails: int, terms: Terms) -> Stream:
    """These belong to the baseline. What it may fail is worked out anew when its size is another by 5 %."""
    day, base = stream.seen // _DAY, list(stream.base)
    if base and base[-1][0] == day:
        base[-1] = [day, base[-1][1] + count, base[-1][2] + fails]
    else:
        base = [*_kept(base, day - terms.days), [day, count, fails]]
    after = replace(stream, base=base)
    other = after.size >= stream.learned * _GROWN or after.size * _GROWN <= stream.learned
    return _measured(after, terms) if other and after.size >= terms.least else after


def _kept(base: Sequence[Sequence[int]], last: int) -> Sequence[Sequence[int]]:
    """Without the days up to `last` that are not needed; the oldest two become one where there are too many."""
    while base and base[0][0] <= last and sum(count for _, count, _ in base[1:]) >= _PLENTY:
        base = base[1:]
    if len(base) >= _MOST_DAYS:
        (_, count, fails), (day, more, failed) = base[:2]
        base = [[day, count + more, fails + failed], *base[2:]]
    return base


def _measured(stream: Stream, terms: Terms) -> Stream:
    fails = sum(fails for *_, fails in stream.base)
    may = min(_MOST_FAILS, upper(fails, stream.size) + terms.tolerance)
    return replace(stream, may=may, learned=stream.size)


def upper(fails: int, count: int) -> float:
    """The failure rate above which so few failures of so many come once in a hundred times or less (Chernoff): where
    count * KL(fails / count, rate) = log(100)."""
    seen, low, high = fails / count, fails / count, 1.0
    for _ in range(30):
        rate = (low + high) / 2
        if count * divergence(seen, rate) < -math.log(_WRONG):
            low = rate
        else:
            high = rate
    return high


def divergence(seen: float, rate: float) -> float:
    """Kullback and Leibler's, of two coins."""
    hit = seen * math.log(seen / rate) if seen else 0.0
    miss = (1 - seen) * math.log((1 - seen) / (1 - rate)) if seen < 1 and rate < 1 else (math.inf if seen < 1 else 0.0)
    return hit + miss
