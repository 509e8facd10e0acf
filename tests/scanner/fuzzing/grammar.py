"""Random programs out of Python's own grammar, as the docstrings of `ast` have it: whatever kind of node there is."""

import ast
import keyword
import re
from collections.abc import Callable
from random import Random
from typing import Any

from guardian.scanner.knowledge import ATTRIBUTES, GRADED, MODULES
from guardian.scanner.rules import ENTRIES

_FIELD = re.compile(r"(\w+)([*?]?) (\w+)")
_PATHS = [path for path in ENTRIES if all(part.isidentifier() for part in path.split("."))]
_MODULES = sorted({path.rpartition(".")[0] for path in _PATHS} | MODULES)
_NAMES = [
    "a",
    "b",
    "c",
    "f",
    "self",
    "x",
    "args",
    "os",
    "sys",
    "eval",
    "open",
    "getattr",
    "print",
    "type",
    "__builtins__",
]
_FIELDS = [*sorted(each for each in ATTRIBUTES | GRADED if each.isidentifier() and not keyword.iskeyword(each)),
           "a", "b", "append", "__init__", "__call__", "__class__", "__get__", "join", "format", "items"]  # fmt: skip
_VALUES: list[Any] = [
    "", "eval", "system", ".env", "~/.ssh/id_rsa", "http://a.b", "{}", "%s", "a", "rb", b"a",
    0, 1, -1, 2.5, 1j, 10**20, None, True, ...,
]  # fmt: skip
_ALONE: tuple[type[ast.AST], ...] = (ast.FormattedValue, ast.Slice, ast.Starred, ast.MatchStar)
"""What stands in certain places only."""
_SUMS = (ast.expr, ast.stmt, ast.pattern, ast.excepthandler, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_NEVER_EMPTY = ("body", "names", "cases", "handlers", "generators", "items")
_OLD = ("Num", "Str", "Bytes", "NameConstant", "Ellipsis", "TemplateStr", "Interpolation", "TypeAlias", "TryStar")


def program(random: Random) -> str:
    """Raises ValueError where the tree that was made cannot be written down."""
    made = _Growth(random)
    body = [made.node(ast.stmt, random.randint(1, 5)) for _ in range(random.randint(1, 8))]
    try:
        return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None


class _Growth:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._kinds = {
            kind: [each for each in kind.__subclasses__() if each not in _ALONE and each.__name__ not in _OLD]
            for kind in _SUMS
        }
        self._special: dict[str, Callable[[int], Any]] = {
            "target": self._target,
            "targets": lambda depth: [self._target(depth)],
            "optional_vars": self._target,
            "ctx": lambda _: ast.Load(),
            "type_params": lambda _: [],
            "type_ignores": lambda _: [],
            "type_comment": lambda _: None,
            "conversion": lambda _: random.choice([-1, 114, 115]),
            "cause": lambda _: None,
            "level": lambda _: 0,
            "module": lambda _: random.choice(_MODULES),
            "simple": lambda _: 1,
            "slice": self._slice,
            "args": self._arguments,
        }

    def node(self, kind: type[Any], depth: int) -> Any:
        choices = self._kinds.get(kind, [kind])
        if kind is ast.expr and (depth <= 0 or self._random.random() < 0.2):
            return self._leaf()
        if kind is ast.pattern and depth <= 0:
            return ast.MatchAs(None, self._random.choice(_NAMES))
        if kind is ast.stmt and depth <= 0:
            return ast.Expr(self._leaf())
        chosen = self._random.choice(choices)
        return self._special_node(chosen, depth) or chosen(**self._fields(chosen, depth))

    def _leaf(self) -> ast.expr:
        kind = self._random.random()
        if kind < 0.4:
            return ast.Constant(self._random.choice(_VALUES))
        if kind < 0.7:
            return ast.Name(self._random.choice(_NAMES), ast.Load())
        return ast.parse(self._random.choice(_PATHS), mode="eval").body

    def _fields(self, kind: type[ast.AST], depth: int) -> dict[str, Any]:
        written = (kind.__doc__ or "").partition("(")[2]
        return {name: self._field(kind, type_, many, name, depth - 1) for type_, many, name in _FIELD.findall(written)}

    def _field(self, kind: type[ast.AST], type_: str, many: str, name: str, depth: int) -> Any:
        if name in self._special and not (name == "args" and kind is ast.Call):
            return self._special[name](depth)
        if many == "*":
            least = 2 if kind in (ast.BoolOp, ast.MatchOr) else int(name in _NEVER_EMPTY)
            return [self._one(type_, name, depth) for _ in range(max(least, self._random.randint(0, 3)))]
        if many == "?" and self._random.random() < 0.4:
            return None
        return self._one(type_, name, depth)

    def _one(self, type_: str, name: str, depth: int) -> Any:
        if type_ in ("identifier", "string"):
            return self._random.choice(_FIELDS if name in ("attr", "kwd_attrs") else _NAMES)
        if type_ == "int":
            return self._random.choice([0, 1])
        if type_ == "constant":
            return self._random.choice(_VALUES)
        return self.node(getattr(ast, type_), depth)

    def _special_node(self, kind: type[ast.AST], depth: int) -> ast.AST | None:  # noqa: PLR0911  one for each kind
        leaf, inner = self._random.choice(_NAMES), depth - 1
        match kind.__name__:
            case "JoinedStr":
                return ast.JoinedStr([ast.Constant("a"), ast.FormattedValue(self.node(ast.expr, inner), -1)])
            case "NamedExpr":
                return ast.NamedExpr(ast.Name(leaf, ast.Store()), self.node(ast.expr, inner))
            case "Compare":
                return ast.Compare(self.node(ast.expr, inner), [self.node(ast.cmpop, 0)], [self.node(ast.expr, inner)])
            case "Dict":
                values = [self.node(ast.expr, inner) for _ in range(2)]
                return ast.Dict([self._random.choice([None, self._leaf()]), self._leaf()], values)
            case "Import" | "alias":
                names = [ast.alias(self._random.choice(_MODULES), self._random.choice([None, leaf]))]
                return ast.Import(names) if kind is ast.Import else ast.alias(self._random.choice(_FIELDS), leaf)
            case "MatchValue" | "MatchSingleton":
                return ast.MatchValue(ast.Constant(self._random.choice(["a", 1])))
            case "MatchMapping":
                return ast.MatchMapping([ast.Constant("a")], [self.node(ast.pattern, inner)], leaf)
            case "MatchClass":
                return ast.MatchClass(ast.Name(leaf, ast.Load()), [self.node(ast.pattern, inner)], [], [])
            case "MatchAs":
                return ast.MatchAs(self.node(ast.pattern, inner), leaf)
        return None

    def _target(self, depth: int) -> ast.expr:
        name = ast.Name(self._random.choice(_NAMES), ast.Store())
        kind = self._random.random()
        if kind < 0.6 or depth <= 0:
            return name
        if kind < 0.8:
            return ast.Attribute(self.node(ast.expr, depth - 1), self._random.choice(_FIELDS), ast.Store())
        return ast.Subscript(self.node(ast.expr, depth - 1), self._leaf(), ast.Store())

    def _slice(self, depth: int) -> ast.expr:
        if self._random.random() < 0.3:
            return ast.Slice(self._leaf(), None, self._random.choice([None, ast.Constant(-1)]))
        return self.node(ast.expr, depth)

    def _arguments(self, depth: int) -> ast.arguments:
        chosen = self._random.sample(_NAMES, 4)
        named = [ast.arg(each, None) for each in chosen]
        defaults = [self.node(ast.expr, depth)] if self._random.random() < 0.5 else []
        star = named[1] if self._random.random() < 0.3 else None
        return ast.arguments([], named[:1], star, named[2:3], [self._leaf()], named[3] if star else None, defaults)
