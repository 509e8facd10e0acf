"""The header Retry-After in all its forms."""

from datetime import UTC, datetime, timedelta

import pytest

from guardian.notify.retry_after import LONGEST, retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 13:02:00 +0100", 120),
        ("99999999999", LONGEST.total_seconds()),
        ("1e300", None),
    ],
)
def test_seconds_and_dates_are_read(header: str, seconds: float | None) -> None:
    assert retry_after(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("header", [None, "", "soon", "nan", "inf", "7s", "Mon, 99 Foo 2026"])
def test_what_is_neither_says_nothing(header: str | None) -> None:
    assert retry_after(header, NOW) is None
