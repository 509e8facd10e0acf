"""Whom a notification is for, and when a channel is tried again. Pure.

Grouping, inhibition and repeats will be decided here as well.
"""

from datetime import datetime, timedelta

from guardian.model import Severity

_ORDER = tuple(Severity)
_FIRST_RETRY, _LAST_RETRY = timedelta(seconds=10), timedelta(minutes=10)
_FIRST_AFTER_REFUSAL, _LAST_AFTER_REFUSAL = timedelta(minutes=1), timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=6)
"""A receiver that asks to be left alone for longer is tried again all the same."""


def wanted(severity: Severity, minimum: Severity) -> bool:
    return _ORDER.index(severity) >= _ORDER.index(minimum)


def end_wanted(severity: Severity, minimum: Severity, *, went: bool | None, alerted: bool) -> bool:
    """The good end goes where the alert went. `went`: whether the alert was for this channel, None where its turn has
    not come; `alerted`: whether an alert was due at all. An end without an alert is for information."""
    if went is not None:
        return went
    return wanted(severity if alerted else Severity.INFO, minimum)


def next_try(now: datetime, tries: int, retry_after: timedelta | None) -> datetime:
    """After `tries` failures in a row and one more. Never before the receiver asked to be tried again."""
    wait: timedelta = min(_FIRST_RETRY * 2 ** min(tries, 10), _LAST_RETRY)
    return now + max(wait, min(retry_after or timedelta(0), LONGEST_WAIT))


def next_after_refusal(now: datetime, undelivered_since: datetime, retry_after: timedelta | None) -> datetime:
    """Rarely: what was refused is tried again when it has waited twice as long."""
    wait = min(max(now - undelivered_since, _FIRST_AFTER_REFUSAL), _LAST_AFTER_REFUSAL)
    return now + max(wait, min(retry_after or timedelta(0), LONGEST_WAIT))
