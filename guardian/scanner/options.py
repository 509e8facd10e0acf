"""What the command line gives where it gives nothing: defaults of argparse, and of click and typer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from guardian.scanner.values import Value, join

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator
    from guardian.scanner.scopes import Function

_PARSED = (".parse_args()", ".parse_known_args()[]", ".parse_intermixed_args()")
_MOST = 64


def parsed(evaluator: Evaluator, path: str, name: str) -> Value:
    """The defaults of `name`, an attribute of what a parser gives."""
    if not path.endswith(_PARSED):
        return ()
    places = evaluator.program.callers.get("add_argument", ())[:_MOST]
    return join(*(_default(evaluator, each.node, each.scope, name) for each in places))


def declared(evaluator: Evaluator, function: Function, name: str) -> Value:
    """The defaults of a parameter that decorators declare: `@click.option("--path", default=...)`."""
    decorators = getattr(function.node, "decorator_list", ())[:_MOST]
    return join(*(_default(evaluator, each, function.outer, name) for each in decorators))


def _default(evaluator: Evaluator, node: ast.AST, scope: object, name: str) -> Value:
    if not isinstance(node, ast.Call) or name not in _names(node):
        return ()
    return join(*(evaluator.value(each.value, scope) for each in node.keywords if each.arg == "default"))  # type: ignore[arg-type]


def _names(node: ast.Call) -> set[str]:
    told = (*node.args, *(each.value for each in node.keywords if each.arg == "dest"))
    words = [each.value for each in told if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return {word.lstrip("-").replace("-", "_") for word in words}
