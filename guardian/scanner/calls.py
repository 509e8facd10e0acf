"""The arguments of a call, as values. Each is looked at only when somebody asks: most calls lead nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

from guardian.scanner.scopes import Scope
from guardian.scanner.values import Const, Map, Seq, Value

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator

_MOST_LETTERS = 16


_Given = Value | ast.expr
"""An argument: what it is, or where it stands."""


class _Args(Sequence[Value]):
    """Each is looked at when it is asked for."""

    __slots__ = ("_evaluator", "_given", "_scope")

    def __init__(self, given: Sequence[_Given], scope: Scope, evaluator: Evaluator) -> None:
        self._given = given
        self._scope = scope
        self._evaluator = evaluator

    def __len__(self) -> int:
        return len(self._given)

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> _Args: ...
    def __getitem__(self, index: int | slice) -> Value | _Args:
        if isinstance(index, slice):
            return _Args(self._given[index], self._scope, self._evaluator)
        given = self._given[index]
        return given if isinstance(given, tuple) else self._evaluator.value(given, self._scope)

    def behind(self, args: Sequence[Value]) -> _Args:
        return _Args([*args, *self._given], self._scope, self._evaluator)


class _Keywords(Mapping[str, Value]):
    """As `_Args`."""

    __slots__ = ("_evaluator", "_given", "_scope")

    def __init__(self, given: Mapping[str, _Given], scope: Scope, evaluator: Evaluator) -> None:
        self._given = given
        self._scope = scope
        self._evaluator = evaluator

    def __len__(self) -> int:
        return len(self._given)

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __contains__(self, name: object) -> bool:
        return name in self._given

    def __getitem__(self, name: str) -> Value:
        given = self._given[name]
        return given if isinstance(given, tuple) else self._evaluator.value(given, self._scope)

    def behind(self, keywords: Mapping[str, Value]) -> _Keywords:
        return _Keywords({**keywords, **self._given}, self._scope, self._evaluator)


class Call:
    """`more`: there are further positional arguments that are not known; `more_keywords`: likewise by name."""

    __slots__ = ("args", "keywords", "more", "more_keywords")

    def __init__(
        self,
        args: Sequence[Value] = (),
        keywords: Mapping[str, Value] | None = None,
        *,
        more: bool = False,
        more_keywords: bool = False,
    ) -> None:
        self.args = args
        self.keywords: Mapping[str, Value] = keywords or {}
        self.more = more
        self.more_keywords = more_keywords

    def arg(self, index: int, *names: str) -> Value | None:
        """None where it is not given, for all that is known."""
        if 0 <= index < len(self.args):
            return self.args[index]
        return next((self.keywords[name] for name in names if name in self.keywords), None)

    def first(self) -> Value:
        return self.args[0] if self.args else ()

    def after(self, count: int) -> Call:
        """Without the first arguments."""
        return Call(self.args[count:], self.keywords, more=self.more, more_keywords=self.more_keywords)

    def behind(self, args: Sequence[Value], keywords: Mapping[str, Value]) -> Call:
        """With arguments given before (functools.partial)."""
        given, named = self.args, self.keywords
        placed = given.behind(args) if isinstance(given, _Args) else (*args, *given)
        known = named.behind(keywords) if isinstance(named, _Keywords) else {**keywords, **named}
        return Call(placed, known, more=self.more, more_keywords=self.more_keywords)

    def plain_arguments(self) -> int:
        """How many arguments there are where all may be constants; 0 else."""
        return len(self.args) if not self.more else 0


class WrittenCall(Call):
    """As it stands in the script."""

    __slots__ = ("_evaluator", "_node", "_scope")

    def __init__(self, node: ast.Call, scope: Scope, evaluator: Evaluator) -> None:
        self._node = node
        self._scope = scope
        self._evaluator = evaluator

    def __getattr__(self, name: str) -> object:
        """Reached where a slot is still empty: the first time that somebody asks."""
        if name not in Call.__slots__:
            raise AttributeError(name)
        _fill(self, self._node, self._scope, self._evaluator)
        return getattr(self, name)

    def plain_arguments(self) -> int:
        nodes = (*self._node.args, *(each.value for each in self._node.keywords))
        return len(nodes) if all(type(each) in _PLAIN for each in nodes) else 0


_PLAIN = (ast.Constant, ast.Name, ast.List, ast.Tuple, ast.BinOp, ast.JoinedStr)


def call_of(node: ast.Call, scope: Scope, evaluator: Evaluator) -> Call:
    return WrittenCall(node, scope, evaluator)


def _fill(call: Call, node: ast.Call, scope: Scope, evaluator: Evaluator) -> None:
    if ast.Starred in map(type, node.args) or any(each.arg is None for each in node.keywords):
        _fill_at_once(call, node, scope, evaluator)
        return
    call.args = _Args(node.args, scope, evaluator) if node.args else ()
    named = {each.arg: each.value for each in node.keywords if each.arg is not None}
    call.keywords = _Keywords(named, scope, evaluator) if named else {}
    call.more = call.more_keywords = False


def _fill_at_once(call: Call, node: ast.Call, scope: Scope, evaluator: Evaluator) -> None:
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
    call.args, call.keywords, call.more, call.more_keywords = tuple(args), keywords, more, more_keywords


def _spread(value: Value, args: list[Value]) -> bool:
    """Whether some of them are not known."""
    if len(value) == 1 and isinstance(value[0], Seq):
        args.extend(value[0].items)
        if value[0].rest:
            args.append(value[0].rest)
            return True
        return False
    if len(value) == 1 and isinstance(value[0], Const) and isinstance(value[0].value, str):
        args.extend((Const(letter),) for letter in value[0].value[:_MOST_LETTERS])
        return False
    return True


def _merged(value: Value, keywords: dict[str, Value]) -> bool:
    for atom in value:
        if isinstance(atom, Map) and not atom.rest:
            keywords.update({str(name): each for name, each in atom.entries.items()})
        else:
            return True
    return False
