"""A plain guardian.ports.EntryReader for tests: one real file, read from where it stopped."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardian.model import JSON
from guardian.ports import Entries, LogEntry


@dataclass(frozen=True)
class OneFile:
    """guardian.ports.EntryReader over the file that the first pattern names."""

    def read(self, patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
        path, began = Path(patterns[0]), cursor if isinstance(cursor, int) else 0
        if not path.exists():
            return Entries((), cursor, absent=cursor is None, troubles=() if cursor is None else ("it is gone",))
        data = path.read_bytes()[began : began + limit_bytes]
        whole = data[: data.rfind(b"\n") + 1]
        entries, at = [], began
        for line in whole.splitlines(keepends=True):
            entries.append(_entry(f"{path.name}:{at}", line))
            at += len(line)
        return Entries(entries, at, behind_bytes=path.stat().st_size - at)


def _entry(place: str, line: bytes) -> LogEntry:
    try:
        found = json.loads(line)
    except ValueError as error:
        return LogEntry(place, None, str(error))
    return LogEntry(place, found) if isinstance(found, dict) else LogEntry(place, None, "no object")


def append(path: Path, *lines: Mapping[str, Any]) -> None:
    with path.open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
