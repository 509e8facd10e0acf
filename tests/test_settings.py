"""Durations, sizes and paths as people write them."""

import time
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from guardian.settings import (
    LARGEST_BYTES,
    LONGEST,
    ByteSize,
    Duration,
    Model,
    PositiveDuration,
    Share,
    at_least,
    duration,
    duration_text,
    one_of,
    rough_text,
    size_bytes,
    size_text,
    text_of,
    user_path,
)

SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10s", 10 * SECOND),
        ("1h30m", 5400 * SECOND),
        ("1h 30m", 5400 * SECOND),
        (" 1 h  30 min ", 5400 * SECOND),
        ("2 days", 2 * 86_400 * SECOND),
        ("1 week", 7 * 86_400 * SECOND),
        ("250ms", SECOND / 4),
        ("0.5 Minutes", 30 * SECOND),
        ("0s", 0 * SECOND),
        (90, 90 * SECOND),
        (0.25, SECOND / 4),
        (0, 0 * SECOND),
        (5 * SECOND, 5 * SECOND),
        ("3650 days", LONGEST),
        (315_360_000, LONGEST),
    ],
)
def test_a_duration_is_read_as_people_write_it(written: object, meant: timedelta) -> None:
    assert duration(written) == meant


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "a duration is written like"),
        ("10", "a duration is written like"),
        ("s", "a duration is written like"),
        ("1,5s", "a duration is written like"),
        ("1e3s", "`e` is no unit"),
        ("5 parsecs", "`parsecs` is no unit of time"),
        ("-5s", "must not be negative"),
        (" - 5s", "must not be negative"),
        (-1, "must not be negative"),
        (-0.001, "must not be negative"),
        ("3650d 1s", "at most ten years"),
        (315_360_001, "at most ten years"),
        ("999999999999999w", "at most ten years"),
        (10**400, "a duration is written like"),
        (-(10**400), "a duration is written like"),
        (float("nan"), "a duration is written like"),
        (float("inf"), "a duration is written like"),
        (True, "a duration is written like"),
        (None, "a duration is written like"),
        (["5s"], "a duration is written like"),
    ],
)
def test_a_wrong_duration_is_refused_in_plain_words(written: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        duration(written)


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), LONGEST))
def test_a_duration_that_was_written_out_reads_back_as_it_was(value: timedelta) -> None:
    assert duration(duration_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "0s"),
        (MICROSECOND, "0.000001s"),
        (10 * SECOND, "10s"),
        (90 * SECOND, "1m30s"),
        (timedelta(days=8, hours=1), "8d1h"),
        (1.5 * SECOND, "1.5s"),
    ],
)
def test_a_duration_is_written_in_its_shortest_form(value: timedelta, text: str) -> None:
    assert duration_text(value) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [("15MB", 15_000_000), ("15 mib", 15 * 2**20), ("1.5kB", 1500), ("7", 7), (0, 0), (LARGEST_BYTES, LARGEST_BYTES)],
)
def test_a_size_is_read_as_people_write_it(written: object, meant: int) -> None:
    assert size_bytes(written) == meant


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("15 pages", "a size is written like"),
        ("", "a size is written like"),
        ("-5MB", "a size is written like"),
        (True, "a size is written like"),
        (1.5, "a size is written like"),
        (-1, "must not be negative"),
        (LARGEST_BYTES + 1, "at most 1 PiB"),
        ("1025TiB", "at most 1 PiB"),
    ],
)
def test_a_wrong_size_is_refused_in_plain_words(written: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        size_bytes(written)


@settings(deadline=None)
@given(st.integers(0, LARGEST_BYTES))
@hypothesis.example(LARGEST_BYTES - 1)
def test_a_size_that_was_written_out_reads_back_as_it_was(value: int) -> None:
    assert size_bytes(size_text(value)) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [(duration, "1s" + " " * 40), (duration, "1" + " " * 100_000), (size_bytes, "1" + " " * 100_000)],
)
def test_no_text_takes_long_to_refuse(read: Callable[[object], object], text: str) -> None:
    before = time.monotonic()
    with pytest.raises(ValueError, match="is written like"):
        read(text * 30 + "!")
    assert time.monotonic() - before < 10


@settings(deadline=None)
@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(st.integers()))
def test_whatever_is_written_is_read_or_refused_with_a_reason(written: object) -> None:
    for read in (duration, size_bytes, user_path):
        try:
            read(written)
        except ValueError as error:
            refused = str(error)
        else:
            continue
        assert refused


def test_a_path_begins_in_the_home_folder_where_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/bob")
    assert user_path("~/x") == Path("/home/bob/x")
    assert user_path("x/~") == Path("x/~")


@pytest.mark.parametrize("written", ["", "  ", "a\0b", "~no-such-user-here/x", 5, None, ["x"]])
def test_what_is_no_path_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"path|home folder"):
        user_path(written)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("reed", "did you mean `red`?"),
        ("BLUE", "did you mean `blue`?"),
        ("x", r"must be `red` or `blue`(?!,)"),
        (5, r"`blue`(?!,)"),
    ],
)
def test_a_name_out_of_a_set_is_suggested_where_it_is_close(written: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        TypeAdapter(Annotated[Colour, one_of(Colour)]).validate_python(written)


def test_text_is_matched_as_a_whole() -> None:
    letters = TypeAdapter(Annotated[str, text_of("[a-z]+", "small letters")])
    assert letters.validate_python("ab") == "ab"
    for wrong in ("ab\n", "", "aB", " ab"):
        with pytest.raises(ValidationError, match="must be small letters"):
            letters.validate_python(wrong)


class Example(Model):
    many: Duration = timedelta(0)
    """Doc."""
    some: PositiveDuration = SECOND
    """Doc."""
    least: Annotated[Duration, at_least(SECOND)] = SECOND
    """Doc."""
    share: Share = 0.5
    """Doc."""
    size: ByteSize = 1
    """Doc."""


@pytest.mark.parametrize(
    ("key", "good", "wrong"),
    [
        ("many", 0, -1),
        ("some", "1ms", 0),
        ("least", 1, "999ms"),
        ("share", 0, -0.01),
        ("share", 1, 1.01),
        ("share", 0.3, float("nan")),
        ("share", 0.3, "0.3"),
        ("size", "1kB", -1),
        ("size", 0, True),
    ],
)
def test_a_limit_holds_at_the_limit_and_not_beyond(key: str, good: object, wrong: object) -> None:
    Example.model_validate({key: good})
    with pytest.raises(ValidationError):
        Example.model_validate({key: wrong})


def test_settings_do_not_change_and_show_no_values_in_errors() -> None:
    with pytest.raises(ValidationError):
        Example().share = 1.0  # type: ignore[misc]
    with pytest.raises(ValidationError) as caught:
        Example.model_validate({"size": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_settings_are_written_out_as_people_write_them() -> None:
    assert Example(size=15_000_000).model_dump(mode="json") == {
        "many": "0s",
        "some": "1s",
        "least": "1s",
        "share": 0.5,
        "size": "15MB",
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (12.9, "12s"), (125, "2m5s"), (3605, "1h"), (86_400 * 3 + 14_401, "3d4h"), (86_400 * 8 + 1, "8d")],
)
def test_a_rough_duration_is_the_largest_unit_and_the_next_one(seconds: float, text: str) -> None:
    assert rough_text(timedelta(seconds=seconds)) == text
