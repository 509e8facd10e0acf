"""What the tests around a place say of what happens there."""

from __future__ import annotations

import ast

from guardian.scanner import containers, paths
from guardian.scanner.evaluate import Evaluator
from guardian.scanner.scopes import Place, Scope
from guardian.scanner.values import Value, const, join, single, strings


def possible(evaluator: Evaluator, place: Place, name: str) -> bool:
    """Whether the tests around it may hold when the attribute has that name."""
    variable = _name_argument(place.node)
    if not isinstance(variable, ast.Name):
        return True
    owner: Scope | None = place.scope
    while owner is not None and variable.id not in owner.bindings:
        owner = owner.parent
    if owner is None or len(owner.bindings[variable.id]) != 1:
        return True  # the test may have been about another value of it
    guard = place.guard
    while guard is not None:
        if _fails(evaluator, guard.test, place.scope, owner, {variable.id: const(name)}):
            return False
        guard = guard.outer
    return True


def _fails(evaluator: Evaluator, test: ast.expr, scope: Scope, owner: Scope, given: dict[str, Value]) -> bool:
    result = evaluator.under(owner, given, lambda: evaluator.value(test, scope))
    return result is not None and single(result) is not NotImplemented and not single(result)


def secret_tested(evaluator: Evaluator, place: Place) -> str | None:
    guard = place.guard
    while guard is not None:
        for node in ast.walk(guard.test):
            rule = _named(evaluator, node, place.scope)
            if rule is not None:
                return rule
        guard = guard.outer
    return None


def _named(evaluator: Evaluator, node: ast.AST, scope: Scope) -> str | None:
    if not isinstance(node, ast.Constant | ast.Name):
        return None
    value = evaluator.value(node, scope)
    for text in strings(join(value, containers.contents(value))) if isinstance(node, ast.Name) else strings(value):
        rule = paths.secret((text,)) or (paths.secret(("x" + text,)) if text.startswith(".") else None)
        if rule is not None:
            return rule
    return None


def _name_argument(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Subscript):
        return node.slice
    if isinstance(node, ast.Call) and node.args:
        return node.args[1] if len(node.args) > 1 else node.args[0]
    return None
