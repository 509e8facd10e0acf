"""A table of measured times: percentiles that were measured, beside the limits they have to keep."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MEDIAN, MOST, ALL = 0.5, 0.95, 1.0

_NAMES = {MEDIAN: "p50", MOST: "p95", ALL: "max"}
_LINE = "  {:<52} {:>5} {:>8} {:>8} {:>8}   {}"


@dataclass(frozen=True)
class Limit:
    """Seconds that this share of the values has to keep."""

    share: float
    seconds: float


@dataclass(frozen=True)
class Row:
    """Seconds; infinity where it never came. `remark` stands where there are no values, and why."""

    title: str
    values: Sequence[float] = ()
    limits: Sequence[Limit] = ()
    remark: str = ""

    @property
    def missed(self) -> Sequence[Limit]:
        """None is kept without values."""
        return [limit for limit in self.limits if not self.values or rank(self.values, limit.share) > limit.seconds]


def rank(values: Sequence[float], share: float) -> float:
    """The nearest rank: a value that was measured."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def table(title: str, rows: Sequence[Row], notes: Sequence[str] = ()) -> str:
    """Ends with whether every limit is kept."""
    missed = [f"{row.title} ({_words(row.missed)})" for row in rows if row.missed]
    verdict = f"NOT within the limits: {', '.join(missed)}" if missed else "every limit is kept"
    lines = [title, *(f"  {note}" for note in notes), _LINE.format("seconds", "n", "p50", "p95", "max", "limits")]
    return "\n".join(line.rstrip() for line in (*lines, *map(_line, rows), f"  {verdict}"))


def _line(row: Row) -> str:
    figures = [_figure(rank(row.values, share)) if row.values else "-" for share in _NAMES]
    state = f"{_words(row.limits)}: {'NOT kept' if row.missed else 'kept'}" if row.limits else ""
    return _LINE.format(row.title, len(row.values), *figures, row.remark or state)


def _figure(seconds: float) -> str:
    return "never" if seconds == math.inf else f"{seconds:.3f}"


def _words(limits: Sequence[Limit]) -> str:
    return ", ".join(f"{_NAMES[limit.share]} <= {limit.seconds:g}" for limit in limits)
