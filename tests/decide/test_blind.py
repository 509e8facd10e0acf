"""What the watch makes of signs of life that change, and of those that stop. Time is simulated, second by second."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from guardian.decide.blind import (
    CLOCK_MAY_BE_OFF,
    FORGET,
    Blindness,
    Facts,
    Judged,
    Look,
    Memory,
    Queue,
    Sight,
    StoreFault,
    Worker,
    judge,
    terms,
)

BEGAN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AWAY = StoreFault(Blindness.STORE_AWAY, "connection refused")
CHECK, ACT, QUEUE, LOOK = "worker check@n", "worker act@n", "queue check.n", "check looks@n"

FALLS: dict[str, tuple[str, ...]] = {
    "Redis": (),
    "beat": ("beat", "queue check.n", "queue heal.n", "queue tell", LOOK),
    CHECK: (CHECK, "queue check.n", LOOK),
    ACT: (ACT, "queue heal.n", "queue tell"),
    QUEUE: (QUEUE, LOOK),
    "queue tell": ("queue tell",),
    LOOK: (LOOK,),
}
"""Which signs stop when a part stops."""

REASONS = {
    "Redis": Blindness.STORE_AWAY,
    "beat": Blindness.BEAT_AWAY,
    CHECK: Blindness.WORKER_AWAY,
    ACT: Blindness.WORKER_AWAY,
    QUEUE: Blindness.QUEUE_STUCK,
    "queue tell": Blindness.QUEUE_STUCK,
    LOOK: Blindness.CHECK_LATE,
}


class Guardian:
    """One node with its workers, queues and a check; each sign is renewed at its period, until its part stops."""

    def __init__(self, blind_after: float = 60, every: float = 5, check_every: float = 10) -> None:
        self.blind_after, self.every = blind_after, every
        canary = blind_after / 6
        self.terms = terms(*(timedelta(seconds=each) for each in (blind_after, every, canary)))
        self.periods: dict[str, float] = {"beat": 5, CHECK: 5, ACT: 5, LOOK: check_every}
        self.periods |= {f"queue {name}": canary for name in ("check.n", "heal.n", "tell")}
        self.now = 0.0
        self.stopped: dict[str, float] = {}
        self.down = False
        self.change: Callable[[Facts], Facts] = lambda facts: facts
        self.memory = Memory(began=BEGAN)
        self.judged = Judged((), whole=False)

    def stop(self, part: str) -> None:
        self.down = self.down or part == "Redis"
        for sign in FALLS[part]:
            self.stopped[sign] = self.now

    def start(self) -> None:
        self.down = False
        self.stopped.clear()

    def value(self, sign: str) -> datetime:
        at, period = self.stopped.get(sign, self.now), self.periods[sign]
        return BEGAN + timedelta(seconds=at // period * period)

    def facts(self) -> Facts:
        workers = {
            "check@n": Worker(self.value(CHECK), ["check.n"]),
            "act@n": Worker(self.value(ACT), ["heal.n", "tell"]),
        }
        queues = {name: Queue(self.value(f"queue {name}"), 3) for name in ("check.n", "heal.n", "tell")}
        looks = {"looks@n": Look(self.value(LOOK), timedelta(seconds=self.periods[LOOK]), "check.n")}
        return Facts(BEGAN + timedelta(seconds=self.now), self.value("beat"), workers, queues, looks)

    def look(self) -> Judged:
        found = AWAY if self.down else self.change(self.facts())
        at = BEGAN + timedelta(seconds=self.now)
        self.judged, self.memory = judge(found, self.memory, self.terms, at)
        return self.judged

    def run(self, seconds: float) -> list[tuple[float, str, Blindness | None]]:
        """Looks for as long; gives each trouble seen, with the time since the start of this run."""
        began, seen = self.now, []
        while self.now < began + seconds:
            seen += [(self.now - began, each.subject, each.reason) for each in self.look().troubles]
            self.now += self.every
        return seen

    def sight(self, subject: str) -> Sight | None:
        return next((each.sight for each in self.judged.findings if each.subject == subject), None)


def well(**settings: float) -> Guardian:
    made = Guardian(**settings)  # type: ignore[arg-type]
    assert made.run(max(60, made.blind_after)) == []
    assert made.judged.all_well
    return made


@pytest.mark.parametrize(
    ("part", "offset", "length"), list(product(FALLS, range(0, 11, 2), [(20, 2), (60, 5), (120, 20), (600, 60)]))
)
def test_each_part_that_stops_is_told_in_time_and_alone_and_its_end_too(
    part: str, offset: int, length: tuple[float, float]
) -> None:
    blind_after, every = length
    made = Guardian(blind_after, every, check_every=blind_after / 6)
    assert made.run(3 * blind_after + offset) == []
    made.stop(part)
    made.now += offset / 10
    seen = made.run(5 * blind_after)
    assert {each[1:] for each in seen} == {(part, REASONS[part])}
    assert seen[0][0] + offset / 10 <= blind_after * 5 / 6 + 0.001, "there must be time left to tell it"
    assert seen[0][0] >= blind_after / 4, "a moment's delay is no trouble"
    assert not made.judged.all_well
    made.start()
    assert made.run(5 * blind_after) == []
    assert made.sight(part) is Sight.WELL
    assert made.judged.all_well


@pytest.mark.parametrize("part", FALLS)
def test_what_stands_still_for_as_long_as_guardian_itself_waits_is_no_trouble(part: str) -> None:
    made = well()
    for _ in range(20):
        made.stop(part)
        assert made.run(20) == []
        made.start()
        assert made.run(20) == []


def test_a_single_failed_look_now_and_then_hides_no_dead_worker() -> None:
    made = well()
    made.stop(CHECK)
    seen: list[tuple[float, str, Blindness | None]] = []
    for _ in range(4):
        seen += made.run(10)
        made.down = True
        assert made.run(5) == []
        made.down = False
    assert {each[1] for each in seen} == {CHECK}


def test_an_hour_of_health_is_silent() -> None:
    assert well().run(3600) == []


def test_while_everything_starts_slowly_nothing_is_told_and_all_is_not_yet_well() -> None:
    made = Guardian()
    made.change = lambda _: Facts(BEGAN, None, {}, {}, {})
    assert made.run(35) == []
    assert not made.judged.all_well
    made.change = lambda facts: replace(facts, queues={name: Queue(None, 0) for name in facts.queues}, looks={})
    assert made.run(35) == []
    assert not made.judged.all_well
    made.change = lambda facts: facts
    assert made.run(60) == []
    assert made.judged.all_well


def test_nobody_who_works_and_no_beat_are_told_when_the_start_took_too_long() -> None:
    made = Guardian()
    made.change = lambda _: Facts(BEGAN, None, {}, {}, {})
    assert {each[1:] for each in made.run(60)} == {
        ("workers", Blindness.NO_WORKER),
        ("beat", Blindness.BEAT_AWAY),
    }


def test_signs_of_hours_ago_have_their_time_when_the_watch_first_sees_them() -> None:
    """All of Guardian was off for the night, and starts."""
    made = Guardian()
    made.now = 30_000
    for part in FALLS:
        made.stop(part)
    made.down = False
    assert made.run(35) == []
    made.start()
    assert made.run(300) == []


def test_a_clock_that_was_set_makes_nothing_old() -> None:
    made = well()
    leap = timedelta(hours=2)

    def ahead(facts: Facts) -> Facts:
        workers = {name: replace(each, seen_at=each.seen_at + leap) for name, each in facts.workers.items()}  # type: ignore[operator]
        return replace(facts, beat=facts.beat + leap if facts.beat else None, workers=workers)

    made.change = ahead
    assert made.run(300) == []


@pytest.mark.parametrize(
    ("off", "told"),
    [
        (CLOCK_MAY_BE_OFF, False),
        (-CLOCK_MAY_BE_OFF, False),
        (CLOCK_MAY_BE_OFF * 1.1, True),
        (-CLOCK_MAY_BE_OFF * 2, True),
    ],
)
def test_clocks_that_differ_are_told_beyond_the_limit(off: timedelta, told: bool) -> None:
    made = well()
    made.change = lambda facts: replace(facts, clock_off=off)
    seen = made.run(5)
    assert {each[1:] for each in seen} == ({("clock", Blindness.CLOCK_OFF)} if told else set())


def test_redis_away_for_long_leaves_the_others_time_when_it_is_back() -> None:
    made = well()
    made.stop("Redis")
    made.stop("beat")
    made.run(600)
    assert made.sight("beat") is None
    assert not made.judged.whole
    made.down = False
    assert made.run(35) == []
    made.start()
    assert made.run(300) == []


def test_redis_that_came_back_empty_makes_no_alarm_and_hides_no_dead_worker() -> None:
    made = well()
    made.stop(CHECK)

    def empty(facts: Facts) -> Facts:
        return Facts(facts.at, facts.beat, {"act@n": facts.workers["act@n"]}, dict(list(facts.queues.items())[1:]), {})

    made.change = empty
    assert {each[1:] for each in made.run(60)} == {(CHECK, Blindness.WORKER_AWAY)}
    made.start()
    made.change = lambda facts: facts
    assert made.run(120) == []
    assert made.judged.all_well


def test_a_worker_that_is_gone_for_a_day_is_no_longer_expected() -> None:
    made = well(every=60, blind_after=600)
    made.stop(CHECK)
    day = FORGET.total_seconds()

    def without(facts: Facts) -> Facts:
        return Facts(facts.at, facts.beat, {"act@n": facts.workers["act@n"]}, {"heal.n": facts.queues["heal.n"]}, {})

    made.change = without
    made.run(day - 120)
    assert made.sight(CHECK) is Sight.TROUBLE
    made.run(300)
    assert made.sight(CHECK) is None
    assert made.judged.whole


@pytest.mark.parametrize("check_every", [1, 10, 44, 60, 3600])
def test_a_check_may_be_as_late_as_anything_else_beyond_its_interval(check_every: int) -> None:
    made = Guardian(check_every=check_every)
    assert made.run(3 * check_every + 120) == []
    made.now = made.now // check_every * check_every
    made.look()
    made.stop(LOOK)
    seen = made.run(check_every + 120)
    assert {each[1] for each in seen} == {LOOK}
    assert check_every + 35 < seen[0][0] <= check_every + 45


def test_a_stuck_queue_stays_told_while_beat_is_away_for_a_while() -> None:
    """Only what is seen to be well again is over."""
    made = well()
    made.stop(QUEUE)
    made.run(90)
    assert made.sight(QUEUE) is Sight.TROUBLE
    made.stopped["beat"] = made.now
    made.run(30)
    del made.stopped["beat"]
    states = set()
    for _ in range(12):
        made.run(5)
        states.add(made.sight(QUEUE))
    assert states == {Sight.PENDING, Sight.TROUBLE}


def test_what_is_said_names_the_subject_and_how_long_it_is_silent() -> None:
    made = well()
    made.stop("queue tell")
    made.run(90)
    (trouble,) = made.judged.troubles
    assert trouble.text.startswith("3 messages wait in it")
    assert "no sign for 1m" in trouble.text
