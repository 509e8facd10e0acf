"""Folders that look like task folders: JSON files with a state or a status. Bounded in time, depth and number."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

_KEYS = ("state", "status")
_DEPTH = 3
_MOST_FOLDERS = 500
_MOST_NAMES = 1000
_SAMPLE = 20
_LARGEST = 65_536
_LONGEST_STATE = 40
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


@dataclass(frozen=True)
class TaskFolder:
    """`files` counts its JSON files; `states` those of the ones that were read, `key` where the state stands."""

    path: Path
    files: int
    key: str
    states: Mapping[str, int]


def task_folders(roots: Sequence[Path], deadline: float) -> Sequence[TaskFolder]:
    """`deadline` is one of time.monotonic."""
    found: list[TaskFolder] = []
    for number, folder in enumerate(_folders(roots)):
        if number >= _MOST_FOLDERS or time.monotonic() > deadline:
            break
        with suppress(OSError):
            found += _read(folder)
    return found


def _folders(roots: Sequence[Path]) -> Iterator[Path]:
    """Level by level; hidden folders and links are left out."""
    met: set[Path] = set()
    level = list(roots)
    for _ in range(_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            if folder in met:
                continue
            met.add(folder)
            yield folder
            with suppress(OSError), os.scandir(folder) as entries:
                below += [Path(entry.path) for entry in islice(entries, _MOST_NAMES) if _inside(entry)]
        level = below


def _inside(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in _SKIPPED


def _read(folder: Path) -> Sequence[TaskFolder]:
    """At most one: the folder itself, when at least half of what was read has a state."""
    with os.scandir(folder) as entries:
        files = [Path(entry.path) for entry in islice(entries, _MOST_NAMES) if entry.name.endswith(".json")]
    told = [state for file in sorted(files)[:_SAMPLE] for state in [_state(file)]]
    known = [state for state in told if state is not None]
    if not known or 2 * len(known) < len(told):
        return []
    (key, _), *_ = Counter(key for key, _ in known).most_common(1)
    states = Counter(state for own, state in known if own == key)
    return [TaskFolder(folder, len(files), key, dict(states.most_common()))]


def _state(file: Path) -> tuple[str, str] | None:
    """(key, state) of what looks like a task."""
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return None
        task = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(task, dict):
        return None
    states = ((key, task.get(key)) for key in _KEYS)
    return next(((key, s) for key, s in states if isinstance(s, str) and 0 < len(s) <= _LONGEST_STATE), None)
