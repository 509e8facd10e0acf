"""How fast the money goes: the month's forecast, the time until the budget is gone, and burn tiers.

A burn rate is a multiple of what the budget allows: at 1 it is used up exactly at the month's end. The tiers with two
windows each, the short one so that it ends soon after the burn does, are those of the SRE workbook (Beyer et al. 2018,
chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"): 14.4 over 1 h and 5 min, 6 over 6 h and 30 min, 1 over 3 d and 6 h;
a runaway tier of 60 over 5 min is added for what agents do by night.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from guardian.decide.ledger import BY_MINUTES, Ledger, hour_key

_HOUR = timedelta(hours=1)
_ENOUGH_FLAT = timedelta(hours=24)
"""So long a past is needed before a forecast means anything: less is a part of one day."""
_ENOUGH_RHYTHM = timedelta(days=3)
_RHYTHM_DAYS = 14
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Tier:
    """Crossed when the burn rate is at least `times` over both windows. `share` of the usual pace is left then."""

    name: str
    times: Decimal
    long: timedelta
    short: timedelta
    share: float


TIERS = (
    Tier("runaway", Decimal(60), timedelta(minutes=5), timedelta(minutes=2), 0.25),
    Tier("fast", Decimal("14.4"), timedelta(hours=1), timedelta(minutes=5), 0.25),
    Tier("steep", Decimal(6), timedelta(hours=6), timedelta(minutes=30), 0.5),
    Tier("steady", Decimal(1), timedelta(days=3), timedelta(hours=6), 0.5),
)


@dataclass(frozen=True)
class Month:
    """The budget's month around a moment, in its zone."""

    begin: datetime
    end: datetime

    @property
    def hours(self) -> Decimal:
        return Decimal((self.end - self.begin) // timedelta(seconds=1)) / 3600


@dataclass(frozen=True)
class Outlook:
    """`flat` goes on as the last day was; `rhythm` as the days before were at each hour; None: too few data. `gone_in`
    is the time until the budget is used up, None where it lasts beyond the month or nobody can tell. `rates` are the
    burn rates by window."""

    spent: Decimal
    budget: Decimal
    flat: Decimal | None
    rhythm: Decimal | None
    gone_in: timedelta | None
    rates: Mapping[timedelta, Decimal]
    tier: Tier | None

    @property
    def forecast(self) -> Decimal | None:
        """The better one at hand."""
        return self.rhythm if self.rhythm is not None else self.flat

    @property
    def share(self) -> float:
        """Of the usual pace, that the budget leaves: steps of 1, 0.5, 0.25 and 0."""
        if self.spent >= self.budget:
            return 0.0
        over = self.forecast is not None and self.forecast > self.budget
        return min(self.tier.share if self.tier else 1.0, 0.5 if over else 1.0)


def month_of(now: datetime, zone: ZoneInfo) -> Month:
    begin = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    end = (begin + timedelta(days=32)).replace(day=1)
    return Month(_utc(begin), _utc(end))


def outlook(
    ledger: Ledger, budget: Decimal, minimum: Decimal, now: datetime, zone: ZoneInfo, tiers: Sequence[Tier] = TIERS
) -> Outlook:
    """`minimum`: with less spent in a tier's long window the tier is not crossed, whatever the rate."""
    month = month_of(now, zone)
    spent = ledger.month(now, zone)
    allowed = budget / month.hours
    windows = sorted({window for tier in tiers for window in (tier.long, tier.short)})
    amounts = {window: _within(ledger, window, now, zone) for window in windows}
    rates = {window: amount / (_hours(window) * allowed) for window, amount in amounts.items()}
    crossed = [
        tier
        for tier in tiers
        if amounts[tier.long] >= minimum and rates[tier.long] >= tier.times and rates[tier.short] >= tier.times
    ]
    ahead = list(_rhythm(ledger, now, zone, month)) if _known_for(ledger, now) >= _ENOUGH_RHYTHM else None
    flat_hour = _flat_hour(ledger, now, zone)
    return Outlook(
        spent=spent,
        budget=budget,
        flat=spent + flat_hour * _hours(month.end - now) if flat_hour is not None else None,
        rhythm=spent + sum(ahead, _ZERO) if ahead is not None else None,
        gone_in=_gone_in(budget - spent, ahead, flat_hour, month.end - now),
        rates=rates,
        tier=max(crossed, key=lambda tier: tier.times, default=None),
    )


def _within(ledger: Ledger, window: timedelta, now: datetime, zone: ZoneInfo) -> Decimal:
    if window <= BY_MINUTES:
        return ledger.within(window, now)
    return ledger.hours_since(now - window + _HOUR, zone)  # the hour that runs counts whole


def _known_for(ledger: Ledger, now: datetime) -> timedelta:
    return now - ledger.since if ledger.since is not None else timedelta()


def _flat_hour(ledger: Ledger, now: datetime, zone: ZoneInfo) -> Decimal | None:
    """Spent in an hour, on the average of the last whole day."""
    if _known_for(ledger, now) < _ENOUGH_FLAT:
        return None
    return sum((ledger.hours.get(hour_key(now - _HOUR * back, zone), _ZERO) for back in range(1, 25)), _ZERO) / 24


def _rhythm(ledger: Ledger, now: datetime, zone: ZoneInfo, month: Month) -> Iterator[Decimal]:
    """What each hour until the month's end will cost: the average of that hour of the day, over up to two weeks. The
    rest of the hour that runs comes first."""
    days = min(_RHYTHM_DAYS, _known_for(ledger, now) // timedelta(days=1))
    past = [now - _HOUR * back for back in range(1, days * 24 + 1)]
    sums: dict[int, Decimal] = {}
    for hour in past:
        of_day = hour.astimezone(zone).hour
        sums[of_day] = sums.get(of_day, _ZERO) + ledger.hours.get(hour_key(hour, zone), _ZERO)
    at = now
    while at < month.end:
        ends = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, month.end)
        yield sums.get(at.astimezone(zone).hour, _ZERO) / days * _hours(ends - at)
        at = ends


def _gone_in(
    left: Decimal, ahead: Sequence[Decimal] | None, flat_hour: Decimal | None, rest: timedelta
) -> timedelta | None:
    """None: not within the month."""
    if left <= 0:
        return timedelta()
    if ahead is None:
        hours = left / flat_hour if flat_hour else None
        found = timedelta(hours=float(hours)) if hours is not None else None
        return found if found is not None and found < rest else None
    for number, cost in enumerate(ahead):
        left -= cost
        if left <= 0:
            return _HOUR * (number + 1)
    return None


def _hours(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / Decimal(3_600_000_000)


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC)
