"""The robust slope: exact on a line, unmoved by what is far off, and unsure where nothing surely rises or falls."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.checks.shared.trend import LEAST, theil_sen


def test_a_line_has_its_slope_and_no_doubt() -> None:
    trend = theil_sen([(x, 7 - 3 * x) for x in range(20)])
    assert trend is not None
    assert (trend.slope, trend.low, trend.high) == (-3, -3, -3)


def test_too_few_points_say_nothing() -> None:
    assert theil_sen([(x, x) for x in range(LEAST - 1)]) is None
    assert theil_sen([(x, x) for x in range(LEAST)]) is not None
    assert theil_sen([(1, x) for x in range(50)]) is None


def test_a_quarter_of_wild_values_moves_it_little() -> None:
    points = [(x, 1000 - 2 * x) for x in range(40)]
    wild = [(x, 10**9 if x % 4 == 0 else y) for x, y in points]
    trend = theil_sen(wild)
    assert trend is not None
    assert trend.slope == pytest.approx(-2, abs=0.01)


def test_a_sawtooth_without_a_fall_is_no_fall() -> None:
    trend = theil_sen([(x, 100 - 10 * (x % 8)) for x in range(96)])
    assert trend is not None
    assert trend.low <= 0 <= trend.high


@given(st.integers())
@settings(max_examples=100, deadline=None)
def test_noise_alone_is_seldom_taken_for_a_fall(seed: int) -> None:
    noise = random.Random(seed)
    sure = 0
    for _ in range(20):
        trend = theil_sen([(x, noise.gauss(0, 1)) for x in range(20)])
        sure += trend is not None and trend.high < 0
    assert sure <= 6  # by chance 0.5 of 20
