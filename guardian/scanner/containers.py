"""What containers hold, and what `with` and loops take out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardian.scanner import attributes
from guardian.scanner.calls import Call
from guardian.scanner.knowledge import canonical
from guardian.scanner.values import (
    MOST_ITEMS,
    NOTHING_KNOWN,
    Const,
    Instance,
    Map,
    Ref,
    Seq,
    Unknown,
    Value,
    const,
    join,
    ref,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator


def by_text(call: Call) -> dict[object, Value]:
    return dict(call.keywords.items())


def items(value: Value) -> list[Value] | None:
    """All items, in order; None where they are not all known."""
    if len(value) != 1:
        return None
    atom = value[0]
    if isinstance(atom, Seq) and not atom.rest:
        return list(atom.items)
    if isinstance(atom, Map) and not atom.rest:
        return [const(key) for key in atom.entries]
    if isinstance(atom, Const) and isinstance(atom.value, str | bytes | tuple) and len(atom.value) <= MOST_ITEMS:
        return [const(each) for each in atom.value]
    return None


def contents(value: Value) -> Value:
    """What a loop over it may give."""
    found = []
    for atom in value:
        if isinstance(atom, Seq):
            found.append(atom.any())
        elif isinstance(atom, Map):
            found.append(tuple(Const(key) for key in atom.entries) + (NOTHING_KNOWN if atom.rest else ()))
        elif isinstance(atom, Const) and isinstance(atom.value, str | bytes):
            found.append(tuple(Const(each) for each in atom.value[:16]))
        elif isinstance(atom, Ref):
            found.append(ref(canonical(f"{atom.path}[]")) if not atom.path.endswith("[][]") else NOTHING_KNOWN)
        elif isinstance(atom, Unknown):
            found.append((atom,))
    return join(*found) or NOTHING_KNOWN


def entered(evaluator: Evaluator, value: Value) -> Value:
    """What `with value as it` gives: mostly the value itself."""
    found = []
    for atom in value:
        if isinstance(atom, Instance):
            method = attributes.of_class(evaluator, atom.of, "__enter__", atom)
            results = tuple(each for each in evaluator.apply(method, Call()) if not isinstance(each, Unknown))
            found.append(join((atom,), results))
        elif isinstance(atom, Seq):
            found.append(atom.any())  # a generator under contextlib.contextmanager
        else:
            found.append((atom,))
    return join(*found)
