"""What the operators give: of constants the constant, of what is known in part what can be said."""

from __future__ import annotations

import ast

from guardian.scanner import constants, fold, methods
from guardian.scanner.text import made, parts_of
from guardian.scanner.values import NOTHING_KNOWN, Atom, Const, Map, Seq, Text, Value, const, join


def operation(kind: type[ast.operator], left: Value, right: Value) -> Value:
    pairs = [(one, other) for one in left or NOTHING_KNOWN for other in right or NOTHING_KNOWN]
    return join(*(_operated(kind, one, other) for one, other in pairs[:16])) or NOTHING_KNOWN


def _operated(kind: type[ast.operator], left: Atom, right: Atom) -> Value:
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return const(fold.binary(kind, left.value, right.value))
        except fold.Unfolded:
            return NOTHING_KNOWN
    if kind is ast.Div and (_is_text(left) or _is_text(right)):  # nothing but a path is divided by a text
        return methods.joined_path([(left,), (right,)], path=True)
    if kind is ast.Add:
        return _added(left, right)
    if kind is ast.BitOr and isinstance(left, Map) and isinstance(right, Map):
        return (Map({**left.entries, **right.entries}, join(left.rest, right.rest)),)
    if kind is ast.Mod and isinstance(left, Const) and isinstance(left.value, str):
        return constants.percent(left.value, right)
    if kind is ast.Mult:
        sequence = left if isinstance(left, Seq) else right if isinstance(right, Seq) else None
        return (Seq((), sequence.any()),) if sequence else NOTHING_KNOWN
    return NOTHING_KNOWN


def _added(left: Atom, right: Atom) -> Value:
    if isinstance(left, Seq) and isinstance(right, Seq):
        if left.rest:
            return (Seq(left.items, join(left.rest, right.any())),)
        return (Seq((*left.items, *right.items), right.rest),)
    if isinstance(left, Seq) or isinstance(right, Seq):
        known = left if isinstance(left, Seq) else right
        return (Seq((), join(known.any(), NOTHING_KNOWN)),)  # type: ignore[attr-defined]
    if _is_text(left) or _is_text(right):
        return (made((*parts_of(left), *parts_of(right))),)
    return NOTHING_KNOWN


def _is_text(atom: Atom) -> bool:
    return isinstance(atom, Text) or (isinstance(atom, Const) and isinstance(atom.value, str | bytes))
