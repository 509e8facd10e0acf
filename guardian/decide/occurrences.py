"""What is to be told of the troubles that the watch sees: pure. Each once, its end once, and seldom again meanwhile."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from guardian.decide.blind import Blindness, Finding, Judged, Sight

MOST_OVER = 50
"""Ends that no channel takes are not gathered for ever: the oldest go."""


class Telling(StrEnum):
    """Named as the steps of an incident's notifications."""

    ALERT = "alert"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Occurrence:
    """One trouble from its beginning to the telling of its end.

    `told`: the channels that have the present step; `done_at`: when nobody lacked it any more; `times`: how often it
    was told that it lasts.
    """

    id: str
    subject: str
    reason: Blindness
    text: str
    since: datetime
    over: datetime | None = None
    ending: str = ""
    times: int = 0
    told: frozenset[str] = frozenset()
    done_at: datetime | None = None

    @property
    def telling(self) -> Telling:
        return Telling.ALERT if self.over is None else Telling.RESOLVED

    @property
    def step(self) -> str:
        """One telling of it; names it among several watches."""
        return f"{self.id}:{self.telling}:{self.times}"


def advance(
    held: Sequence[Occurrence], judged: Judged, now: datetime, new_id: Callable[[Finding], str]
) -> Sequence[Occurrence]:
    """With the troubles that began, and the ends of those that are over. What could not be looked at stays."""
    findings = {finding.subject: finding for finding in judged.findings}
    kept = [_advanced(each, findings.get(each.subject), judged, now) for each in held]
    known = {each.subject for each in kept if each.over is None}
    begun = [
        Occurrence(new_id(each), each.subject, each.reason, each.text, now)
        for each in judged.troubles
        if each.subject not in known and each.reason is not None
    ]
    return _bounded([*kept, *begun])


def _advanced(each: Occurrence, finding: Finding | None, judged: Judged, now: datetime) -> Occurrence:
    if each.over is not None:
        return each
    if finding is None:
        return _ended(each, now, "it is no longer expected") if judged.whole else each
    if finding.sight is Sight.WELL:
        return _ended(each, now, "it is well again")
    if finding.sight is Sight.TROUBLE and finding.reason is not None:
        return replace(each, reason=finding.reason, text=finding.text)
    return each


def _ended(each: Occurrence, now: datetime, ending: str) -> Occurrence:
    return replace(each, over=now, ending=ending, times=0, told=frozenset(), done_at=None)


def _bounded(occurrences: Sequence[Occurrence]) -> Sequence[Occurrence]:
    over = [each for each in occurrences if each.over is not None]
    dropped = over[: max(0, len(over) - MOST_OVER)]
    return [each for each in occurrences if each not in dropped]


def due(each: Occurrence, now: datetime, repeat_after: timedelta) -> Occurrence | None:
    """As it is to be told now; None when nothing is."""
    if each.done_at is None:
        return each
    if each.over is None and now - each.done_at >= repeat_after:
        return replace(each, times=each.times + 1, told=frozenset(), done_at=None)
    return None


def told(each: Occurrence, by: Iterable[str], channels: Iterable[str], now: datetime) -> Occurrence | None:
    """After these channels took it; None when that was the last of it."""
    have = each.told | set(by)
    done = have >= set(channels)
    if done and each.over is not None:
        return None
    return replace(each, told=have, done_at=now if done else None)
