"""A function that dies after its n-th line, as a killed process would, but for what `finally` and `except` do."""

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class _Died(BaseException):
    """Nothing of the code under test catches it."""


def dies_at(number: int, module: str, act: Callable[[], object]) -> bool:
    """Whether `act` died, which it does when the n-th line of this module begins.

    In a thread of its own: where a trace function raises at the end of an `except` block, CPython 3.11 never takes the
    handled exception back, and every later one of that thread has it as its context.
    """
    seen = 0
    ended: list[BaseException | None] = []

    def trace(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        nonlocal seen
        if frame.f_globals.get("__name__") != module:
            return None
        if event == "line":
            seen += 1
            if seen == number:
                raise _Died
        return trace

    def run() -> None:
        sys.settrace(trace)
        try:
            act()
        except BaseException as error:  # noqa: BLE001  handed on below
            ended.append(error)
        else:
            ended.append(None)
        finally:
            sys.settrace(None)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    (error,) = ended
    if error is not None and not isinstance(error, _Died):
        raise error
    return error is not None
