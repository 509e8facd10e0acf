"""The benches' table: nearest ranks, limits at and beyond, what never came, what could not be measured."""

import math
import random

import pytest

from bench.figures import ALL, MEDIAN, MOST, Limit, Row, rank, table

HUNDRED = [float(number) for number in range(1, 101)]


@pytest.mark.parametrize(
    ("count", "median", "most"),
    [(1, 1, 1), (2, 1, 2), (3, 2, 3), (19, 10, 19), (20, 10, 19), (21, 11, 20), (100, 50, 95)],
)
def test_a_percentile_is_a_value_that_was_measured_in_whatever_order(count: int, median: int, most: int) -> None:
    values = HUNDRED[:count]
    random.shuffle(values)
    assert (rank(values, MEDIAN), rank(values, MOST), rank(values, ALL)) == (median, most, count)


@pytest.mark.parametrize(("seconds", "kept"), [(50.0, True), (49.999, False)])
def test_a_limit_is_kept_at_its_very_value(seconds: float, kept: bool) -> None:
    row = Row("recorded", HUNDRED, [Limit(MEDIAN, seconds), Limit(MOST, 95)])
    assert row.missed == ([] if kept else [Limit(MEDIAN, seconds)])


def test_each_row_has_its_figures_and_the_last_line_says_what_is_not_kept() -> None:
    rows = [
        Row("floor", [0.0031, 0.0029]),
        Row("recorded", HUNDRED, [Limit(MEDIAN, 50), Limit(MOST, 90.5)]),
        Row("running again", [0.1, 0.2, 0.3], [Limit(ALL, 2)]),
    ]
    title, note, head, *lines, verdict = table("crash", rows, ["2 cores"]).splitlines()
    assert (title, note.strip(), head.split()) == ("crash", "2 cores", ["seconds", "n", "p50", "p95", "max", "limits"])
    assert [" ".join(line.split()) for line in lines] == [
        "floor 2 0.003 0.003 0.003",
        "recorded 100 50.000 95.000 100.000 p50 <= 50, p95 <= 90.5: NOT kept",
        "running again 3 0.200 0.300 0.300 max <= 2: kept",
    ]
    assert verdict == "  NOT within the limits: recorded (p95 <= 90.5)"
    assert table("crash", [rows[0], rows[2]]).endswith("every limit is kept")


def test_what_never_came_counts_and_breaks_the_limit_that_it_falls_under() -> None:
    values = [*HUNDRED[:96], *[math.inf] * 4]
    row = Row("recorded", values, [Limit(MOST, 95), Limit(ALL, 1000)])
    assert [limit.share for limit in row.missed] == [ALL]
    assert table("crash", [row]).splitlines()[2].split()[1:5] == ["100", "50.000", "95.000", "never"]


def test_what_was_not_measured_says_why_and_keeps_no_limit() -> None:
    peer = Row("Monit", remark="not measured: monit is missing")
    assert table("crash", [peer]).splitlines()[2].split(maxsplit=5) == [
        "Monit", "0", "-", "-", "-", "not measured: monit is missing"
    ]  # fmt: skip
    assert Row("recorded", [], [Limit(MEDIAN, 1)]).missed == [Limit(MEDIAN, 1)]
