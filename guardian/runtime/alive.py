"""The sign of life of a part that has none in the store: a file in the state directory, there while the part runs."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from guardian.errors import NotRunning
from guardian.runtime.statedir import write_json

_DEAD_AFTER_SECONDS = 60


def file_of(part: str) -> str:
    return f"{part}-alive.json"


def sign(state: Path, part: str, age: float = 0) -> None:
    """It worked `age` seconds ago. A disk that is full shows in the probe, and stops nothing."""
    with suppress(OSError):
        write_json(state / file_of(part), {"pid": os.getpid(), "at": time.time() - age})


def end(state: Path, part: str) -> None:
    (state / file_of(part)).unlink(missing_ok=True)


def proven(state: Path, part: str, now: float) -> None:
    """For the health probe: the part in this directory has worked lately. Raises NotRunning."""
    try:
        at = float(json.loads((state / file_of(part)).read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, TypeError, KeyError):
        raise NotRunning(f"no {part} runs in {state}") from None
    if now - at > _DEAD_AFTER_SECONDS:
        raise NotRunning(f"the {part} in {state} hangs: its last sign of life was {now - at:.0f} s ago")
