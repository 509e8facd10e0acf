"""A year of twenty agents' costs, read in slices: to the cent what plain sums give, in little memory."""

import json
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOURS, AGENTS, CALLS = 365 * 24, 20, 12
HOUR = timedelta(hours=1)
LATE = 72
"""Hours by which an entry may come late, as one in fifty does."""


class Plain:
    """Sums in millionths of a dollar, kept whole, in the simplest way."""

    def __init__(self) -> None:
        self.months: Counter[str] = Counter()
        self.agents: Counter[tuple[str, str]] = Counter()
        self.hours: Counter[datetime] = Counter()

    def add(self, at: datetime, agent: str, millionths: int) -> None:
        month = f"{at.astimezone(ZONE):%Y%m}"
        self.months[month] += millionths
        self.agents[month, agent] += millionths
        self.hours[at] += millionths

    def flat(self) -> Decimal:
        """The month, and the rest of it as the last day was."""
        day = sum(self.hours[NOW - HOUR * back] for back in range(1, 25))
        return dollars(self.months[f"{NOW:%Y%m}"]) + dollars(day) / 24 * hours_left()

    def rhythm(self) -> Decimal:
        """The month, and each hour until its end as that hour of the day was on the average of two weeks."""
        total = Decimal(0)
        for ahead in range(int(hours_left())):
            of_day = (NOW + HOUR * ahead).astimezone(ZONE).hour
            past = [NOW - HOUR * back for back in range(1, 14 * 24 + 1)]
            same = sum(self.hours[at] for at in past if at.astimezone(ZONE).hour == of_day)
            total += dollars(same) / 14
        return dollars(self.months[f"{NOW:%Y%m}"]) + total


def hours_left() -> Decimal:
    return Decimal((datetime(2026, 12, 1, tzinfo=ZONE) - NOW) // HOUR)


def dollars(millionths: int) -> Decimal:
    return Decimal(millionths) / 1_000_000


def write(log: Path) -> Plain:
    """By the hour, late ones among later ones; more by day than by night."""
    dice, plain = random.Random(1), Plain()
    late: dict[int, list[str]] = {}
    with log.open("w") as file:
        for number in range(HOURS):
            at = NOW - HOUR * (HOURS - number)
            most = 4000 + 16_000 * (6 <= at.hour < 18)
            stamp = f"{at:%Y-%m-%dT%H}"
            for agent in range(AGENTS):
                for call in range(CALLS):
                    millionths = dice.randrange(most)
                    plain.add(at, f"agent-{agent}", millionths)
                    line = (
                        f'{{"time": "{stamp}:{call * 5:02}:00Z", "agent": "agent-{agent}", "model": "m{call % 3}", '
                        f'"cost": "{millionths / 1e6:.6f}"}}\n'
                    )
                    if dice.random() < 0.02:
                        late.setdefault(min(number + dice.randrange(1, LATE), HOURS - 1), []).append(line)
                    else:
                        file.write(line)
            file.writelines(late.pop(number, ()))
    return plain


def test_two_million_lines_come_to_the_cent_of_plain_sums_in_little_memory(tmp_path: Path) -> None:
    log = tmp_path / "costs.jsonl"
    plain = write(log)
    command = [sys.executable, "-m", "tests.checks.budget_year", str(log), NOW.isoformat(), str(ZONE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    size = log.stat().st_size / 1e6
    print(f"{HOURS * AGENTS * CALLS:,} lines, {size:.0f} MB: {found['looks']} looks, {found['grown_mb']:.0f} MB more "
          f"memory at most, {found['kept_bytes'] / 1000:.0f} kB kept")  # fmt: skip
    assert {month: Decimal(cost) for month, cost in found["months"].items()} == {
        month: dollars(cost) for month, cost in plain.months.items()
    }
    assert {name: Decimal(cost) for name, cost in found["agents"].items()} == {
        name: dollars(cost) for (month, name), cost in plain.agents.items() if month == f"{NOW:%Y%m}"
    }
    cent = Decimal("0.01")
    assert Decimal(found["flat"]).quantize(cent) == plain.flat().quantize(cent)
    assert Decimal(found["rhythm"]).quantize(cent) == plain.rhythm().quantize(cent)
    assert found["looks"] >= size / 4
    assert found["grown_mb"] < size
    assert found["kept_bytes"] < 1_000_000
