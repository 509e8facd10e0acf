"""When a receiver wants to be asked again: the header Retry-After (RFC 9110), seconds or a date."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=7)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """None where it says nothing that can be used. Never negative, and at most a week."""
    if header is None:
        return None
    try:
        wait = timedelta(seconds=float(header))
    except (ValueError, OverflowError):
        try:
            at = parsedate_to_datetime(header)
        except (ValueError, TypeError, IndexError):
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST)
