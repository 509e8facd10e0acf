"""Which day's digest is due: days end at a time of day in a zone, whatever the clocks there do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def ends(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the digest of this date is due: at its `at`. A time that the zone skips or has twice is taken once."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def last_due(now: datetime, at: time, zone: ZoneInfo) -> date:
    """The newest date whose digest is due."""
    today = now.astimezone(zone).date()
    return next(day for day in (today + _DAY, today, today - _DAY, today - 2 * _DAY) if ends(day, at, zone) <= now)


def span(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """What the digest of this date tells of: 23 to 25 hours."""
    return ends(day - _DAY, at, zone), ends(day, at, zone)
