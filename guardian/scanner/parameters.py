"""What the parameters of a script's own functions are given, by its calls and by what it hands them to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from guardian.scanner import attributes
from guardian.scanner.calls import call_of
from guardian.scanner.containers import by_text, contents
from guardian.scanner.scopes import Function
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Map,
    Ref,
    Seq,
    Value,
    const,
    join,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator


def decorated_as(function: Function, name: str) -> bool:
    decorators = getattr(function.node, "decorator_list", ())
    return any(isinstance(each, ast.Name) and each.id == name for each in decorators)


def given(evaluator: Evaluator, function: Function, name: str, where: object) -> Value | None:
    """What the calls in this script give for a parameter; None where it is never called here."""
    method = function.outer.kind == "class"
    called = function.name
    if method and called == "__init__":
        called = getattr(function.outer.node, "name", "")
    bound = method and not called.startswith("__") and not decorated_as(function, "staticmethod")
    index = where - int(bound) if isinstance(where, int) else None
    names = [called] if called else evaluator.program.called.get(function.node, [])
    found: list[Value] = []
    for each in names:
        found += _from_callers(evaluator, each, name, index, where)
        found += _from_passing(evaluator, each, index)
    if not called:
        found += _of_lambda(evaluator, function, name, index)
    return join(*found) or None if found else None


def _from_callers(evaluator: Evaluator, called: str, name: str, index: int | None, where: object) -> list[Value]:
    found: list[Value] = []
    for place in evaluator.program.callers.get(called, ())[:16]:
        call = call_of(place.node, place.scope, evaluator)  # type: ignore[arg-type]
        if where == "*":
            found.append((Seq(call.args, NOTHING_KNOWN if call.more else ()),))
        elif where == "**":
            found.append((Map(by_text(call), NOTHING_KNOWN if call.more_keywords else ()),))
        else:
            value = call.arg(-1 if index is None else index, name)
            if value is not None:
                found.append(value)
            elif call.more or call.more_keywords:
                found.append(NOTHING_KNOWN)
    return found


def _from_passing(evaluator: Evaluator, called: str, index: int | None) -> list[Value]:
    """Handed to something that will call it: map(f, items), submit(f, a, b), Thread(target=f, args=(a, b))."""
    places = evaluator.program.passed.get(called, ())
    return [_handed(evaluator, node, scope, at, index) for node, scope, at in places[:8] if index is not None]


def _of_lambda(evaluator: Evaluator, function: Function, name: str, index: int | None) -> list[Value]:
    found: list[Value] = []
    for node, scope, at in evaluator.program.lambdas.get(function.node, ()):
        if at < 0:
            value = call_of(node, scope, evaluator).arg(-1 if index is None else index, name)
            found.append(NOTHING_KNOWN if value is None else value)
        elif index is not None:
            found.append(_handed(evaluator, node, scope, at, index))
    return found


def _handed(evaluator: Evaluator, node: ast.Call, scope: Any, at: int | str, index: int) -> Value:
    target = evaluator.value(node.func, scope)
    name = _last(target, node.func)
    if isinstance(at, str):  # Thread(target=f, args=...)
        for keyword in node.keywords:
            if keyword.arg == "args":
                return attributes.at(evaluator, evaluator.value(keyword.value, scope), const(index), None)
        return NOTHING_KNOWN
    others = node.args[at + 1 :]
    if name == "reduce" and others:
        return join(*(contents(evaluator.value(each, scope)) for each in others))
    if name in ("map", "starmap", "filter", "imap", "imap_unordered", "apply_async", "apply") and others:
        if name in ("starmap", "apply_async", "apply"):
            return attributes.at(evaluator, evaluator.value(others[0], scope), const(index), None)
        return contents(evaluator.value(others[min(index, len(others) - 1)], scope))
    if index < len(others) and not isinstance(others[index], ast.Starred):
        return evaluator.value(others[index], scope)
    return NOTHING_KNOWN


def _last(target: Value, func: ast.expr) -> str:
    for atom in target:
        if isinstance(atom, Ref):
            return atom.path.rpartition(".")[2]
    return getattr(func, "attr", getattr(func, "id", ""))
