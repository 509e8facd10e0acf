from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from guardian.decide.brake import engaged
from guardian.model import Severity, Status, TargetState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATROL = timedelta(seconds=10)


def fleet(since: timedelta = timedelta(0), soft: bool = False, **counts: int) -> Mapping[str, TargetState]:
    """So many targets of each status, in it for `since`; what fails counts since then, unless it is `soft`."""
    hard = None if soft else NOW - since
    return {
        f"{status}-{n}": TargetState(Status(status), "", Severity.HIGH, NOW - since, NOW, hard_since=hard)
        for status, count in counts.items()
        for n in range(count)
    }


def brakes(states: Mapping[str, TargetState], active: bool = False, share: float = 0.4, at_least: int = 4) -> bool:
    return engaged(states, NOW, active=active, share=share, at_least=at_least, patrol=PATROL)


@pytest.mark.parametrize(
    ("failing", "well", "expected"),
    [
        (4, 5, True),  # 44 %
        (4, 6, False),  # exactly 40 %
        (5, 5, True),
        (3, 0, False),  # 100 %, but 3
        (4, 0, True),
        (40, 60, False),
        (41, 59, True),
        (0, 0, False),
    ],
)
def test_it_brakes_above_the_share_and_from_the_number_on(failing: int, well: int, expected: bool) -> None:
    assert brakes(fleet(fail=failing, ok=well)) is expected


def test_those_that_fail_for_a_patrol_or_longer_are_not_newly_failing() -> None:
    just = PATROL - timedelta(microseconds=1)
    assert brakes(fleet(just, fail=6, ok=4))
    assert not brakes(fleet(PATROL, fail=6, ok=4))


def test_old_failures_do_not_make_up_the_number() -> None:
    old = {f"old-{name}": state for name, state in fleet(PATROL, fail=5).items()}
    assert not brakes({**old, **fleet(fail=3, ok=0)})


@pytest.mark.parametrize("age", [timedelta(0), PATROL, timedelta(hours=5)])
def test_once_engaged_it_stays_while_as_many_fail_however_long_ago_they_began(age: timedelta) -> None:
    assert brakes(fleet(age, fail=5, ok=5), active=True)
    assert not brakes(fleet(age, fail=4, ok=6), active=True)
    assert not brakes(fleet(age, fail=3), active=True)


def test_what_is_skipped_is_not_watched_and_what_is_unknown_is() -> None:
    assert brakes(fleet(fail=4, ok=5, skipped=50))
    assert not brakes(fleet(fail=4, ok=0, unknown=6))


def test_the_limits_are_the_settings() -> None:
    assert brakes(fleet(fail=1, ok=1), at_least=1)
    assert not brakes(fleet(fail=1, ok=1), at_least=2)
    assert not brakes(fleet(fail=9, ok=0), share=1.0)
    assert brakes(fleet(fail=4, ok=100), share=0.0)


@pytest.mark.parametrize("active", [True, False])
def test_a_soft_failure_does_not_count_yet(active: bool) -> None:
    assert not brakes(fleet(soft=True, fail=6, ok=4), active=active)


def test_what_failed_softly_for_long_is_new_when_it_begins_to_count() -> None:
    long_ago = {name: replace(each, since=NOW - 9 * PATROL) for name, each in fleet(fail=6, ok=4).items()}
    assert brakes(long_ago)
