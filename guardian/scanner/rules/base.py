"""The form of a rule file: `RULES`, what they say; `ENTRIES`, which names they are about and how a use of one is
graded; `IMPORTS`, the modules whose import is the finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from guardian.scanner.report import Severity


class Entry(NamedTuple):
    """One name. `grade`: a function of grades/ by its name; `always`: any mention counts, `call`: any call.
    `at`, `names`: where the argument that matters stands. `severity`: where it differs from the rule's own."""

    rule: str
    grade: str = "always"
    at: int = 0
    names: tuple[str, ...] = ()
    severity: Severity | None = None


def entries(
    rule: str, names: str, grade: str = "always", at: int = 0, args: str = "", severity: Severity | None = None
) -> Mapping[str, Entry]:
    """For names that are separated by blanks; `{a, b}` in one stands for both."""
    names = ",".join(map(str.strip, names.split(",")))  # a choice is one word
    entry = Entry(rule, grade, at, tuple(args.split()), severity)
    return {name: entry for written in names.split() for name in _spread(written)}


def _spread(written: str) -> list[str]:
    head, brace, rest = written.partition("{")
    if not brace:
        return [written]
    inside, _, tail = rest.partition("}")
    return [each for choice in inside.split(",") for each in _spread(head + choice + tail)]
