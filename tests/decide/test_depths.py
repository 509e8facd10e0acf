"""A queue's depth against its own history. Times are seconds; a look comes every 60."""

from collections.abc import Callable, Sequence

import pytest

from guardian.decide.depths import BLOCK, NEEDED, Depths, follow, limit

BEGAN = 1_767_225_600
HOUR, DAY = 3600, 86_400


def after(depth: Callable[[int], int], seconds: int, known: Depths = Depths(), began: int = 0) -> Depths:  # noqa: B008
    """Looks from `began` on for so long; `depth` of the seconds since the beginning."""
    for second in range(began, began + seconds, 60):
        known = follow(known, depth(second), BEGAN + second)
    return known


def first_far(depth: Callable[[int], int], known: Depths, began: int, within: int) -> int | None:
    for second in range(began, began + within, 60):
        known = follow(known, depth(second), BEGAN + second)
        if known.far:
            return second - began
    return None


def test_nothing_is_far_before_a_whole_day_is_known() -> None:
    known = after(lambda _: 3, DAY - BLOCK)
    assert known.limit is None
    assert first_far(lambda _: 10_000, known, DAY - BLOCK, BLOCK - 60) is None
    assert after(lambda _: 3, DAY + BLOCK).limit is not None


def test_an_hour_of_guardians_absence_is_not_known() -> None:
    known = after(lambda _: 3, DAY + BLOCK, after(lambda _: 3, 12 * HOUR), began=13 * HOUR)
    assert list(known.peaks[24:26]) == [-1, -1]
    assert known.known == len(known.peaks) - 2 >= NEEDED


def test_a_queue_that_was_always_empty_is_not_far_from_it_with_a_few_items() -> None:
    known = after(lambda _: 0, 2 * DAY)
    assert known.limit == 12  # 2 * sqrt(0.375) and 6 standard deviations of a count
    assert first_far(lambda _: 12, known, 2 * DAY, HOUR) is None
    assert first_far(lambda _: 13, known, 2 * DAY, HOUR) == 180  # more than half of five minutes


def test_a_burst_that_is_worked_off_within_two_minutes_is_none() -> None:
    known = after(lambda _: 5, 2 * DAY)
    assert first_far(lambda second: 5000 if second % HOUR < 120 else 5, known, 2 * DAY, DAY) is None


def test_it_is_over_as_soon_as_one_look_is_near_again() -> None:
    known = after(lambda _: 500, 10 * 60, after(lambda _: 5, 2 * DAY), began=2 * DAY)
    assert known.far
    known = follow(known, 5, BEGAN + 2 * DAY + 10 * 60)
    assert known.level == 500
    assert not known.far


def test_what_comes_at_the_same_hour_each_day_is_usual_and_unusual_at_another() -> None:
    def nightly(second: int) -> int:
        return 800 if second % DAY // HOUR == 2 else 5

    known = after(nightly, 3 * DAY)
    assert first_far(nightly, known, 3 * DAY, 3 * DAY) is None
    assert first_far(lambda _: 800, after(nightly, 12 * HOUR, known, 3 * DAY), 3 * DAY + 12 * HOUR, HOUR) == 120


def test_one_bad_night_does_not_excuse_the_next() -> None:
    def bad(second: int) -> int:
        return 800 if second // DAY in (3, 5) and second % DAY // HOUR == 2 else 5

    known = after(bad, 5 * DAY)
    assert first_far(bad, known, 5 * DAY, DAY) == 2 * HOUR + 120


def test_a_lasting_change_is_the_norm_after_half_of_the_history() -> None:
    known = after(lambda _: 400, 3 * DAY, after(lambda _: 5, 7 * DAY), began=7 * DAY)
    assert known.far
    assert not after(lambda _: 400, DAY, known, began=10 * DAY).far


@pytest.mark.parametrize("pace", [10, 30, 60])
def test_what_is_kept_is_bounded_whatever_comes(pace: int) -> None:
    known = Depths()
    for second in range(0, 8 * DAY, 60):
        known = follow(known, second % 777, BEGAN + second)
    for second in range(8 * DAY, 8 * DAY + HOUR, pace):
        known = follow(known, 1, BEGAN + second)
    assert len(known.peaks) == 7 * DAY // BLOCK
    assert len(known.looks) <= 31


def test_looks_each_second_are_no_more_than_looks_each_ten() -> None:
    known = Depths()
    for second in range(900):
        known = follow(known, second, BEGAN + second)
    assert len(known.looks) <= 31
    assert known.depth == 899
    assert known.level == pytest.approx(750, abs=10)


def test_a_clock_that_went_back_begins_anew() -> None:
    known = after(lambda _: 3, 2 * DAY)
    assert follow(known, 3, BEGAN).known == 0


@pytest.mark.parametrize(("a_minute", "growth"), [(60, 1.0), (-30, -0.5), (0, 0.0)])
def test_it_says_how_fast_it_grows_or_drains(a_minute: int, growth: float) -> None:
    known = after(lambda second: 10_000 + second * a_minute // 60, 600)
    assert known.growth == pytest.approx(growth, abs=0.05)


def test_nothing_is_said_of_its_growth_after_a_few_looks() -> None:
    assert after(lambda _: 5, 180).growth is None


@pytest.mark.parametrize("peaks", [[], [-1] * 336, [5] * (NEEDED - 1)])
def test_too_little_has_no_limit(peaks: Sequence[int]) -> None:
    assert limit(peaks) is None
