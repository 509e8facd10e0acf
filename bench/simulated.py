"""Made-up queues and validations, by seed: steady, by the hour of the day, drifting, and hardly anything at all."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from guardian.decide import blame, depths
from guardian.decide.pass_rate import Terms

DAY = 86_400
BEGAN = 1_767_225_600  # 2026-01-01, a midnight
DAYS = 30

TERMS = Terms(mean_run=1_000_000, tolerance=0.05, least=50, days=14)


@dataclass(frozen=True)
class Queue:
    """`comes` and `goes` are items an hour; `swing` is the part by which more and less comes over the day (the most at
    noon), `growth` the part by which more comes and goes each day. What `stays` is never worked off (a buffer)."""

    title: str
    comes: float
    goes: float
    swing: float = 0.0
    growth: float = 0.0
    stays: float = 0.0

    def rates(self, day: float) -> tuple[float, float]:
        more = 1 + self.growth * day
        tide = 1 - self.swing * math.cos(2 * math.pi * day)
        return self.comes * tide * more, self.goes * more


QUEUES = (
    Queue("steady, half busy", 300, 600),
    Queue("steady, 9/10 busy", 540, 600),
    Queue("steady, always full", 300, 600, stays=500),
    Queue("slow drift: 3 % more a day", 300, 600, growth=0.03, stays=500),
    Queue("daily rhythm: too much at noon", 480, 600, swing=0.5),
    Queue("tiny: one item an hour", 1, 30),
)


@dataclass(frozen=True)
class QueueRun:
    """`alarms`: how often it became far within 30 good days. `delay`: seconds from when nothing is worked off any more
    until that is said, None where it is not within a day. `limit`: a step to more than this, after the good days, is
    said within three minutes."""

    alarms: int
    delay: int | None
    limit: int


def queue_run(queue: Queue, seed: int, every: int = 30) -> QueueRun:
    dice, known, alarms, far = random.Random(seed), depths.Depths(), 0, False
    stops = BEGAN + DAYS * DAY + dice.randrange(DAY)
    depth, extra, at, limit = 0, 0, BEGAN, 0
    while at < stops + DAY:
        day = (at - BEGAN) / DAY
        comes, goes = queue.rates(day)
        depth += _poisson(comes * every / 3600, dice)
        if at < stops:
            depth = max(0, depth - _poisson(goes * every / 3600, dice))
        if at % 600 < every and queue.stays:
            extra = _poisson(queue.stays * (1 + queue.growth * day), dice)
        known = depths.follow(known, depth + extra, at)
        limit = known.limit or 0 if at < stops else limit
        if known.far and at >= stops:
            return QueueRun(alarms, at - stops, limit)
        alarms += known.far and not far
        far = known.far
        at += every
    return QueueRun(alarms, None, limit)


def _poisson(mean: float, dice: random.Random) -> int:
    """Knuth's for few, the normal curve for many."""
    if mean > 50:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    end, product, count = math.exp(-mean), dice.random(), 0
    while product > end:
        product *= dice.random()
        count += 1
    return count


@dataclass(frozen=True)
class Crew:
    """Agents whose work is judged by validators, each pair alike. `each_hour` results of each agent pass at the rate
    `passes`; `swing` is added at its best hour and taken off at its worst; `drift` is lost each day."""

    title: str
    each_hour: float
    passes: float
    swing: float = 0.0
    drift: float = 0.0
    agents: int = 3
    validators: int = 2

    def rate(self, day: float) -> float:
        return self.passes - self.drift * day + self.swing * math.sin(2 * math.pi * day)


CREWS = (
    Crew("steady, 95 % pass", 20, 0.95),
    Crew("steady, 60 % pass", 20, 0.60),
    Crew("daily rhythm: 92 % +- 4", 20, 0.92, swing=0.04),
    Crew("slow drift: a tenth of a point a day", 20, 0.95, drift=0.001),
    Crew("tiny: 4 results a day of each agent", 4 / 24, 0.95),
)


@dataclass(frozen=True)
class Month:
    """30 good days: what is known after them, and how often somebody was newly blamed."""

    known: blame.Crew
    alarms: int


@dataclass(frozen=True)
class Drop:
    """`delay`: results of who dropped until somebody is blamed, None where that is not within 1000; `right`: who
    dropped is, and nobody else."""

    delay: int | None
    right: bool = False


def good_month(crew: Crew, seed: int) -> Month:
    known, alarms = blame.Crew(), 0
    for at, agent, validator, passes in _validations(crew, random.Random(seed), 0):
        if at >= BEGAN + DAYS * DAY:
            break
        after = blame.take(known, [blame.Result(passes, at, agent, validator)], TERMS)
        alarms += len({*after.blamed}.difference(known.blamed))
        known = after
    return Month(known, alarms)


def drop_after(crew: Crew, month: Month, seed: int, size: float, who: str) -> Drop:
    """After the good days `who` (`all`, `agent 0`, `validator 0`) passes that much less often."""
    known, count = replace(month.known, blamed=()), 0
    for at, agent, validator, passes in _validations(crew, random.Random(f"{seed} {who}"), DAYS, size, who):
        known = blame.take(known, [blame.Result(passes, at, agent, validator)], TERMS)
        count += who in blame.names(agent, validator)
        if known.blamed or count >= 1000:
            break
    return Drop(count, list(known.blamed) == [who]) if known.blamed else Drop(None)


def _validations(
    crew: Crew, dice: random.Random, first: int, size: float = 0.0, who: str = ""
) -> Iterator[tuple[int, str, str, bool]]:
    """For ever, from this day on: when, whose, by whom, whether it passes."""
    at, gap = BEGAN + float(first * DAY), 3600 / (crew.each_hour * crew.agents)
    while True:
        at += dice.expovariate(1 / gap)
        agent, validator = str(dice.randrange(crew.agents)), str(dice.randrange(crew.validators))
        rate = crew.rate(min(DAYS, (at - BEGAN) / DAY)) - (size if who in blame.names(agent, validator) else 0)
        yield int(at), agent, validator, dice.random() < rate
