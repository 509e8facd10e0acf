"""The scripts below a folder, in a fixed order, so that a long scan can be taken up where it was left."""

import os
import stat
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__", "node_modules", ".tox", ".nox", ".mypy_cache"})
_SUFFIXES = (".py", ".pyw", ".pyi")
_ENVIRONMENT = "pyvenv.cfg"
_FIRST_LINE = 100


def scripts(
    folder: Path,
    *,
    exclude: tuple[str, ...] = (),
    everything: bool = False,
    left_out: Callable[[str], None] = lambda _: None,
    failed: Callable[[OSError], None] = lambda _: None,
) -> Iterator[Path]:
    """Python files by name or by first line. Follows no link to a folder. `left_out` hears of each folder that is no
    place for scripts (version control, caches, virtual environments) unless `everything` is wanted; `failed` of each
    that cannot be read."""
    for here, folders, files in os.walk(folder, onerror=failed):
        kept = []
        for name in sorted(folders):
            path = os.path.join(here, name)  # noqa: PTH118  a Path for each is slow
            if _excluded(path, name, exclude):
                continue
            if not everything and (name in LEFT_OUT or os.path.exists(os.path.join(path, _ENVIRONMENT))):  # noqa: PTH110, PTH118
                left_out(path)
            else:
                kept.append(name)
        folders[:] = kept
        for name in sorted(files):
            path = os.path.join(here, name)  # noqa: PTH118
            if not _excluded(path, name, exclude) and is_script(path):
                yield Path(path)


def is_script(path: str) -> bool:
    if path.lower().endswith(_SUFFIXES):
        return True
    if "." in os.path.basename(path):  # noqa: PTH119
        return False
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            return False
        with open(path, "rb") as file:  # noqa: PTH123
            line = file.readline(_FIRST_LINE)
    except OSError:
        return False
    return line.startswith(b"#!") and b"python" in line


def _excluded(path: str, name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, each) or fnmatchcase(path, each) for each in patterns)
