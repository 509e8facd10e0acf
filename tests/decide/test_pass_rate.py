"""A pass rate against its own baseline, and who is to blame."""

import itertools
import math
import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from guardian.decide.blame import ALL, Crew, Result, take
from guardian.decide.pass_rate import Stream, Terms, follow, upper

TERMS = Terms(mean_run=1_000_000, tolerance=0.05, least=50, days=14)
BEGAN, DAY = 1_767_225_600, 86_400


def after(passes: Iterable[bool], known: Stream = Stream(), at: int = BEGAN, every: int = 60) -> Stream:  # noqa: B008
    for number, passed in enumerate(passes):
        known = follow(known, passed=passed, at=at + number * every, terms=TERMS)
    return known


def mostly(rate: float, count: int, seed: int = 1) -> list[bool]:
    dice = random.Random(seed)
    return [dice.random() < rate for _ in range(count)]


GOOD = after(mostly(0.95, 1000))


def test_a_few_results_say_nothing_however_bad_they_are() -> None:
    known = after([True] * 25 + [False] * 24)
    assert known.dropped is None
    assert known.evidence == 0


def test_three_failures_in_a_row_are_no_drop() -> None:
    assert after([False] * 3, GOOD).dropped is None


def test_a_drop_is_said_within_some_dozens_of_results() -> None:
    known, count = GOOD, 0
    for passed in mostly(0.5, 200, seed=2):
        known, count = after([passed], known, at=GOOD.seen), count + 1
        if known.dropped is not None:
            break
    assert known.dropped is not None
    assert count < 60


def test_a_drop_by_less_than_the_tolerance_is_none() -> None:
    assert after(mostly(0.92, 20_000), GOOD).dropped is None


def test_a_drop_is_never_a_part_of_what_it_is_measured_by() -> None:
    known = after(mostly(0.3, 300), GOOD)
    assert known.dropped is not None
    assert known.usual == pytest.approx(GOOD.usual, abs=0.002)  # type: ignore[arg-type]


def test_after_a_drop_it_is_well_again_and_the_next_drop_is_said_as_well() -> None:
    known = after(mostly(0.3, 100), GOOD)
    assert known.dropped is not None
    known = after(mostly(0.95, 60), known)
    assert known.dropped is None
    assert known.evidence <= math.log(3)
    assert after(mostly(0.3, 100), known).dropped is not None


def test_a_drop_that_goes_on_does_not_end() -> None:
    assert after(mostly(0.5, 5000), after(mostly(0.5, 300), GOOD)).dropped is not None


def test_a_drop_of_a_fortnight_is_the_norm_from_then_on() -> None:
    dropped = after(mostly(0.5, 300), GOOD)
    known = after(mostly(0.5, 300), dropped, at=dropped.seen + 14 * DAY)
    assert known.dropped is None
    assert known.usual == pytest.approx(0.5, abs=0.1)


def test_results_of_a_year_ago_leave_the_baseline_when_there_are_enough_newer_ones() -> None:
    old = after(mostly(0.6, 1000))
    known = after(mostly(0.95, 2000, seed=3), old, at=BEGAN + 365 * DAY)
    later = after(mostly(0.95, 2000, seed=4), known, at=BEGAN + 385 * DAY)
    assert later.usual == pytest.approx(0.95, abs=0.02)
    assert after(mostly(0.6, 200), later).dropped is not None


def test_a_baseline_of_rare_results_lasts_and_is_bounded() -> None:
    known = after([number % 20 != 0 for number in range(400)], every=DAY)
    assert known.size == 400
    assert len(known.base) <= 60


def test_how_often_one_looks_changes_nothing() -> None:
    results = [Result(passed, BEGAN + n * 60, "a", "v") for n, passed in enumerate(mostly(0.95, 300) + mostly(0.5, 80))]
    at_once = take(Crew(), results, TERMS).streams[ALL]
    one_by_one = Crew()
    for result in results:
        one_by_one = take(one_by_one, [result], TERMS)
    assert one_by_one.streams[ALL].dropped == at_once.dropped is not None


def test_no_bet_wins_on_what_fails_no_more_often_than_it_may() -> None:
    """The expected stake after one result is at most what it was: that is what the false-alarm rate rests on."""
    from guardian.decide.pass_rate import _bet  # noqa: PLC0415

    for may in (0.01, 0.1, 0.5, 0.9):
        lost, won = _bet((), may, hit=False), _bet((), may, hit=True)
        for low, high in zip(lost, won, strict=True):
            assert may * math.exp(high) + (1 - may) * math.exp(low) == pytest.approx(1)
            assert high > 0 > low


