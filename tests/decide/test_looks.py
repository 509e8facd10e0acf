from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guardian.decide.flapping import LOOKS
from guardian.decide.looks import advance
from guardian.model import Severity, Status, TargetState, Verdict

BEGAN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LETTERS = {"o": Status.OK, "f": Status.FAIL, "u": Status.UNKNOWN, "s": Status.SKIPPED}


def after(seen: str, state: TargetState | None = None, **more: Any) -> TargetState:
    """The state after these looks, 10 s apart."""
    for n, letter in enumerate(seen):
        now = (state.at if state else BEGAN - timedelta(seconds=10)) + timedelta(seconds=10)
        state = advance(state, Verdict("x", LETTERS[letter], f"look {n}"), now, begins=0.3, ends=0.25, **more)
    assert state is not None
    return state


def test_the_first_look_begins_the_status() -> None:
    state = after("f")
    assert (state.status, state.since, state.at, state.history) == (Status.FAIL, BEGAN, BEGAN, "f")


def test_a_status_keeps_when_it_began_until_it_changes() -> None:
    assert after("offf").since == BEGAN + timedelta(seconds=10)
    assert after("offfo").since == BEGAN + timedelta(seconds=40)
    assert after("offf").at == BEGAN + timedelta(seconds=30)


@pytest.mark.parametrize(("looks", "count"), [("u", 1), ("ouuu", 3), ("uuo", 0), ("uuf", 0), ("uus", 0), ("uufu", 1)])
def test_unknown_looks_are_counted_in_a_row(looks: str, count: int) -> None:
    assert after(looks).unknown_looks == count


def test_unknown_and_skipped_looks_say_nothing_of_its_health() -> None:
    assert after("ousfuso").history == "ofo"
    assert not after("o" + "fu" * 20).flapping


def test_the_history_is_bounded() -> None:
    assert after("o" * 50).history == "o" * (LOOKS + 1)


def test_what_goes_on_changing_flaps_until_it_is_quiet() -> None:
    assert not after("ofofof").flapping
    flapping = after("ofofofo")
    assert flapping.flapping
    assert after("o", flapping).flapping
    assert not after("o" * 20, flapping).flapping


def test_while_it_cannot_be_seen_it_flaps_as_before() -> None:
    assert after("u" * 5, after("ofofofo")).flapping


def test_a_recovery_by_guardians_own_heal_is_no_flap() -> None:
    assert after("o", after("of"), healed=True).history == "ooo"
    assert after("o", after("of"), healed=False).history == "ofo"


@pytest.mark.parametrize(("before", "then", "history"), [("of", "f", "off"), ("o", "o", "oo"), ("oo", "f", "oof")])
def test_only_a_change_from_fail_to_ok_is_taken_for_healed(before: str, then: str, history: str) -> None:
    assert after(then, after(before), healed=True).history == history


def test_the_verdict_is_kept_as_it_was() -> None:
    verdict = Verdict("x", Status.FAIL, "bad", severity=Severity.CRITICAL)
    state = advance(after("o"), verdict, BEGAN, begins=0.3, ends=0.25)
    assert (state.message, state.severity) == ("bad", Severity.CRITICAL)
    assert state == replace(state, status=Status.FAIL)


def test_a_long_failure_that_guardian_healed_is_no_flap_either() -> None:
    assert after("o", after("offf"), healed=True).history == "ooooo"
    assert after("o", after("ofoff"), healed=True).history == "ofoooo"


@pytest.mark.parametrize(
    ("seen", "count", "soft"),
    [("f", 1, True), ("ff", 2, True), ("fff", 3, False), ("ffff", 4, False), ("ffo", 0, False), ("ffof", 1, True),
     ("ffuf", 3, False), ("ffu", 2, False), ("ffsf", 1, True)],
)  # fmt: skip
def test_a_failure_is_soft_until_so_many_looks_in_a_row_failed(seen: str, count: int, soft: bool) -> None:
    state = after(seen, looks=3)
    assert (state.failing_looks, state.soft) == (count, soft)


def test_a_failure_counts_from_the_look_that_made_it_hard_on() -> None:
    assert after("offff", looks=3).hard_since == BEGAN + timedelta(seconds=30)
    assert after("offfuuf", looks=3).hard_since == BEGAN + timedelta(seconds=30)
    assert after("of").hard_since == BEGAN + timedelta(seconds=10)
    assert after("offffo", looks=3).hard_since is None


def test_a_notice_counts_at_once() -> None:
    verdict = Verdict("x", Status.FAIL, "bad", notice=True)
    assert not advance(after("o"), verdict, BEGAN, begins=0.3, ends=0.25, looks=5).soft
