"""The names of a script: which scope binds what to which expression. Filled by walk.py, read by evaluate.py."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import NamedTuple

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Scope:
    """Of a module, class, function (lambdas too) or comprehension."""

    __slots__ = ("bindings", "deleted", "firm", "function", "kind", "node", "nonlocals", "parent", "stars")

    def __init__(self, kind: str, parent: Scope | None, node: ast.AST | None = None) -> None:
        self.kind = kind
        self.parent = parent
        self.node = node
        self.bindings: dict[str, list[Binding]] = {}
        self.nonlocals: dict[str, Scope] = {}
        self.stars: list[str] = []
        self.firm: dict[str, int] = {}
        """Built-in names that are surely bound here, and from which line on."""
        self.deleted: set[str] = set()
        self.function: Function | None = None


class Binding(NamedTuple):
    """How a name gets a value. `kind`: value, item (of an unpacking), element (of a loop), context (`with`), inside (a
    pattern's capture), augment, import, function, class, parameter, unknown. `where`: the place in an unpacked value,
    the module's name or the parameter's index."""

    kind: str
    node: ast.AST | None
    scope: Scope
    where: object = None


class Guard(NamedTuple):
    """A test that is true where something happens, and those around it."""

    test: ast.expr
    outer: Guard | None


class Place(NamedTuple):
    node: ast.AST
    scope: Scope
    guard: Guard | None


class Function:
    __slots__ = ("inner", "name", "node", "outer", "results", "yields")

    def __init__(self, node: FunctionNode, inner: Scope, outer: Scope) -> None:
        self.node = node
        self.inner = inner
        self.outer = outer
        self.name = getattr(node, "name", "")
        self.results: list[tuple[ast.expr, Scope]] = []
        self.yields: list[tuple[ast.expr, Scope]] = []


class Program:
    """All that the walk found. `fields`: what is stored as an attribute of that name, of whatever object. `items`: what
    is put into a container of that name. `callers`, `passed`: where something of that name is called, or handed to a
    call. `lambdas`: likewise for a lambda on the spot (at -1: called). `called`: the names of a lambda. `aliases`:
    names that may stand for a function from outside. `bare`: names used as they are, not only for an attribute.
    `changed`: containers whose order or size is changed in place."""

    def __init__(self, module: Scope) -> None:
        self.module = module
        self.scopes = [module]
        self.calls: list[Place] = []
        self.names: list[Place] = []
        self.attributes: list[Place] = []
        self.imports: list[tuple[ast.AST, str, str | None, Scope]] = []
        self.subscripts: list[Place] = []
        self.decorators: list[Place] = []
        self.stores: list[Place] = []
        self.addresses: list[tuple[ast.AST, Scope]] = []
        self.fields: defaultdict[str, list[Binding]] = defaultdict(list)
        self.items: defaultdict[str, list[tuple[ast.expr | None, Binding]]] = defaultdict(list)
        self.callers: defaultdict[str, list[Place]] = defaultdict(list)
        self.passed: defaultdict[str, list[tuple[ast.Call, Scope, int | str]]] = defaultdict(list)
        self.functions: dict[ast.AST, Function] = {}
        self.classes: dict[ast.AST, Scope] = {}
        self.comprehensions: dict[ast.AST, Scope] = {}
        self.lambdas: defaultdict[ast.AST, list[tuple[ast.Call, Scope, int]]] = defaultdict(list)
        self.called: defaultdict[ast.AST, list[str]] = defaultdict(list)
        self.bare: set[str] = set()
        self.changed: set[str] = set()
        self.aliases: set[str] = set()
        self.nodes = 0

    def scope(self, kind: str, parent: Scope, node: ast.AST) -> Scope:
        made = Scope(kind, parent, node)
        self.scopes.append(made)
        return made

    def forget(self) -> None:
        """Names and functions hold one another: taken apart, all of it is gone at once, where else the garbage
        collector would have to go through a whole tree for each script."""
        for scope in self.scopes:
            scope.bindings.clear()
            scope.nonlocals.clear()
            scope.function = None
