"""The arguments of a call, as values."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from guardian.scanner.scopes import Scope
from guardian.scanner.values import Const, Map, Seq, Value

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator


class Call:
    """`more`: there are further positional arguments that are not known; `more_keywords`: likewise by name."""

    __slots__ = ("args", "keywords", "more", "more_keywords", "node", "scope")

    def __init__(
        self,
        args: tuple[Value, ...] = (),
        keywords: Mapping[str, Value] | None = None,
        *,
        more: bool = False,
        more_keywords: bool = False,
        node: ast.expr | None = None,
        scope: Scope | None = None,
    ) -> None:
        self.args = args
        self.keywords = keywords or {}
        self.more = more
        self.more_keywords = more_keywords
        self.node = node
        self.scope = scope

    def arg(self, index: int, *names: str) -> Value | None:
        """None where it is not given, for all that is known."""
        if 0 <= index < len(self.args):
            return self.args[index]
        return next((self.keywords[name] for name in names if name in self.keywords), None)

    def first(self) -> Value:
        return self.args[0] if self.args else ()

    def after(self, count: int) -> Call:
        """Without the first arguments."""
        return Call(
            self.args[count:],
            self.keywords,
            more=self.more,
            more_keywords=self.more_keywords,
            node=self.node,
            scope=self.scope,
        )

    def behind(self, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Call:
        """With arguments given before (functools.partial)."""
        return Call(
            (*args, *self.args),
            {**keywords, **self.keywords},
            more=self.more,
            more_keywords=self.more_keywords,
            node=self.node,
            scope=self.scope,
        )


def call_of(node: ast.Call, scope: Scope, evaluator: Evaluator) -> Call:
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    more = more_keywords = False
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            more = _spread(evaluator.value(argument.value, scope), args) or more
        else:
            args.append(evaluator.value(argument, scope))
    for keyword in node.keywords:
        value = evaluator.value(keyword.value, scope)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        else:
            more_keywords = _merged(value, keywords) or more_keywords
    return Call(tuple(args), keywords, more=more, more_keywords=more_keywords, node=node, scope=scope)


def _spread(value: Value, args: list[Value]) -> bool:
    """Whether some of them are not known."""
    if len(value) == 1 and isinstance(value[0], Seq):
        args.extend(value[0].items)
        if value[0].rest:
            args.append(value[0].rest)
            return True
        return False
    if len(value) == 1 and isinstance(value[0], Const) and isinstance(value[0].value, str):
        args.extend((Const(letter),) for letter in value[0].value[:16])
        return False
    return True


def _merged(value: Value, keywords: dict[str, Value]) -> bool:
    for atom in value:
        if isinstance(atom, Map) and not atom.rest:
            keywords.update({str(name): each for name, each in atom.entries.items()})
        else:
            return True
    return False
