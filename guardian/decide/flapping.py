"""Flapping after Icinga 2: the share of state changes over the last looks, the newest weighted most.

Source: Icinga 2 documentation, "Check Flapping": 20 looks, weights rising evenly from 0.8 (oldest) to 1.2 less one
step (newest), so 0.8 + 0.02 * i for the i-th of 20.
"""

from itertools import pairwise

LOOKS = 20
_FIRST, _STEP = 0.8, 0.02


def change_share(history: str) -> float:
    """The weighted share of changes in `history` (letters, newest last), 0 to about 1. Fewer than 20 looks count
    as if nothing had changed before them."""
    recent = history[-(LOOKS + 1) :]
    changes = [before != after for before, after in pairwise(recent)]
    offset = LOOKS - len(changes)
    return sum(_FIRST + _STEP * (offset + i) for i, changed in enumerate(changes) if changed) / LOOKS


def is_flapping(history: str, *, before: bool, begins: float, ends: float) -> bool:
    """Whether the target flaps now: begins above one share, ends below a smaller one."""
    share = change_share(history)
    return share >= ends if before else share > begins
