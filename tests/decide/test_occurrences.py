"""A trouble is told once, its end once, and seldom again meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from guardian.decide.blind import Blindness, Finding, Judged, Sight
from guardian.decide.occurrences import MOST_OVER, Occurrence, Telling, advance, due, told

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANNELS = ["log", "webhook"]


def finding(subject: str, sight: Sight = Sight.TROUBLE, text: str = "it is so") -> Finding:
    return Finding(subject, sight, Blindness.BEAT_AWAY if sight is Sight.TROUBLE else None, text)


def after(held: Sequence[Occurrence], *findings: Finding, whole: bool = True, at: datetime = NOW) -> list[Occurrence]:
    return list(advance(held, Judged(findings, whole), at, lambda each: f"id-{each.subject}"))


def begun() -> Occurrence:
    (one,) = after([], finding("beat"))
    return one


def test_a_trouble_begins_once_and_follows_what_is_seen_of_it() -> None:
    one = begun()
    assert (one.id, one.telling, one.since, one.over) == ("id-beat", Telling.ALERT, NOW, None)
    (same,) = after([one], finding("beat", text="it is worse"), at=NOW + HOUR)
    assert same == replace(one, text="it is worse")


def test_what_is_well_or_not_there_is_no_trouble() -> None:
    assert after([], finding("beat", Sight.WELL), finding("queue tell", Sight.PENDING)) == []


def test_it_is_over_only_when_seen_to_be_well_or_no_longer_expected() -> None:
    one = begun()
    assert after([one], finding("beat", Sight.PENDING)) == [one]
    assert after([one], whole=False) == [one]
    (ended,) = after([one], finding("beat", Sight.WELL), at=NOW + HOUR)
    assert (ended.over, ended.telling, ended.ending) == (NOW + HOUR, Telling.RESOLVED, "it is well again")
    (gone,) = after([one])
    assert gone.ending == "it is no longer expected"


def test_it_is_due_until_every_channel_has_it_and_again_after_an_hour() -> None:
    one = begun()
    assert due(one, NOW, HOUR) == one
    half = told(one, ["log"], CHANNELS, NOW)
    assert half is not None
    assert half.told == {"log"}
    assert due(half, NOW, HOUR) == half
    whole = told(half, ["webhook"], CHANNELS, NOW)
    assert whole is not None
    assert due(whole, NOW + HOUR - timedelta(seconds=1), HOUR) is None
    again = due(whole, NOW + HOUR, HOUR)
    assert again is not None
    assert (again.times, again.told, again.step) == (1, frozenset(), "id-beat:alert:1")


def test_its_end_is_told_to_each_channel_once_even_to_one_that_never_had_the_beginning() -> None:
    half = told(begun(), ["log"], CHANNELS, NOW)
    assert half is not None
    (ended,) = after([half], finding("beat", Sight.WELL))
    assert ended.told == frozenset()
    assert due(ended, NOW, HOUR) == ended
    half_ended = told(ended, ["webhook"], CHANNELS, NOW)
    assert half_ended is not None
    assert told(half_ended, ["log"], CHANNELS, NOW) is None


def test_the_next_trouble_is_another_one_while_the_end_of_the_last_is_still_to_be_told() -> None:
    (ended,) = after([begun()], finding("beat", Sight.WELL))
    found = after([ended], finding("beat"))
    assert [each.over is None for each in found] == [False, True]


def test_ends_that_nobody_takes_are_bounded_and_what_lasts_is_kept() -> None:
    held = after([], *(finding(f"worker {number}") for number in range(MOST_OVER + 10)))
    held = after(held, finding("worker 0"), *(finding(f"worker {n}", Sight.WELL) for n in range(1, MOST_OVER + 10)))
    assert len(held) == MOST_OVER + 1
    assert held[0].subject == "worker 0"
    assert held[-1].subject == f"worker {MOST_OVER + 9}"
