"""All rules, put together from the files of this folder: a new group is a new file."""

import os
from importlib import import_module

from guardian.scanner.report import Rule
from guardian.scanner.rules.base import Entry

_FILES = sorted(name.removesuffix(".py") for name in os.listdir(__path__[0]) if name.endswith(".py"))  # noqa: PTH208
GROUPS = {name: import_module(f"{__name__}.{name}") for name in _FILES if name not in ("__init__", "base")}
RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in sorted((each for group in GROUPS.values() for each in group.RULES), key=lambda each: each.id)
}
ENTRIES: dict[str, Entry] = {path: entry for group in GROUPS.values() for path, entry in group.ENTRIES.items()}
IMPORTS: dict[str, str] = {module: rule for group in GROUPS.values() for module, rule in group.IMPORTS.items()}
EXEMPT = frozenset(
    [
        "importlib.metadata",
        "importlib.resources",
        "importlib.abc",
        "importlib_metadata",
        "importlib_resources",
        "dbm.dumb.error",
    ]
)
"""Modules below those of IMPORTS that do no harm."""
