"""Addresses that stand in a script as text, whatever is done with them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from guardian.scanner import addresses
from guardian.scanner.evaluate import Evaluator
from guardian.scanner.scopes import Scope
from guardian.scanner.text import Parts, parts_of, shown
from guardian.scanner.values import Const, Text

_ASKING = frozenset(
    ["startswith", "endswith", "find", "index", "count", "split", "partition", "rpartition", "removeprefix", "strip"]
)
"""What a comparison is made with, nobody goes to."""


def judged(
    evaluator: Evaluator, statement: ast.AST, scope: Scope, allowlist: Iterable[str]
) -> Iterator[tuple[ast.AST, str]]:
    """The expressions of a statement that are an address which is not on the list, and what is wrong with it."""
    for node, parts in _addresses(evaluator, statement, scope):
        verdict = None if shown(parts).rstrip("/\\ ").endswith(":") else addresses.literal(parts, allowlist)
        if verdict:  # else it is on the list, or a scheme alone
            yield node, verdict


def _addresses(evaluator: Evaluator, statement: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Parts]]:
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        grown = ast.copy_location(ast.Name(statement.target.id, ast.Load()), statement)
        yield from ((grown, parts) for parts in _as_address(evaluator, grown, scope))
        return
    for expression, where in _expressions(statement, scope):
        yield from _widest(evaluator, expression, where)


def _widest(evaluator: Evaluator, root: ast.expr, scope: Scope) -> Iterator[tuple[ast.AST, Parts]]:
    """The widest expressions that are an address; pieces of one are not looked at again."""
    stack: list[ast.AST] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Constant | ast.BinOp | ast.JoinedStr | ast.Call):
            found = _as_address(evaluator, node, scope)
            if found:
                yield from ((node, parts) for parts in found)
                continue
        if isinstance(node, ast.Compare) or _only_asks(node):
            continue
        stack.extend(each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr | ast.keyword))


def _as_address(evaluator: Evaluator, node: ast.expr, scope: Scope) -> list[Parts]:
    if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
        return []
    texts = (
        parts_of(atom)
        for atom in evaluator.value(node, scope)
        if isinstance(atom, Const | Text) and not isinstance(getattr(atom, "value", ""), int | float)
    )
    return [parts for parts in texts if addresses.is_address(parts)]


def _only_asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING


def _expressions(statement: ast.AST, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield child, scope
        elif isinstance(child, ast.withitem):
            yield child.context_expr, scope
        elif isinstance(child, ast.arguments):
            for each in (*child.defaults, *child.kw_defaults):
                if each is not None:
                    yield each, scope
        elif isinstance(child, ast.keyword):
            yield child.value, scope
