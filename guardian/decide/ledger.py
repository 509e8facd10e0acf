"""What was spent when, by whom and on what: sums that stay small however long the log is.

Money is `Decimal`, summed exactly. An entry goes to the hour of its own time, however late it comes. Hours are those of
the budget's time zone, since that is where a month begins and ends; the two hours that a clock shows twice in autumn
are one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from guardian.model import Memory

NOBODY = "(not said)"
OTHERS = "(others)"

BY_MINUTES = timedelta(hours=6)
"""The longest window that is known by the minute."""
_MINUTES_KEPT = BY_MINUTES + timedelta(minutes=1)
_HOURS_KEPT = timedelta(days=62)
_MONTHS_KEPT = 14
_NAMES_KEPT = 100
"""Of each kind a month; what comes after them is summed as `OTHERS`."""
_ZERO = Decimal(0)

KINDS = ("agent", "model", "key")


@dataclass(frozen=True)
class Spent:
    """One entry of a cost log. `names` by kind: agent, model, key."""

    at: datetime
    cost: Decimal
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ledger:
    """`minutes` by the minute's number since 1970; `hours` by `YYYYMMDDHH` and `months` by `YYYYMM` in the zone; `by`
    sums by month, kind and name. `since` is the first entry's time, `unpriced` counts entries, by model, whose cost
    nobody knows."""

    minutes: Mapping[int, Decimal] = field(default_factory=dict)
    hours: Mapping[str, Decimal] = field(default_factory=dict)
    months: Mapping[str, Decimal] = field(default_factory=dict)
    by: Mapping[str, Mapping[str, Mapping[str, Decimal]]] = field(default_factory=dict)
    since: datetime | None = None
    unpriced: Mapping[str, int] = field(default_factory=dict)

    def within(self, window: timedelta, now: datetime) -> Decimal:
        """Spent in the last `window`, at most six hours. Of the minute in which it begins, the share that is in it."""
        begin = now - window
        first = _minute(begin)
        whole = sum((cost for minute, cost in self.minutes.items() if minute > first), _ZERO)
        inside = 1 - (Decimal(str(begin.timestamp())) - first * 60) / 60
        return whole + self.minutes.get(first, _ZERO) * inside

    def hours_since(self, begin: datetime, zone: ZoneInfo) -> Decimal:
        """Spent since the hour in which `begin` is."""
        first = hour_key(begin, zone)
        return sum((cost for hour, cost in self.hours.items() if hour >= first), _ZERO)

    def by_day(self) -> Mapping[str, Decimal]:
        """Spent on each of the days that are known by the hour."""
        days: dict[str, Decimal] = {}
        for hour, cost in self.hours.items():
            days[hour[:8]] = days.get(hour[:8], _ZERO) + cost
        return days

    def month(self, now: datetime, zone: ZoneInfo) -> Decimal:
        return self.months.get(month_key(now, zone), _ZERO)

    def top(self, kind: str, now: datetime, zone: ZoneInfo, most: int = 3) -> list[tuple[str, Decimal]]:
        """Of this month, the most expensive first."""
        found = self.by.get(month_key(now, zone), {}).get(kind, {})
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]


def hour_key(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y%m%d%H}"


def day_key(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y%m%d}"


def month_key(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y%m}"


def added(ledger: Ledger, entries: Iterable[Spent], now: datetime, zone: ZoneInfo) -> Ledger:
    """With these entries, in whatever order they come; what is too old to be kept by the hour counts in its month."""
    minutes, hours, months = dict(ledger.minutes), dict(ledger.hours), dict(ledger.months)
    by = {month: {kind: dict(names) for kind, names in kinds.items()} for month, kinds in ledger.by.items()}
    since = ledger.since
    keys: dict[int, tuple[str, str]] = {}
    for entry in entries:
        minute = _minute(entry.at)
        if minute not in keys:  # asking for the zone is what costs most
            keys[minute] = hour_key(entry.at, zone), month_key(entry.at, zone)
        hour, month = keys[minute]
        minutes[minute] = minutes.get(minute, _ZERO) + entry.cost
        hours[hour] = hours.get(hour, _ZERO) + entry.cost
        months[month] = months.get(month, _ZERO) + entry.cost
        kinds = by.setdefault(month, {})
        for kind in KINDS:
            _count(kinds.setdefault(kind, {}), entry.names.get(kind, NOBODY), entry.cost)
        since = entry.at if since is None or entry.at < since else since
    return _forgotten(replace(ledger, minutes=minutes, hours=hours, months=months, by=by, since=since), now, zone)


def _count(names: dict[str, Decimal], name: str, cost: Decimal) -> None:
    known = name if name in names or len(names) < _NAMES_KEPT else OTHERS
    names[known] = names.get(known, _ZERO) + cost


def _forgotten(ledger: Ledger, now: datetime, zone: ZoneInfo) -> Ledger:
    """Without what is older than anybody asks for."""
    minute, hour = _minute(now - _MINUTES_KEPT), hour_key(now - _HOURS_KEPT, zone)
    months = sorted(ledger.months)[-_MONTHS_KEPT:]
    recent = sorted(ledger.by)[-2:]
    return replace(
        ledger,
        minutes={key: cost for key, cost in ledger.minutes.items() if key >= minute},
        hours={key: cost for key, cost in ledger.hours.items() if key >= hour},
        months={key: ledger.months[key] for key in months},
        by={key: ledger.by[key] for key in recent},
    )


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


# As the store keeps it: JSON


def remember(ledger: Ledger) -> Memory:
    return {
        "minutes": {str(key): str(cost) for key, cost in ledger.minutes.items()},
        "hours": {key: str(cost) for key, cost in ledger.hours.items()},
        "months": {key: str(cost) for key, cost in ledger.months.items()},
        "by": {
            month: {kind: {name: str(cost) for name, cost in names.items()} for kind, names in kinds.items()}
            for month, kinds in ledger.by.items()
        },
        "since": ledger.since.timestamp() if ledger.since else None,
        "unpriced": dict(ledger.unpriced),
    }


def recall(memory: Memory) -> Ledger:
    if not memory:
        return Ledger()
    return Ledger(
        minutes={int(key): Decimal(cost) for key, cost in memory["minutes"].items()},
        hours={key: Decimal(cost) for key, cost in memory["hours"].items()},
        months={key: Decimal(cost) for key, cost in memory["months"].items()},
        by={
            month: {kind: {name: Decimal(cost) for name, cost in names.items()} for kind, names in kinds.items()}
            for month, kinds in memory["by"].items()
        },
        since=datetime.fromtimestamp(memory["since"], UTC) if memory["since"] is not None else None,
        unpriced=dict(memory["unpriced"]),
    )
