"""Attributes whose name is not known, of modules and classes that have dangerous ones."""

from __future__ import annotations

from collections.abc import Iterator

from guardian.scanner import guards
from guardian.scanner.evaluate import Evaluator
from guardian.scanner.grades import Found
from guardian.scanner.report import Severity
from guardian.scanner.rules import ENTRIES
from guardian.scanner.scopes import Place
from guardian.scanner.values import Hidden


def found(evaluator: Evaluator, place: Place, atom: Hidden) -> Iterator[tuple[str, Found]]:
    """An attribute that is not known: each that it may be, by its full name, as far as the tests around it
    allow."""
    prefix = f"{atom.path}."
    names = {path[len(prefix) :] for path in ENTRIES if path.startswith(prefix) and "." not in path[len(prefix) :]}
    names = {name for name in names if "(" not in name and _fits(atom, name)}
    if atom.path == "sys":
        names |= {"modules"}
    left = {name for name in names if guards.possible(evaluator, place, name)}
    narrowed = len(left) < len(names) or atom.name is not None
    rules: dict[str, str] = {}
    for name in sorted(left):
        entry = ENTRIES.get(prefix + name)
        if entry is not None and (entry.grade in ("always", "run", "popen", "url") or narrowed):
            rules.setdefault(entry.rule, name)
    severity = None if narrowed and len(left) <= 3 else Severity.REVIEW  # noqa: PLR2004
    for rule, name in rules.items():
        what = f"perhaps: an attribute of {atom.path} by a name that cannot be told"
        yield f"{atom.path}.{name}", Found(rule, what, severity)


def _fits(atom: Hidden, name: str) -> bool:
    if atom.name is None:
        return True
    rest = name
    parts = atom.name.parts
    if isinstance(parts[0], str) and not name.startswith(parts[0]):
        return False
    if isinstance(parts[-1], str) and not name.endswith(parts[-1]):
        return False
    for part in parts:
        if isinstance(part, str):
            _, found, rest = rest.partition(part)
            if not found:
                return False
    return True
