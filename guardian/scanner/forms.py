"""What each form of expression gives: functions (evaluator, node, scope) -> value."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from guardian.scanner import attributes, constants, containers, fold
from guardian.scanner.calls import call_of
from guardian.scanner.operations import operation
from guardian.scanner.scopes import Scope
from guardian.scanner.text import concatenated
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Const,
    Func,
    Map,
    Own,
    Seq,
    Space,
    Unknown,
    Value,
    const,
    join,
    single,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator

MOST_WRITTEN = 400
"""Items of a container as it stands in the script, and rounds of a comprehension."""

Handler = Callable[["Evaluator", Any, Scope], Value]


def _name(evaluator: Evaluator, node: ast.Name, scope: Scope) -> Value:
    return evaluator.lookup(node.id, scope, node.lineno)


def _attribute(evaluator: Evaluator, node: ast.Attribute, scope: Scope) -> Value:
    return attributes.of(evaluator, evaluator.value(node.value, scope), node.attr)


def _call(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Value:
    target = evaluator.value(node.func, scope)
    if all(isinstance(atom, Unknown) for atom in target):
        return target
    return evaluator.apply(target, call_of(node, scope, evaluator))


def _subscript(evaluator: Evaluator, node: ast.Subscript, scope: Scope) -> Value:
    value = evaluator.value(node.value, scope)
    if all(isinstance(atom, Unknown) for atom in value):
        return value
    if isinstance(node.slice, ast.Slice):
        bounds = (node.slice.lower, node.slice.upper, node.slice.step)
        known = [single(evaluator.value(each, scope)) if each else None for each in bounds]
        place = slice(*known) if all(each is None or isinstance(each, int) for each in known) else None
        return attributes.at(evaluator, value, NOTHING_KNOWN, place)
    return attributes.at(evaluator, value, evaluator.value(node.slice, scope), None)


def _binary(evaluator: Evaluator, node: ast.BinOp, scope: Scope) -> Value:
    """Along the left side without recursion: sums of a thousand terms are made by machines."""
    operands: list[tuple[type[ast.operator], ast.expr]] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        operands.append((type(left.op), left.right))
        left = left.left
    value = evaluator.value(left, scope)
    for kind, right in reversed(operands):
        value = operation(kind, value, evaluator.value(right, scope))
    return value


def _joined(evaluator: Evaluator, node: ast.JoinedStr, scope: Scope) -> Value:
    return concatenated([_piece(evaluator, each, scope) for each in node.values])


def _piece(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Value:
    if not isinstance(node, ast.FormattedValue):
        return evaluator.value(node, scope)
    value = evaluator.value(node.value, scope)
    if node.format_spec is None and node.conversion in (-1, 115):
        return value
    spec = single(evaluator.value(node.format_spec, scope)) if node.format_spec else ""
    exact = single(value)
    if exact is NotImplemented or not isinstance(spec, str):
        return NOTHING_KNOWN
    try:
        shown = ascii(exact) if node.conversion == 97 else repr(exact) if node.conversion == 114 else exact  # noqa: PLR2004
        return const(fold.method("{:" + spec + "}", "format", [shown], {}))
    except fold.Unfolded:
        return NOTHING_KNOWN


def _either(evaluator: Evaluator, node: ast.IfExp, scope: Scope) -> Value:
    return join(evaluator.value(node.body, scope), evaluator.value(node.orelse, scope))


def _bool(evaluator: Evaluator, node: ast.BoolOp, scope: Scope) -> Value:
    values = [evaluator.value(each, scope) for each in node.values]
    exact = [single(each) for each in values]
    if NotImplemented not in exact:
        picked = exact[0]
        for each in exact[1:]:
            picked = (picked and each) if isinstance(node.op, ast.And) else (picked or each)
        return const(picked)
    if isinstance(node.op, ast.And) and False in exact:
        return _FALSE
    return join(*values)


def _unary(evaluator: Evaluator, node: ast.UnaryOp, scope: Scope) -> Value:
    exact: Any = single(evaluator.value(node.operand, scope))
    if isinstance(exact, int | float | str | bytes) or exact is None:
        if isinstance(node.op, ast.Not):
            return const(not exact)
        if isinstance(exact, int | float):
            return (
                const(-exact if isinstance(node.op, ast.USub) else exact)
                if not isinstance(node.op, ast.Invert)
                else const(~int(exact))
            )
    return NOTHING_KNOWN


def _compare(evaluator: Evaluator, node: ast.Compare, scope: Scope) -> Value:
    exact = [constants.plain(evaluator.value(each, scope)) for each in (node.left, *node.comparators)]
    if NotImplemented in exact:
        return NOTHING_KNOWN
    try:
        return const(all(fold.compare(type(op), exact[i], exact[i + 1]) for i, op in enumerate(node.ops)))
    except fold.Unfolded:
        return NOTHING_KNOWN


def _sequence(evaluator: Evaluator, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
    items: list[Value] = []
    rest: Value = ()
    for each in node.elts[:MOST_WRITTEN]:
        if not isinstance(each, ast.Starred):
            (items.append(evaluator.value(each, scope)) if not rest else None)
            rest = join(rest, evaluator.value(each, scope)) if rest else ()
            continue
        spread = evaluator.value(each.value, scope)
        if len(spread) == 1 and isinstance(spread[0], Seq) and not spread[0].rest and not rest:
            items.extend(spread[0].items)
        else:
            rest = join(rest, containers.contents(spread))
    if len(node.elts) > MOST_WRITTEN:
        rest = join(rest, NOTHING_KNOWN)
    return (Seq(tuple(items), rest),)


def _dict(evaluator: Evaluator, node: ast.Dict, scope: Scope) -> Value:
    entries: dict[object, Value] = {}
    rest: Value = ()
    spread = [evaluator.value(item, scope) for key, item in zip(node.keys, node.values, strict=True) if key is None]
    spaces = tuple(atom for value in spread for atom in value if isinstance(atom, Space | Own))
    for key, item in list(zip(node.keys, node.values, strict=True))[:MOST_WRITTEN]:
        value = evaluator.value(item, scope)
        exact = single(evaluator.value(key, scope)) if key is not None else NotImplemented
        if isinstance(exact, str | int | bytes | None):
            entries[exact] = value
        elif key is None and len(value) == 1 and isinstance(value[0], Map):
            entries.update(value[0].entries)
            rest = join(rest, value[0].rest)
        else:
            rest = join(rest, value)
    return (Map(entries, rest), *spaces)


def _comprehension(evaluator: Evaluator, node: Any, scope: Scope) -> Value:
    inner = evaluator.program.comprehensions.get(node)
    if inner is None:
        return NOTHING_KNOWN
    tried = (
        _each(evaluator, node, scope, inner)
        if len(node.generators) == 1 and not isinstance(node, ast.DictComp)
        else None
    )
    if tried is not None:
        return tried
    if isinstance(node, ast.DictComp):
        return (Map({}, evaluator.value(node.value, inner)),)
    return (Seq((), evaluator.value(node.elt, inner)),)


def _each(evaluator: Evaluator, node: Any, scope: Scope, inner: Scope) -> Value | None:
    """Item by item, where all items are known."""
    generator = node.generators[0]
    items = containers.items(evaluator.value(generator.iter, scope))
    if items is None or len(items) > MOST_WRITTEN or not all(_is_plain(each) for each in items):
        return None
    found: list[Value] = []
    for item in items:
        given = _targets(evaluator, generator.target, item)
        result = evaluator.under(inner, given, lambda: _passed(evaluator, node, generator, inner)) if given else None
        if result is None:
            return None
        if result != _LEFT_OUT:
            found.append(result)
    return (Seq(tuple(found)),)


def _passed(evaluator: Evaluator, node: Any, generator: ast.comprehension, inner: Scope) -> Value:
    for test in generator.ifs:
        if single(evaluator.value(test, inner)) in (False, None, 0, ""):
            return _LEFT_OUT
    return evaluator.value(node.elt, inner)


def _walrus(evaluator: Evaluator, node: ast.NamedExpr, scope: Scope) -> Value:
    return evaluator.value(node.value, scope)


def _inner_value(evaluator: Evaluator, node: Any, scope: Scope) -> Value:
    return evaluator.value(node.value, scope)


def _lambda(evaluator: Evaluator, node: ast.Lambda, _scope: Scope) -> Value:
    function = evaluator.program.functions.get(node)
    return (Func(function),) if function else NOTHING_KNOWN


_FALSE = const(value=False)
_LEFT_OUT: Value = (Unknown("left out"),)

HANDLERS: dict[type[Any], Handler] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.BinOp: _binary,
    ast.JoinedStr: _joined,
    ast.IfExp: _either,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.NamedExpr: _walrus,
    ast.Await: _inner_value,
    ast.Starred: _inner_value,
    ast.Lambda: _lambda,
}


def _is_plain(value: Value) -> bool:
    return len(value) == 1 and (isinstance(value[0], Const) or (isinstance(value[0], Seq) and not value[0].rest))


def _targets(evaluator: Evaluator, target: ast.expr, item: Value) -> dict[str, Value]:
    if isinstance(target, ast.Name):
        return {target.id: item}
    if isinstance(target, ast.Tuple | ast.List) and all(isinstance(each, ast.Name) for each in target.elts):
        return {
            each.id: attributes.at(evaluator, item, const(index), None)  # type: ignore[attr-defined]
            for index, each in enumerate(target.elts)
        }
    return {}
