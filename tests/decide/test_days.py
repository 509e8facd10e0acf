"""Days end at a time of day in a zone, whatever the clocks there do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.decide.days import ends, last_due, span

BERLIN, UTC_ZONE, MIDNIGHT = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), time(0, 0)
SECOND = timedelta(seconds=1)
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Apia", "Asia/Kathmandu"]
)


def test_a_day_is_due_from_its_moment_on() -> None:
    at = datetime(2026, 11, 25, tzinfo=UTC)
    assert last_due(at, MIDNIGHT, UTC_ZONE) == date(2026, 11, 25)
    assert last_due(at - SECOND, MIDNIGHT, UTC_ZONE) == date(2026, 11, 24)


def test_midnight_is_that_of_the_zone() -> None:
    assert ends(date(2026, 11, 25), MIDNIGHT, BERLIN) == datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert ends(date(2026, 7, 25), MIDNIGHT, BERLIN) == datetime(2026, 7, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 30), 23), (date(2026, 10, 26), 25), (date(2026, 10, 27), 24)]
)
def test_a_day_on_which_the_clocks_change_is_shorter_or_longer(day: date, hours: int) -> None:
    began, ended = span(day, MIDNIGHT, BERLIN)
    assert ended - began == timedelta(hours=hours)


@pytest.mark.parametrize("at", [time(2, 30), time(2, 0), time(3, 0)])
@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_in_the_night_of_a_change_there_is_one_digest(at: time, night: date) -> None:
    now, found = datetime.combine(night, time(0), UTC) - timedelta(hours=12), set()
    while now < datetime.combine(night, time(0), UTC) + timedelta(hours=36):
        found.add(last_due(now, at, BERLIN))
        now += timedelta(minutes=5)
    assert sorted(found) == [night + timedelta(days=n) for n in (-1, 0, 1)]


@given(
    st.integers(0, 30 * 365 * 24 * 3600),
    zones,
    st.times().map(lambda at: at.replace(microsecond=0, second=0)),
)
def test_every_moment_has_its_one_newest_day_and_days_leave_no_gap(seconds: int, zone: str, at: time) -> None:
    moment, place = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), ZoneInfo(zone)
    day = last_due(moment, at, place)
    assert ends(day, at, place) <= moment < ends(day + timedelta(days=1), at, place)
    assert span(day, at, place)[1] == span(day + timedelta(days=1), at, place)[0]
