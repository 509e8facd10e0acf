"""Burn rates and forecasts along simulated time, beside plain sums."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from guardian.decide.burn import TIERS, Outlook, month_of, outlook
from guardian.decide.ledger import Ledger, Spent, added

UTC_ZONE = ZoneInfo("UTC")
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUDGET = Decimal(720)  # one an hour, in November
MINIMUM = Decimal(1)

Rate = Callable[[datetime], float]


def steady(times: float) -> Rate:
    return lambda _: times


def rhythm(times: float) -> Rate:
    """All of it by day: from nothing at midnight to twice the average at noon."""
    return lambda at: times * (1 - math.cos(2 * math.pi * (at.hour + at.minute / 60) / 24))


def along(
    rate: Rate, begin: datetime, end: datetime, step: timedelta, look: timedelta
) -> Iterator[tuple[datetime, Outlook]]:
    """Entries at each step; an outlook at each look."""
    ledger, at, due = Ledger(), begin, begin + look
    while at < end:
        cost = Decimal(str(rate(at))) * (step // timedelta(seconds=1)) / 3600
        ledger = added(ledger, [Spent(at, cost)], at, UTC_ZONE)
        at += step
        if at >= due:
            due += look
            yield at, outlook(ledger, BUDGET, MINIMUM, at, UTC_ZONE)


@pytest.mark.parametrize("rate", [steady(0.9), rhythm(0.9)], ids=["steady", "daily rhythm"])
def test_a_month_at_nine_tenths_of_the_budget_raises_no_alarm(rate: Rate) -> None:
    looks = list(along(rate, BEGIN - 3 * DAY, BEGIN + 30 * DAY, 30 * MINUTE, HOUR))
    wrong = [
        (at, found.tier, found.forecast)
        for at, found in looks
        if found.tier or (found.forecast or 0) > BUDGET or found.share < 1
    ]
    assert wrong == []
    assert len(looks) > 750


@pytest.mark.parametrize(("tier", "limit"), [("runaway", 3 * MINUTE), ("fast", 10 * MINUTE)])
def test_a_burn_of_a_hundred_times_crosses_the_tier_in_time(tier: str, limit: timedelta) -> None:
    begins = BEGIN + 5 * DAY

    def rate(at: datetime) -> float:
        return 100 if at >= begins else 0.9

    only = [each for each in TIERS if each.name == tier]
    ledger = Ledger()
    at, ten = BEGIN, timedelta(seconds=10)
    while True:
        step = ten if at >= begins - 10 * MINUTE else 10 * MINUTE
        ledger = added(
            ledger, [Spent(at, Decimal(str(rate(at))) * (step // timedelta(seconds=1)) / 3600)], at, UTC_ZONE
        )
        at += step
        if at >= begins and outlook(ledger, BUDGET, MINIMUM, at, UTC_ZONE, only).tier:
            break
        assert at < begins + HOUR
    assert at - begins <= limit


def test_a_burn_that_is_over_leaves_its_tier_soon() -> None:
    begins = BEGIN + 5 * DAY

    def rate(at: datetime) -> float:
        return 100 if begins <= at < begins + 20 * MINUTE else 0.5

    looks = dict(along(rate, begins - 7 * HOUR, begins + HOUR, MINUTE, MINUTE))
    assert looks[begins + 19 * MINUTE].tier is TIERS[0]
    assert looks[begins + 26 * MINUTE].tier is TIERS[2]
    assert looks[begins + 51 * MINUTE].tier is None


def test_with_less_than_the_minimum_spent_no_tier_is_crossed() -> None:
    ledger = added(Ledger(), [Spent(BEGIN + 2 * DAY, Decimal("99.99"))], BEGIN + 2 * DAY, UTC_ZONE)
    at = BEGIN + 2 * DAY + timedelta(seconds=5)
    assert outlook(ledger, BUDGET, Decimal(100), at, UTC_ZONE).tier is None
    assert outlook(ledger, BUDGET, Decimal("99.99"), at, UTC_ZONE).tier is TIERS[0]


def test_the_forecast_needs_a_day_and_with_the_rhythm_three() -> None:
    looks = dict(along(rhythm(1), BEGIN, BEGIN + 4 * DAY, 30 * MINUTE, HOUR))
    assert looks[BEGIN + 23 * HOUR].forecast is None
    assert looks[BEGIN + 25 * HOUR].flat is not None
    assert looks[BEGIN + 25 * HOUR].rhythm is None
    assert looks[BEGIN + 73 * HOUR].rhythm is not None


def test_the_forecast_with_the_rhythm_is_that_of_a_plain_sum() -> None:
    """By hand: what each hour until the end cost on the average at that hour of the days before."""
    now = BEGIN + 10 * DAY + 13 * HOUR
    ledger, costs = Ledger(), {}
    at = BEGIN
    while at < now:
        costs[at] = Decimal(at.hour + at.day) / 7
        ledger = added(ledger, [Spent(at, costs[at])], now, UTC_ZONE)
        at += HOUR
    spent = sum(costs.values(), Decimal(0))
    ahead = Decimal(0)
    while at < BEGIN + 30 * DAY:
        before = [at.replace(day=now.day, hour=at.hour) - DAY * back for back in range(12)]
        same = [costs[each] for each in before if now - 10 * DAY <= each < now]
        ahead += sum(same, Decimal(0)) / 10
        at += HOUR
    found = outlook(ledger, BUDGET, MINIMUM, now, UTC_ZONE)
    assert found.spent.quantize(Decimal("0.01")) == spent.quantize(Decimal("0.01"))
    assert found.rhythm is not None
    assert found.rhythm.quantize(Decimal("0.01")) == (spent + ahead).quantize(Decimal("0.01"))


def test_the_time_until_it_is_gone() -> None:
    *_, (_, found) = along(steady(2), BEGIN, BEGIN + 5 * DAY, 30 * MINUTE, HOUR)
    assert found.gone_in is not None
    assert abs(found.gone_in - 10 * DAY) <= 2 * HOUR  # 240 of 720 are spent, at 2 an hour
    *_, (_, found) = along(steady(0.5), BEGIN, BEGIN + 5 * DAY, 30 * MINUTE, HOUR)
    assert found.gone_in is None


@pytest.mark.parametrize(("spent", "share"), [(Decimal("719.99"), 0.25), (Decimal(720), 0.0), (Decimal(1000), 0.0)])
def test_a_budget_that_is_used_up_leaves_nothing(spent: Decimal, share: float) -> None:
    at = BEGIN + 20 * DAY
    ledger = added(Ledger(), [Spent(at, spent)], at, UTC_ZONE)
    assert outlook(ledger, BUDGET, MINIMUM, at, UTC_ZONE).share == share


@pytest.mark.parametrize("name", ["UTC", "Asia/Kolkata", "America/New_York", "Europe/Berlin"])
def test_a_month_has_the_hours_that_its_zone_gives_it(name: str) -> None:
    zone = ZoneInfo(name)
    month = month_of(datetime(2026, 10, 15, 12, tzinfo=UTC), zone)
    assert month.begin.astimezone(zone).isoformat().startswith("2026-10-01T00:00:00")
    assert month.end.astimezone(zone).isoformat().startswith("2026-11-01T00:00:00")
    assert month.hours == (745 if name == "Europe/Berlin" else 744)
