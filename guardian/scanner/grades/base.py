"""What the grades have in common. A grade is a function (context, entry, call) -> what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from guardian.scanner.calls import Call
from guardian.scanner.report import Severity
from guardian.scanner.rules.base import Entry
from guardian.scanner.values import NOTHING_KNOWN, Const, Map, Seq, Value

if TYPE_CHECKING:
    from guardian.scanner.policy import Policy

REVIEW, BLOCK = Severity.REVIEW, Severity.BLOCK


class Found(NamedTuple):
    """`severity` None: the rule's own."""

    rule: str
    what: str
    severity: Severity | None = None


class Context(NamedTuple):
    """`deletes_folders`: the script removes folders somewhere, so that removing what is listed empties them first."""

    policy: Policy
    deletes_folders: bool = False


Grade = Callable[[Context, Entry, Call], Iterable[Found]]


def argument(entry: Entry, call: Call) -> Value | None:
    """The argument that matters; unknown where it may be among those that are not known; None where it is not given."""
    value = call.arg(entry.at, *entry.names)
    if value is None and ((call.more and entry.at >= 0) or call.more_keywords):
        return NOTHING_KNOWN
    return value


def surely_false(value: Value) -> bool:
    return bool(value) and all(isinstance(each, Const) and not each.value for each in value)


def leaves(value: Value | None, *kinds: type[Seq | Map]) -> Iterable[object]:
    """What is in containers of these kinds and in those within them, each container once: containers of the same
    containers have more ways through them than anybody can go."""
    stack, seen = [value or ()], set[int]()
    while stack:
        for atom in stack.pop():
            if not isinstance(atom, kinds):
                yield atom
            elif id(atom) not in seen:
                seen.add(id(atom))
                stack.append(atom.any())