def test_false_alarms_are_rarer_than_stated_where_it_fails_exactly_as_often_as_it_may() -> None:
    """The worst case: with `mean_run` 1000, 40 runs of 1000 results give 40 false alarms at most, on average."""
    terms, alarms = replace(TERMS, mean_run=1000), 0
    known = after([True] * 1000)
    for seed in range(40):
        stream = known
        for passed in mostly(1 - known.may, 1000, seed):
            stream = replace(follow(stream, passed=passed, at=BEGAN, terms=terms), may=known.may)
            if stream.dropped is not None:
                alarms, stream = alarms + 1, known
    assert 0 < alarms <= 40


@pytest.mark.parametrize("count", [50, 500, 5000])
def test_the_upper_end_holds_at_least_99_times_in_a_hundred(count: int) -> None:
    """Exactly, by the binomial distribution: the true rate lies above it at most once in a hundred."""
    rate = 0.1
    missed = sum(
        math.exp(
            math.lgamma(count + 1) - math.lgamma(fails + 1) - math.lgamma(count - fails + 1)
            + fails * math.log(rate) + (count - fails) * math.log(1 - rate)
        )
        for fails in itertools.takewhile(lambda fails: upper(fails, count) < rate, range(count))
    )  # fmt: skip
    assert missed <= 0.01
    assert upper(count // 10, count) > rate


# Who


def crew(rate: dict[str, float], count: int, known: Crew = Crew(), seed: int = 1, at: int = BEGAN) -> Crew:  # noqa: B008
    """Results of three agents with two validators; those named pass at that rate, the rest at 0.95."""
    dice, results = random.Random(seed), []
    for number in range(count):
        agent, validator = f"a{number % 3}", f"v{number // 3 % 2}"
        passes = min(rate.get(agent, 0.95), rate.get(validator, 0.95), rate.get(ALL, 0.95))
        results.append(Result(dice.random() < passes, at + number, agent, validator))
    return take(known, results, TERMS)


WELL = crew({}, 3000)


@pytest.mark.parametrize(
    ("who", "name"), [("a1", "agent a1"), ("v0", "validator v0"), (ALL, ALL)], ids=["agent", "validator", "all"]
)
@pytest.mark.parametrize("seed", range(4))
def test_who_dropped_is_blamed_and_nobody_else(who: str, name: str, seed: int) -> None:
    known = WELL
    for number in range(60):
        known = crew({who: 0.4}, 12, known, seed * 100 + number, BEGAN + 3000)
    assert known.blamed == [name]


def test_when_it_is_over_nobody_is_blamed_for_what_followed_from_it() -> None:
    known = crew({"a1": 0.2}, 600, WELL)
    assert known.blamed == ["agent a1"]
    for number in range(200):
        known = crew({}, 12, known, number)
        assert known.blamed in (["agent a1"], [])
    assert known.blamed == []


def test_a_second_agent_that_drops_is_blamed_beside_the_first() -> None:
    known = crew({"a1": 0.2}, 600, WELL)
    known = crew({"a1": 0.2, "a2": 0.2}, 600, known, seed=2)
    assert known.blamed == ["agent a1", "agent a2"]


def test_one_agent_with_one_validator_that_drops_is_all() -> None:
    dice = random.Random(1)
    results = [Result(dice.random() < (0.95 if n < 500 else 0.3), BEGAN + n, "a", "v") for n in range(700)]
    assert take(Crew(), results, TERMS).blamed == [ALL]


def test_an_agent_that_was_always_worse_is_not_blamed_for_a_drop_of_another() -> None:
    known = crew({"a0": 0.6}, 3000)
    assert crew({"a0": 0.6, "a2": 0.3}, 300, known, seed=2).blamed == ["agent a2"]


def test_results_without_agent_and_validator_count_for_all() -> None:
    dice = random.Random(1)
    results = [Result(dice.random() < (0.95 if n < 500 else 0.3), BEGAN + n) for n in range(700)]
    assert take(Crew(), results, TERMS).blamed == [ALL]


def test_what_is_kept_of_a_thousand_agents_is_bounded() -> None:
    results = [Result(passed=True, at=BEGAN + n, agent=f"a{n}", validator=f"v{n % 7}") for n in range(1000)]
    known = take(Crew(), results, TERMS)
    assert len(known.streams) == 1 + 100 + 7
    assert "agent a999" in known.streams
    assert len(known.pairs) == 500
