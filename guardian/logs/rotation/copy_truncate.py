"""Copy a log and empty it: the last resort, only where the operator allows it. What is written between the last copy
and the emptying is lost, and how much that can be is said."""

import os
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from guardian.logs.rotation.archives import PARTIAL, hidden, new_name, publish
from guardian.logs.rotation.copying import append_rest, copy_out, same
from guardian.logs.rotation.note import Begun, Note
from guardian.ports import Way

_ROUNDS = 5


def begin(log: Path, handle: int, note: Note, now: datetime) -> str:
    """Raises OSError."""
    found = os.fstat(handle)
    begun = Begun(Way.COPY_TRUNCATE, found.st_dev, found.st_ino, new_name(log, now), length=found.st_size)
    note.write(begun)
    return _copied(log, handle, begun, note)


def resume(log: Path, handle: int, begun: Begun, note: Note) -> str:
    """A copy that the log still begins with was not followed by the emptying: it is made anew."""
    part = hidden(log, PARTIAL)
    if not begun.copied:
        return _copied(log, handle, begun, note)
    if not part.exists():
        return _ended(log, begun, note, begun.length, "")
    with part.open("rb") as copy:
        emptied = not same(handle, copy.fileno(), begun.length)
    return _ended(log, begun, note, part.stat().st_size, "") if emptied else _copied(log, handle, begun, note)


def _copied(log: Path, handle: int, begun: Begun, note: Note) -> str:
    part, began = hidden(log, PARTIAL), time.monotonic()
    copy_out(handle, part, begun.length)
    end = begun.length
    for _ in range(_ROUNDS):
        before, end = end, append_rest(handle, part, end)
        if end == before:
            break
    note.write(replace(begun, copied=True))
    grew, took = end - begun.length, time.monotonic() - began
    copied = time.monotonic()
    os.ftruncate(handle, 0)
    gap = time.monotonic() - copied
    at_its_pace = int(grew / took * gap) + 1 if grew else 0
    lost = f"; what was written within {gap * 1000:.1f} ms may be lost, about {at_its_pace} bytes at its pace"
    return _ended(log, begun, note, end, lost)


def _ended(log: Path, begun: Begun, note: Note, length: int, lost: str) -> str:
    publish(hidden(log, PARTIAL), log.parent / begun.archive)
    note.done()
    return f"{length} bytes of {log.name} copied to {begun.archive}{lost}"
