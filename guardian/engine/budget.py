"""What the money of this month came to, out of what the check `budget_burn_rate` keeps: nothing is read anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from guardian.checks import budget_burn_rate
from guardian.checks.budget_burn_rate import Params, costs_text
from guardian.config import Config
from guardian.decide.burn import TIERS, Month, Outlook, Tier, month_of, outlook
from guardian.decide.ledger import KINDS, Ledger, day_key, recall
from guardian.errors import GuardianError
from guardian.model import JSON
from guardian.ports import Flag
from guardian.store.store import Store

CHECK = budget_burn_rate.__name__.rpartition(".")[2]
DAYS = 14
SCHEMA_VERSION = 1
_TOP = 5


class NoStatementError(GuardianError):
    """There is nothing to tell, and why."""


@dataclass(frozen=True)
class Statement:
    """`at` is when the check last looked, `behind` whether it still had logs to read then, so that all sums are too
    small. `days` are the last ones with today, oldest first."""

    at: datetime
    now: datetime
    params: Params
    month: Month
    outlook: Outlook
    ledger: Ledger
    days: Sequence[tuple[datetime, Decimal]]
    flags: Sequence[Flag]
    behind: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.params.zone)

    @property
    def today(self) -> Decimal:
        return self.days[-1][1]

    def top(self, kind: str) -> Sequence[tuple[str, Decimal]]:
        return self.ledger.top(kind, self.now, self.zone, _TOP)

    def burns(self) -> Sequence[tuple[Tier, Decimal, Decimal]]:
        """Each tier with the burn rate over its long and its short window."""
        return [(tier, self.outlook.rates[tier.long], self.outlook.rates[tier.short]) for tier in TIERS]


def statement(store: Store, config: Config) -> Statement:
    """Of this node. Raises NoStatementError, StoreError."""
    settings, now = config.checks.get(CHECK), store.clock.now()
    params = settings.params if settings is not None and settings.enabled else None
    if not isinstance(params, Params):
        raise NoStatementError(f"the check is off: give [checks.{CHECK}] its `files` and a `budget`")
    look = store.last_look(CHECK, config.node)
    if not params.budget or look.at is None or not look.memory.get("ledger"):
        raise NoStatementError(f"{CHECK} has read no costs on {config.node} yet: {_why(store, config)}")
    ledger, zone = recall(look.memory["ledger"]), ZoneInfo(params.zone)
    return Statement(
        at=look.at,
        now=now,
        params=params,
        month=month_of(now, zone),
        outlook=outlook(ledger, params.budget, params.minimum_spend, now, zone),
        ledger=ledger,
        days=_days(ledger, now, zone),
        flags=[flag for flag in store.flags.standing() if flag.share < 1],
        behind=look.memory.get("behind_since") is not None,
    )


def _why(store: Store, config: Config) -> str:
    last = next(iter(store.checks([(CHECK, config.node)])), None)
    return last.message if last else "it has not looked yet (guardian up)"


def _days(ledger: Ledger, now: datetime, zone: ZoneInfo) -> list[tuple[datetime, Decimal]]:
    by_day = ledger.by_day()
    noon = now.astimezone(zone).replace(hour=12)  # no change of the clock moves that to another day
    days = [noon - timedelta(days=back) for back in reversed(range(DAYS))]
    return [(day, by_day.get(day_key(day, zone), Decimal(0))) for day in days]


def document(found: Statement) -> Mapping[str, JSON]:
    """Amounts are exact text, to the cent."""
    view = found.outlook
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": found.now.isoformat(),
        "looked_at": found.at.isoformat(),
        "behind": found.behind,
        "currency": found.params.currency,
        "zone": found.params.zone,
        "month": {"begin": found.month.begin.isoformat(), "end": found.month.end.isoformat()},
        "today": costs_text(found.today),
        "spent": costs_text(view.spent),
        "budget": costs_text(view.budget),
        "forecast": costs_text(view.flat),
        "forecast_by_rhythm": costs_text(view.rhythm),
        "gone_in_seconds": round(view.gone_in.total_seconds()) if view.gone_in is not None else None,
        "share": view.share,
        "tiers": [
            {
                "tier": tier.name,
                "times": float(tier.times),
                "long_seconds": tier.long.total_seconds(),
                "short_seconds": tier.short.total_seconds(),
                "burn_long": float(round(long, 2)),
                "burn_short": float(round(short, 2)),
                "crossed": tier == view.tier or (long >= tier.times and short >= tier.times),
            }
            for tier, long, short in found.burns()
        ],
        "days": {f"{day:%Y-%m-%d}": costs_text(amount) for day, amount in found.days},
        "top": {kind: {name: costs_text(cost) for name, cost in found.top(kind)} for kind in KINDS},
        "unpriced": dict(found.ledger.unpriced),
    }
