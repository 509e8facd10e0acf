"""All rules, put together from the files of this folder: a new group is a new file."""

from importlib import import_module
from pkgutil import iter_modules

from guardian.scanner.report import Rule
from guardian.scanner.rules.base import Entry

GROUPS = {each.name: import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__) if each.name != "base"}
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
