"""A function that dies after its n-th line, as a killed process would, but for what `finally` and `except` do."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Died(BaseException):
    """Nothing of the code under test catches it."""


@contextmanager
def dying_at(number: int, *modules: str) -> Iterator[list[int]]:
    """Raises Died when the n-th line of these modules begins; gives how many lines there were."""
    seen = [0]

    def trace(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if frame.f_globals.get("__name__") not in modules:
            return None
        if event == "line":
            seen[0] += 1
            if seen[0] == number:
                raise Died
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield seen
    finally:
        sys.settrace(before)
