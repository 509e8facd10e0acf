"""What is inside the statements: names that are used and bound, calls, attributes, comprehensions. No recursion: depth
costs no stack.

The hot loop is `expression`: it is written for speed (types compared directly, the commonest first), since a scan has
to cost little more than parsing the script.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from guardian.scanner.limit import Limit
from guardian.scanner.scopes import Binding, Function, FunctionNode, Guard, Place, Program, Scope

Task = tuple[Scope, Sequence[ast.stmt], Guard | None, bool, bool]
"""What is still to be walked, the tests around it, whether it may be left out when the script runs, and whether it may
run more than once."""

_CHILDREN: dict[type[ast.AST], tuple[str, ...]] = {
    ast.BoolOp: ("values",),
    ast.NamedExpr: ("value",),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Dict: ("keys", "values"),
    ast.Set: ("elts",),
    ast.Await: ("value",),
    ast.Yield: ("value",),
    ast.YieldFrom: ("value",),
    ast.Compare: ("left", "comparators"),
    ast.FormattedValue: ("value", "format_spec"),
    ast.JoinedStr: ("values",),
    ast.Subscript: ("value", "slice"),
    ast.Starred: ("value",),
    ast.List: ("elts",),
    ast.Tuple: ("elts",),
    ast.Slice: ("lower", "upper", "step"),
}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_FILLING = frozenset({"append", "add", "insert", "extend", "update", "setdefault", "appendleft", "put", "push"})
_PLAIN_KEYS = (ast.Slice, ast.Tuple)
_CHANGING = frozenset({"reverse", "sort", "pop", "remove", "clear", "rotate", "popleft"})
_ASKING = frozenset(
    {
        "hasattr",
        "getattr",
        "setattr",
        "delattr",
        "dir",
        "vars",
        "isinstance",
        "issubclass",
        "id",
        "type",
        "print",
        "repr",
    }
)


class Part(ast.Expr):
    """An expression that is walked later; no docstring, though it may be a string alone."""


class Watched(NamedTuple):
    """Names that matter wherever they stand, attributes likewise; `builtins`: all built-in names; `imported`: whether a
    name that is imported from a module matters wherever it stands; `graded`: attributes that matter when called."""

    names: frozenset[str]
    attributes: frozenset[str]
    builtins: frozenset[str]
    graded: frozenset[str]
    imported: Callable[[str], bool]


class Expressions:
    """`alive` raises Limit when time is over."""

    def __init__(self, watched: Watched, alive: Callable[[], None], most: int) -> None:
        self.names = set(watched.names)
        self.builtins = watched.builtins
        self.watched = watched
        self.attributes = watched.attributes
        self.alive = alive
        self.most = most
        self.tasks: list[Task] = []
        self.program = Program(Scope("module", None))
        self.guard: Guard | None = None
        self.perhaps = self.again = False
        self.addresses = 0
        self.prefixes: set[str] = set()

    def expression(self, root: ast.expr | None, scope: Scope) -> None:
        stack: list[Any] = [root]
        pop, push, extend = stack.pop, stack.append, stack.extend
        names, attributes, program, guard = self.names, self.attributes, self.program, self.guard
        bare = program.bare
        count = 0
        while stack:
            node = pop()
            kind = type(node)
            count += 1
            if kind is ast.Name:
                if node.id in names:
                    program.names.append(Place(node, scope, guard))
                elif node.id in self.prefixes:
                    self.addresses += 1
                bare.add(node.id)
            elif kind is ast.Constant:
                value = node.value
                if type(value) in (str, bytes) and self._address(value):
                    self.addresses += 1
            elif kind is ast.Call:
                self._call(node, scope, stack)
            elif kind is ast.Attribute:
                if node.attr in attributes:
                    program.attributes.append(Place(node, scope, guard))
                self._base(node.value, scope, stack)
            elif node is None:
                continue
            elif kind in _CHILDREN:
                for name in _CHILDREN[kind]:
                    child = getattr(node, name)
                    if type(child) is list:
                        extend(child)
                    else:
                        push(child)
                if kind is ast.NamedExpr:
                    self.bind(node.target, Binding("value", node.value, scope), _outside_comprehension(scope))
                elif kind is ast.Yield or kind is ast.YieldFrom:
                    self._yielded(node, scope)
                elif kind is ast.Subscript and type(node.slice) not in _PLAIN_KEYS and _namespace(node.value):
                    program.subscripts.append(Place(node, scope, guard))
            elif kind is ast.Lambda:
                self._lambda(node, scope)
            elif kind in _COMPREHENSIONS:
                self._comprehension(node, scope)
        program.nodes += count
        if program.nodes > self.most:
            raise Limit(f"has more than {self.most} nodes")

    def _address(self, value: str | bytes) -> bool:
        if type(value) is bytes:
            return b"://" in value
        return "://" in value or value[:4] in ("http", "HTTP") or value.startswith("//")  # type: ignore[arg-type]

    def _call(self, node: ast.Call, scope: Scope, stack: list[Any]) -> None:
        program, func = self.program, node.func
        place = Place(node, scope, self.guard)
        program.calls.append(place)
        kind = type(func)
        if kind is ast.Name:
            program.callers[func.id].append(place)  # type: ignore[attr-defined]
            if func.id == "setattr":  # type: ignore[attr-defined]
                self._set(node, scope)
        elif kind is ast.Attribute:
            name, of = func.attr, func.value  # type: ignore[attr-defined]
            program.callers[name].append(place)
            if name in _FILLING:
                self._filled(name, of, node, scope)
            elif name in _CHANGING:
                program.changed.add(called(of))
            self._base(of, scope, stack)
        else:
            stack.append(func)
            if kind is ast.Lambda:
                program.lambdas[func].append((node, scope, -1))
        asked = kind is ast.Name and func.id in _ASKING  # type: ignore[attr-defined]
        for index, argument in enumerate(node.args):
            if index or not asked or type(argument) is not ast.Name or argument.id in self.names:
                stack.append(argument)
            if type(argument) is ast.Name:
                program.passed[argument.id].append((node, scope, index))
            elif type(argument) is ast.Attribute:
                program.passed[argument.attr].append((node, scope, index))
            elif type(argument) is ast.Lambda:
                program.lambdas[argument].append((node, scope, index))
        for keyword in node.keywords:
            stack.append(keyword.value)
            if type(keyword.value) is ast.Name:
                program.passed[keyword.value.id].append((node, scope, keyword.arg or ""))

    def _base(self, of: ast.expr, scope: Scope, stack: list[Any]) -> None:
        """What an attribute is taken of: a name there is no use of the whole thing that it names."""
        if type(of) is not ast.Name:
            stack.append(of)
        elif of.id in self.names:
            self.program.names.append(Place(of, scope, self.guard))
        elif of.id in self.prefixes:
            self.addresses += 1

    def _set(self, node: ast.Call, scope: Scope) -> None:
        """`setattr(it, "name", value)`, as `it.name = value`."""
        if len(node.args) > 2 and isinstance(node.args[1], ast.Constant):  # noqa: PLR2004
            name = str(node.args[1].value)
            self.program.fields[name].append(Binding("value", node.args[2], scope))
            if name.startswith("__"):
                target = ast.copy_location(ast.Attribute(node.args[0], name, ast.Store()), node)
                self.program.stores.append(Place(target, scope, self.guard))

    def _filled(self, method: str, of: ast.expr, node: ast.Call, scope: Scope) -> None:
        """`list.append(x)` and its like, as a store into what the list is called."""
        name = called(of)
        if not name or not node.args:
            return
        if method in ("extend", "update"):
            self.program.items[name].append((None, Binding("element", node.args[0], scope, "values")))
            return
        key = node.args[0] if method == "setdefault" else None
        self.program.items[name].append((key, Binding("value", node.args[-1], scope)))

    def _yielded(self, node: Any, scope: Scope) -> None:
        function = function_of(scope)
        if function and node.value:
            value = ast.Starred(node.value, ast.Load()) if isinstance(node, ast.YieldFrom) else node.value
            function.yields.append((value, scope))

    def _lambda(self, node: ast.Lambda, scope: Scope) -> None:
        inner = self.function(node, scope)
        inner.function.results.append((node.body, inner))  # type: ignore[union-attr]
        self.pending(node.body, inner)

    def pending(self, expression: ast.expr, scope: Scope) -> None:
        """Later, as a statement of its own: nested lambdas must not nest calls here."""
        statement = Part(expression)
        self.tasks.append((scope, (statement,), self.guard, self.perhaps, self.again))

    def _comprehension(self, node: Any, scope: Scope) -> None:
        inner = self.program.scope("comprehension", scope, node)
        self.program.comprehensions[node] = inner
        guard, outer = self.guard, scope
        for generator in node.generators:
            self._later(generator.iter, outer)
            self.bind(generator.target, Binding("element", generator.iter, outer), inner)
            outer = inner
            for test in generator.ifs:
                self._later(test, inner)
                self.guard = Guard(test, self.guard)
        for name in ("key", "value") if isinstance(node, ast.DictComp) else ("elt",):
            self._later(getattr(node, name), inner)
        self.guard = guard

    def _later(self, expression: ast.expr, scope: Scope) -> None:
        if type(expression) is not ast.Name or expression.id in self.names:
            self.pending(expression, scope)

    # --- bindings ---

    def bind(self, target: ast.expr, binding: Binding, scope: Scope) -> None:
        if type(binding.node) is ast.Lambda:
            self.program.called[binding.node].append(called(target))
        if type(target) is ast.Name:
            self.name(target.id, binding, scope)
            return
        stack: list[tuple[ast.expr, Binding]] = [(target, binding)]
        while stack:
            target, binding = stack.pop()
            if isinstance(target, ast.Name):
                self.name(target.id, binding, scope)
            elif isinstance(target, ast.Tuple | ast.List):
                stack.extend(_unpacked(target.elts, binding))
            elif isinstance(target, ast.Starred):
                stack.append((target.value, binding))
            elif isinstance(target, ast.Attribute):
                self.program.fields[target.attr].append(binding)
                if target.attr.startswith("__"):
                    self.program.stores.append(Place(target, scope, self.guard))
                self.expression(target.value, scope)
            elif isinstance(target, ast.Subscript):
                if name := called(target.value):
                    self.program.items[name].append((target.slice, binding))
                self.expression(target.value, scope)
                self.expression(target.slice, scope)

    def name(self, name: str, binding: Binding, scope: Scope) -> None:
        scope = scope.nonlocals.get(name, scope)
        known = scope.bindings.get(name)
        if known is None:
            scope.bindings[name] = [binding]
        else:
            known.append(binding)
        if name in self.builtins and not self.perhaps:
            line = getattr(binding.node, "lineno", 0)
            scope.firm[name] = min(line, scope.firm.get(name, line))

    def function(self, node: FunctionNode, scope: Scope) -> Scope:
        inner = self.program.scope("lambda" if isinstance(node, ast.Lambda) else "function", scope, node)
        inner.function = self.program.functions[node] = Function(node, inner, scope)
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.expression(default, scope)
        named = (*arguments.posonlyargs, *arguments.args)
        for index, argument in enumerate(named):
            self.name(argument.arg, Binding("parameter", argument, inner, index), inner)
            self.annotation(argument.annotation, scope)
        for argument in arguments.kwonlyargs:
            self.name(argument.arg, Binding("parameter", argument, inner, None), inner)
            self.annotation(argument.annotation, scope)
        if arguments.vararg:
            self.name(arguments.vararg.arg, Binding("parameter", arguments.vararg, inner, "*"), inner)
        if arguments.kwarg:
            self.name(arguments.kwarg.arg, Binding("parameter", arguments.kwarg, inner, "**"), inner)
        return inner

    def annotation(self, node: ast.expr | None, scope: Scope) -> None:
        """Names in an annotation are no use of what they name; a call in it runs."""
        if node is not None and type(node) not in (ast.Name, ast.Constant, ast.Attribute):
            self.pending(node, scope)


_NAMESPACES = frozenset(
    ["__dict__", "modules", "f_builtins", "f_globals", "f_locals", "__globals__", "__builtins__", "__code__"]
)


def _namespace(node: ast.expr) -> bool:
    """Whether it may be a namespace that is asked by name."""
    if isinstance(node, ast.Attribute):
        return node.attr in _NAMESPACES
    return isinstance(node, ast.Call | ast.Subscript) or (isinstance(node, ast.Name) and node.id == "__builtins__")


def called(node: ast.expr) -> str:
    """What a container is called where something is put into it."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _unpacked(targets: Sequence[ast.expr], binding: Binding) -> list[tuple[ast.expr, Binding]]:
    where = binding.where if isinstance(binding.where, tuple) else ()
    kind = binding.kind if binding.kind in ("element", "context", "item") else "item"
    star = next((index for index, each in enumerate(targets) if isinstance(each, ast.Starred)), None)
    found = []
    for index, target in enumerate(targets):
        if star is None or index < star:
            place: object = index
        elif index == star:
            place = slice(star, index - len(targets) + 1 or None)
        else:
            place = index - len(targets)
        found.append((target, Binding(kind, binding.node, binding.scope, (*where, place))))
    return found


def _outside_comprehension(scope: Scope) -> Scope:
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    return scope


def function_of(scope: Scope) -> Function | None:
    while scope.function is None and scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    return scope.function
