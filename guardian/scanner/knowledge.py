"""What is known of the world outside of the script: all rules put together, and the other names of things."""

from __future__ import annotations

import builtins
import re
from functools import lru_cache

from guardian.scanner.names import ALIASES, MODULES, REEXPORTED
from guardian.scanner.rules import ENTRIES, IMPORTS

BUILTINS = frozenset(dir(builtins)) - {"__doc__", "__name__", "__spec__", "__loader__"}
_ROOTS = frozenset(path.partition(".")[0] for path in ENTRIES) | MODULES | {path.partition(".")[0] for path in IMPORTS}
_POSIX = frozenset(path.partition(".")[2] for path in ENTRIES if path.startswith("os.") and "(" not in path)

_ALIASES = dict(ALIASES)
_PART_ENDS = re.compile(r"[.(]|$")

_ALWAYS = [path for path, entry in ENTRIES.items() if entry.grade == "always"]
NAMES = frozenset(
    {path.partition(".")[2] for path in _ALWAYS if path.startswith("builtins.")} & BUILTINS | {"__loader__"}
)
"""Built-in names to look at wherever they stand."""

_LEADING = frozenset(
    ["__import__", "__loader__", "loader", "__subclasses__", "stdin", "__stdin__", "meta_path", "path_hooks"]
)
_IMPORTED = {name for path in IMPORTS for name in (path.rpartition(".")[2], "_" + path.rpartition(".")[2])}
ATTRIBUTES = frozenset(
    {path.rpartition(".")[2] for path in _ALWAYS}
    | _IMPORTED
    | {old.rpartition(".")[2] for old, new in (*ALIASES, *REEXPORTED.items()) if new in _ALWAYS or new in IMPORTS}
    | _LEADING
)
"""Attributes to look at wherever they stand."""

GRADED = frozenset(
    {path.rpartition(".")[2] for path in ENTRIES}
    | {name for path in MODULES for name in (path.rpartition(".")[2], "_" + path.rpartition(".")[2])}
    | {old.rpartition(".")[2] for old in (*(each for each, _ in ALIASES), *REEXPORTED)}
    | {
        "getattr_static",
        "reduce",
        "__getattribute__",
        "__getitem__",
        "get",
        "pop",
        "setdefault",
        "attrgetter",
        "methodcaller",
        "itemgetter",
    }
    | _LEADING
)
"""Attributes to look at where they are called."""


def matters(path: str) -> bool:
    """Whether any mention of it is a finding."""
    entry = ENTRIES.get(canonical(path))
    return entry is not None and entry.grade == "always"


@lru_cache(maxsize=16_384)  # the scripts name the keys: without an end they would fill the memory
def canonical(path: str) -> str:
    """The one name of a thing that has several."""
    if path in ENTRIES:
        return path
    if path in REEXPORTED:
        return REEXPORTED[path]
    for end in _PART_ENDS.finditer(path):
        old, rest = path[: end.start()], path[end.start() :]
        if old in _ALIASES:
            return canonical(_ALIASES[old] + rest)
    head, _, last = path.rpartition(".")
    if not head:
        return path
    return _reexported(path, head, last)


def _reexported(path: str, head: str, last: str) -> str:
    """Modules import others, which can be had from them: `shutil.os`, `random._os`, `globals()['sys']`."""
    name = last.lstrip("_")
    if head in ("globals()", "sys.modules[]", "globals()[]") and name in _POSIX:
        return f"os.{name}"
    if name not in MODULES or path in MODULES or path in IMPORTS or head.rpartition(".")[2] == last:
        return path
    return name if head in ("globals()", "sys.modules[]", "globals()[]") or _is_module(head) else path


def _is_module(path: str) -> bool:
    """Its last part is written like a module's name."""
    return path.rpartition(".")[2].islower() and not path.endswith(")")


def offers(module: str, name: str) -> bool:
    """Whether `from module import *` gives a name that matters."""
    return f"{module}.{name}" in ENTRIES or canonical(f"{module}.{name}") in ENTRIES or f"{module}.{name}" in MODULES
