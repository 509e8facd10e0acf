"""Groups of like queues: when one is badly uneven, and what makes it even."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.decide.balance import Move, Uneven, moves_to_even, uneven


@pytest.mark.parametrize(
    ("depths", "found"),
    [
        ({"a": (60, 60), "b": (0, 0)}, Uneven("a", "b", 60, 0)),
        ({"a": (20, 20), "b": (0, 0)}, Uneven("a", "b", 20, 0)),
        ({"a": (19, 19), "b": (0, 0)}, None),
        ({"a": (300, 300), "b": (100, 100)}, Uneven("a", "b", 300, 100)),
        ({"a": (299, 299), "b": (100, 100)}, None),
        ({"a": (5, 900), "b": (0, 0)}, None),
        ({"a": (900, 900), "b": (0, 900)}, None),
        ({"a": (900, 900)}, None),
        ({}, None),
        ({"a": (50, 50), "b": (90, 90), "c": (10, 10)}, Uneven("b", "c", 90, 10)),
    ],
)
def test_a_group_is_uneven_by_factor_and_by_number_at_both_ends(
    depths: dict[str, tuple[int, int]], found: Uneven | None
) -> None:
    assert uneven(depths, times=3.0, least=20) == found


@pytest.mark.parametrize(
    ("depths", "most", "moves"),
    [
        ({"a": 61, "b": 0}, 100, [Move("a", "b", 30)]),
        ({"a": 61, "b": 0}, 7, [Move("a", "b", 7)]),
        ({"a": 300, "b": 0, "c": 0}, 1000, [Move("a", "b", 100), Move("a", "c", 100)]),
        ({"a": 90, "b": 90, "c": 0}, 1000, [Move("a", "c", 30), Move("b", "c", 30)]),
        ({"a": 3, "b": 3}, 100, []),
        ({"a": 1, "b": 0}, 100, []),
        ({"a": 5}, 100, []),
        ({}, 100, []),
    ],
)
def test_items_go_from_the_deepest_to_the_shallowest_until_all_are_even(
    depths: dict[str, int], most: int, moves: list[Move]
) -> None:
    assert list(moves_to_even(depths, most)) == moves


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10_000)), st.integers(0, 5000))
def test_moves_lose_nothing_and_are_bounded(depths: dict[str, int], most: int) -> None:
    left = dict(depths)
    for move in moves_to_even(depths, most):
        assert move.count > 0
        left[move.source] -= move.count
        left[move.to] += move.count
        assert left[move.source] >= 0
    assert sum(left.values()) == sum(depths.values())
    assert sum(max(0, depths[name] - left[name]) for name in depths) <= most
    if most == 5000 and sum(depths.values()) < 5000:
        assert max(left.values(), default=0) - min(left.values(), default=0) <= 2 * len(depths)
