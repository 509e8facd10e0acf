from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.decide.flapping import LOOKS, change_share, is_flapping

BEGINS, ENDS = 0.30, 0.25


def flaps(history: str, before: bool = False) -> bool:
    return is_flapping(history, before=before, begins=BEGINS, ends=ENDS)


@pytest.mark.parametrize("history", ["", "o", "f", "o" * 21, "f" * 21, "o" * 1000])
def test_what_never_changes_has_no_share(history: str) -> None:
    assert change_share(history) == 0


def test_what_changes_at_each_of_20_looks_has_the_whole_share() -> None:
    assert change_share("of" * 10 + "o") == pytest.approx(sum(0.8 + 0.02 * i for i in range(20)) / 20)
    assert change_share("of" * 10 + "o") == pytest.approx(0.99)


def test_the_newest_change_weighs_most() -> None:
    assert change_share("o" * 20 + "f") == pytest.approx((0.8 + 0.02 * 19) / 20)
    assert change_share("o" + "f" * 20) == pytest.approx(0.8 / 20)


def test_changes_older_than_20_looks_do_not_count() -> None:
    assert change_share("of" + "f" * 20) == 0


def test_a_short_history_counts_as_if_nothing_had_changed_before() -> None:
    assert change_share("of") == pytest.approx(change_share("o" * 20 + "f"))


def test_5_changes_in_a_row_are_no_flapping_6_are() -> None:
    assert not flaps("ofofof")
    assert flaps("ofofofo")


def test_one_crash_and_its_recovery_are_no_flapping() -> None:
    assert not flaps("o" * 18 + "fo")


def test_exactly_the_share_does_not_begin_and_does_not_end_it() -> None:
    history = "o" * 10 + "ofofofo"
    share = change_share(history)
    assert not is_flapping(history, before=False, begins=share, ends=share)
    assert is_flapping(history, before=True, begins=share, ends=share)
    assert is_flapping(history, before=False, begins=share - 1e-9, ends=0)
    assert not is_flapping(history, before=True, begins=1, ends=share + 1e-9)


def test_it_ends_only_below_the_smaller_share() -> None:
    history, seen = "ofofofo", []
    for _ in range(25):
        seen.append((change_share(history), flaps(history, before=True)))
        history += "o"
    assert all(flapping == (share >= ENDS) for share, flapping in seen)
    assert [flapping for _, flapping in seen] == sorted((flapping for _, flapping in seen), reverse=True)
    assert any(ENDS <= share <= BEGINS and flapping for share, flapping in seen)
    assert not seen[-1][1]


@given(st.text("of", max_size=60))
def test_the_share_is_that_of_the_weighted_changes(history: str) -> None:
    changes = [before != after for before, after in pairwise(history)][::-1][:LOOKS]
    expected = sum(0.8 + 0.02 * (LOOKS - 1 - age) for age, changed in enumerate(changes) if changed) / LOOKS
    assert change_share(history) == pytest.approx(expected)
    assert 0 <= change_share(history) <= 1
