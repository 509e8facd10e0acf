"""Whom a notification is for, and when a channel is tried again."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from guardian.decide.telling import LONGEST_WAIT, end_wanted, next_after_refusal, next_try, wanted
from guardian.model import Severity

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RISING = list(Severity)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize(("severity", "minimum"), list(product(RISING, RISING)))
def test_what_is_as_severe_as_the_minimum_is_wanted(severity: Severity, minimum: Severity) -> None:
    assert wanted(severity, minimum) == (RISING.index(severity) >= RISING.index(minimum))


@pytest.mark.parametrize(("severity", "minimum", "alerted"), list(product(RISING, RISING, [True, False])))
def test_the_good_end_goes_where_the_alert_went_whatever_the_severity_is_now(
    severity: Severity, minimum: Severity, alerted: bool
) -> None:
    assert end_wanted(severity, minimum, went=True, alerted=True)
    assert not end_wanted(severity, minimum, went=False, alerted=True)
    never_its_turn = end_wanted(severity, minimum, went=None, alerted=alerted)
    assert never_its_turn == wanted(severity if alerted else Severity.INFO, minimum)


@pytest.mark.parametrize(
    ("tries", "after", "wait"),
    [
        (0, None, 10),
        (1, None, 20),
        (5, None, 320),
        (6, None, 600),
        (10_000, None, 600),
        (0, 3, 10),
        (0, 11, 11),
        (9, 601, 601),
        (0, 6 * 3600, 6 * 3600),
        (0, 6 * 3600 + 1, 6 * 3600),
    ],
)
def test_a_channel_is_tried_again_with_back_off_and_never_before_it_asked_to(
    tries: int, after: float | None, wait: float
) -> None:
    assert next_try(NOW, tries, None if after is None else seconds(after)) == NOW + seconds(wait)


@pytest.mark.parametrize(("waited", "wait"), [(0, 60), (60, 60), (61, 61), (3600, 3600), (3601, 3600), (90_000, 3600)])
def test_what_was_refused_is_tried_rarely(waited: float, wait: float) -> None:
    assert next_after_refusal(NOW, NOW - seconds(waited), None) == NOW + seconds(wait)
    assert next_after_refusal(NOW, NOW - seconds(waited), timedelta(days=2)) == NOW + LONGEST_WAIT
