"""Sums of money: exact, small, and at the hour of each entry whatever the order."""

import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from guardian.decide.ledger import NOBODY, OTHERS, Ledger, Spent, added, recall, remember

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"]


def entries(count: int, seed: int, begin: datetime, length: timedelta) -> list[Spent]:
    dice = random.Random(seed)
    return [
        Spent(
            begin + length * dice.random(),
            Decimal(dice.randrange(1, 10**7)).scaleb(-6),
            {"agent": f"a{dice.randrange(20)}", "model": f"m{dice.randrange(3)}"},
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("name", ZONES)
def test_a_year_of_entries_sums_to_the_last_digit_whatever_the_order_and_the_slices(name: str) -> None:
    zone, begin = ZoneInfo(name), NOW - timedelta(days=365)
    spent = entries(20_000, 7, begin, timedelta(days=365))
    months: dict[str, Decimal] = defaultdict(Decimal)
    agents: dict[str, Decimal] = defaultdict(Decimal)
    for entry in spent:
        local = entry.at.astimezone(zone)
        months[f"{local.year}{local.month:02}"] += entry.cost
        if (local.year, local.month) == (2026, 11):
            agents[entry.names["agent"]] += entry.cost
    ledger = Ledger()
    for first in range(0, len(spent), 3001):
        ledger = recall(json.loads(json.dumps(remember(added(ledger, spent[first : first + 3001], NOW, zone)))))
    assert ledger.months == months
    assert ledger.month(NOW, zone) == months["202611"]
    assert dict(ledger.top("agent", NOW, zone, 99)) == agents
    assert ledger.top("key", NOW, zone) == [(NOBODY, months["202611"])]
    assert len(json.dumps(remember(ledger))) < 100_000


def test_a_month_ends_where_the_zone_has_it() -> None:
    at = datetime(2026, 10, 31, 18, 45, tzinfo=UTC)  # in Kolkata it is 0:15 on the first of November
    for name, month in {"UTC": "202610", "Asia/Kolkata": "202611"}.items():
        ledger = added(Ledger(), [Spent(at, Decimal(1))], NOW, ZoneInfo(name))
        assert dict(ledger.months) == {month: Decimal(1)}


def test_a_late_entry_goes_to_its_own_hour_and_minute() -> None:
    zone = ZoneInfo("UTC")
    ledger = added(Ledger(), [Spent(NOW, Decimal(1))], NOW, zone)
    late = added(ledger, [Spent(NOW - timedelta(minutes=90), Decimal(5))], NOW, zone)
    assert late.within(timedelta(hours=1), NOW) == 1
    assert late.within(timedelta(hours=2), NOW) == 6
    assert (late.hours["2026112410"], late.hours["2026112412"]) == (5, 1)


def test_what_is_older_than_is_kept_by_the_hour_still_counts_in_its_month() -> None:
    zone = ZoneInfo("UTC")
    old = NOW - timedelta(days=90)
    ledger = added(Ledger(), [Spent(old, Decimal(3))], NOW, zone)
    assert (dict(ledger.hours), dict(ledger.minutes)) == ({}, {})
    assert dict(ledger.months) == {f"{old:%Y%m}": Decimal(3)}


def test_many_names_are_bounded_and_nothing_is_left_out() -> None:
    zone = ZoneInfo("UTC")
    spent = [Spent(NOW, Decimal(1), {"agent": f"a{number}"}) for number in range(1000)]
    ledger = added(Ledger(), spent, NOW, zone)
    found = dict(ledger.top("agent", NOW, zone, 2000))
    assert (len(found), found[OTHERS], sum(found.values())) == (101, 900, 1000)
