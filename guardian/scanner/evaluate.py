"""What the names and expressions of a script may be: asked for one place, answered from all that it depends on.

Each expression is read once (`memo`), only when asked for. All bindings of a name count, in whatever order they run.
What is beyond a bound is UNKNOWN; when the time is over, `alive` raises.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from guardian.scanner import attributes, constants, containers, fold, methods, models, options, parameters
from guardian.scanner.calls import Call, call_of
from guardian.scanner.knowledge import BUILTINS, canonical, offers
from guardian.scanner.scopes import Binding, Function, Program, Scope
from guardian.scanner.text import concatenated, made, parts_of
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Atom,
    Bound,
    Class,
    Const,
    Func,
    Getter,
    Instance,
    Map,
    Own,
    Partial,
    Ref,
    Seq,
    Space,
    Text,
    Unknown,
    Value,
    const,
    join,
    ref,
    single,
)

_DEEPEST = 70
_LONGEST_PATH = 120
_MOST_AGAIN = 200
_MOST_TRIALS = 4_000
_MOST_ROUNDS = 40
_MOST_ITEMS = 400
_MOST_STEPS = 60
_CHECK_EVERY = 256
_PENDING: Value = (Unknown("pending"),)
_MODULE_NAMES: dict[str, Value] = {
    "__name__": const("__main__"),
    "__file__": (Unknown("script"),),
    "__builtins__": ref("builtins"),
    "__spec__": ref("__spec__"),
}


_Goal = tuple[object, Callable[..., Value], Any, Scope]


class _TooDeep(Exception):  # noqa: N818  no error: it is caught, and tried another way
    def __init__(self, goal: _Goal) -> None:
        self.goal = goal


class Evaluator:
    def __init__(self, program: Program, alive: Callable[[], None]) -> None:
        self.program = program
        self.alive = alive
        self.memo: dict[object, Value] = {}
        self.given: dict[Scope, dict[str, Value]] = {}
        self.depth = self.steps = self.again = self.trials = self.rounds = 0
        self.cyclic = False
        self.beyond = False

    def value(self, node: ast.AST | None, scope: Scope) -> Value:
        found = self.memo.get(node)
        if found is not None and found is not _PENDING:
            return found
        handler = _HANDLERS.get(type(node))
        if handler is None:
            return NOTHING_KNOWN
        if self.depth:
            return self._once(node, handler, node, scope)
        return self._settled((node, handler, node, scope))

    def _settled(self, goal: _Goal) -> Value:
        """From the outside in: what lies too deep is answered first, by itself, and then known."""
        goals = [goal]
        while True:
            try:
                found = self._once(*goals[-1])
            except _TooDeep as deeper:
                self.rounds += 1
                goals.append(deeper.goal)
                continue
            goals.pop()
            if not goals:
                return found

    def _once(self, key: object, compute: Callable[..., Value], node: Any, scope: Scope) -> Value:
        """Inside a cycle the answer is that of the other ways in: it is not kept, as it may lack some."""
        memo = self.memo
        found = memo.get(key)
        if found is not None:
            if found is _PENDING:
                self.cyclic = True
                return ()
            return found
        if self.depth > _DEEPEST:
            if self.rounds >= _MOST_ROUNDS:
                self.beyond = True
                return NOTHING_KNOWN
            raise _TooDeep((key, compute, node, scope))
        self.steps += 1
        if self.steps % _CHECK_EVERY == 0:
            self.alive()
        memo[key] = _PENDING
        self.depth += 1
        try:
            found = compute(self, node, scope)
        finally:
            self.depth -= 1
            del memo[key]
        if self.cyclic and self.depth and self.again < _MOST_AGAIN:
            self.again += 1
        else:
            memo[key] = found
            if not self.depth:
                self.cyclic = False
        return found

    # --- names ---

    def lookup(self, name: str, scope: Scope, line: int = 0) -> Value:
        here: Scope | None = scope
        found: list[Value] = []
        while here is not None:
            owner = here.nonlocals.get(name, here)
            if owner in self.given and name in self.given[owner]:
                return self.given[owner][name]
            if name in owner.bindings and (owner.kind != "class" or here is scope):
                found.append(self.named(name, owner))
                if not self._perhaps_builtin(name, owner, line):
                    return join(*found)
            here = here.parent
        return join(*found, self._outside(name))

    def _perhaps_builtin(self, name: str, owner: Scope, line: int) -> bool:
        """Whether the name may not be bound there yet, or any more, so that the built-in one is meant."""
        if owner.kind not in ("module", "class") or name not in BUILTINS:
            return False
        return name in owner.deleted or name not in owner.firm or 0 < line < owner.firm[name]

    def _outside(self, name: str) -> Value:
        if name in BUILTINS:
            return ref(f"builtins.{name}")
        if name in _MODULE_NAMES:
            return _MODULE_NAMES[name]
        if name == "__loader__":
            return ref("importlib.loader")
        stars = [each for each in self.program.module.stars if offers(each, name)]
        return join(*(ref(canonical(f"{each}.{name}")) for each in stars)) or NOTHING_KNOWN

    def named(self, name: str, scope: Scope) -> Value:
        return self._once((scope, name), Evaluator._named, name, scope)

    def _named(self, name: str, scope: Scope) -> Value:
        bindings = scope.bindings[name]
        values = [self.bound(each) for each in bindings if each.kind != "augment"]
        grown = join(*values)
        growing = [each for each in bindings if each.kind == "augment"]
        if len(growing) > _MOST_STEPS:
            values.append(NOTHING_KNOWN)
        for each in growing[:_MOST_STEPS]:
            if isinstance(each.node, ast.AugAssign):
                grown = self.operation(type(each.node.op), grown, self.value(each.node.value, each.scope))
                values.append(join(grown, NOTHING_KNOWN) if each.where else grown)  # more than once: who knows
        value = self._filled(name, join(*values))
        if name in self.program.changed:
            return tuple(Seq((), each.any()) if isinstance(each, Seq) else each for each in value)
        return value

    def _filled(self, name: str, value: Value) -> Value:
        """With what is put into it elsewhere."""
        stores = self.program.items.get(name)
        if not stores:
            return value
        entries: dict[object, Value] = {}
        rest: Value = ()
        for key, binding in stores:
            put = self.bound(binding)
            exact = single(self.value(key, binding.scope)) if key is not None else NotImplemented
            if isinstance(exact, str | int | bytes):
                entries[exact] = join(entries.get(exact, ()), put)
            else:
                rest = join(rest, put)
        return join(value, (Map(entries, rest),))

    def bound(self, binding: Binding) -> Value:
        kind, node, scope, where = binding
        if kind == "value":
            return self.value(node, scope)
        if kind == "import":
            return ref(canonical(str(where)))
        if kind == "function":
            return self._decorated(where, node, scope)  # type: ignore[arg-type]
        if kind == "class":
            return (Class(node, where, scope),)  # type: ignore[arg-type]
        if kind == "parameter":
            return self._parameter(node, scope, where)  # type: ignore[arg-type]
        if kind == "unknown":
            return NOTHING_KNOWN
        value = self.value(node, scope)
        if kind == "inside":
            return join(value, containers.contents(value), containers.contents(containers.contents(value)))
        if kind == "element":
            value = containers.contents(value)
            if where == "values":  # dict.update
                value = join(value, *(each.any() for each in self.value(node, scope) if isinstance(each, Map)))
        elif kind == "context":
            value = containers.entered(self, value)
        for place in where if isinstance(where, tuple) else ():
            value = attributes.at(self, value, const(place) if not isinstance(place, slice) else (), place)
        return value

    def _decorated(self, function: Function, node: ast.FunctionDef, scope: Scope) -> Value:
        own: Value = (Func(function),)
        for decorator in node.decorator_list:
            results = self.apply(self.value(decorator, scope), Call((own,)))
            own = join(own, tuple(each for each in results if _is_telling(each)))
        return own

    def _parameter(self, node: ast.arg, scope: Scope, where: object) -> Value:
        function = scope.function
        if function is None:
            return NOTHING_KNOWN
        if where == 0 and function.outer.kind == "class" and not parameters.decorated_as(function, "staticmethod"):
            owner = Class(function.outer.node, function.outer, function.outer.parent or function.outer)  # type: ignore[arg-type]
            return (owner,) if parameters.decorated_as(function, "classmethod") else (Instance(owner),)
        given = parameters.given(self, function, node.arg, where)
        default = self._default(function, node)
        if given is None:
            return join(default or (), options.declared(self, function, node.arg), NOTHING_KNOWN)
        return join(given, default or ())

    def _default(self, function: Function, node: ast.arg) -> Value | None:
        arguments = function.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        if node in positional:
            index = positional.index(node) - len(positional) + len(arguments.defaults)
            return self.value(arguments.defaults[index], function.outer) if index >= 0 else None
        if node in arguments.kwonlyargs:
            default = arguments.kw_defaults[arguments.kwonlyargs.index(node)]
            return self.value(default, function.outer) if default is not None else None
        return None

    # --- calls ---

    def apply(self, value: Value, call: Call) -> Value:
        """What calling it gives."""
        return join(*(self._applied(atom, call) for atom in value)) or NOTHING_KNOWN

    def _applied(self, atom: Atom, call: Call) -> Value:
        if isinstance(atom, Ref):
            return self._outside_call(atom.path, call)
        if isinstance(atom, Func):
            return self.results(atom.function, call)
        if isinstance(atom, Class):
            return self._instance(atom, call)
        if isinstance(atom, Bound):
            return methods.method(self, atom, call)
        if isinstance(atom, Partial):
            return self.apply(atom.target, call.behind(atom.args, atom.keywords))
        if isinstance(atom, Getter):
            return models.got(self, atom, call)
        if isinstance(atom, Instance):
            return self.apply(attributes.of_class(self, atom.of, "__call__", atom), call)
        return NOTHING_KNOWN

    def _outside_call(self, path: str, call: Call) -> Value:
        model = models.MODELS.get(path)
        if model is not None:
            return model(self, call)
        if path in fold.FUNCTIONS:
            return constants.folded(path, call)
        if path.endswith(".__call__"):
            return self._outside_call(path.removesuffix(".__call__"), call)
        return ref(canonical(path + "()")) if len(path) < _LONGEST_PATH else NOTHING_KNOWN

    def _instance(self, atom: Class, call: Call) -> Value:
        for base in atom.node.bases:
            for each in self.value(base, atom.outer):
                if isinstance(each, Ref) and each.path == "builtins.type":
                    return NOTHING_KNOWN
                if isinstance(each, Ref) and each.path in models.MODELS:
                    return join((Instance(atom),), models.MODELS[each.path](self, call))
        return (Instance(atom),)

    def results(self, function: Function, call: Call) -> Value:
        """What it returns: with these arguments where they are constants and that is cheap, else whatever they are."""
        if function.yields:
            return (Seq((), join(*(self._yielded(*each) for each in function.yields))),)
        if call.plain_arguments() and all(len(each) == 1 for each in call.args):
            found = self._tried(function, call)
            if found is not None:
                return found
        return join(*(self.value(*each) for each in function.results))

    def _yielded(self, node: ast.expr, scope: Scope) -> Value:
        value = self.value(node, scope)
        return containers.contents(value) if isinstance(node, ast.Starred) else value

    def _tried(self, function: Function, call: Call) -> Value | None:
        names = [each.arg for each in (*function.node.args.posonlyargs, *function.node.args.args)]
        if (
            call.more
            or call.more_keywords
            or function.outer.kind == "class"
            or not all(isinstance(each[0], Const | Seq | Ref) for each in call.args)
        ):
            return None
        given = dict(zip(names, call.args, strict=False)) | {k: v for k, v in call.keywords.items() if k in names}
        if len(given) < len(names) or not function.results or self.depth > _DEEPEST // 2:
            return None
        return self.under(function.inner, given, lambda: join(*(self.value(*each) for each in function.results)))

    def under(self, scope: Scope, given: dict[str, Value], compute: Callable[[], Value]) -> Value | None:
        """With names of a scope set to these values; None when that was done too often."""
        if self.trials >= _MOST_TRIALS or scope in self.given:
            return None
        self.trials += 1
        memo, self.memo = self.memo, {}
        self.given[scope] = given
        try:
            return compute()
        except _TooDeep:
            return None
        finally:
            del self.given[scope]
            self.memo = memo

    # --- expressions ---

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        return self.lookup(node.id, scope, node.lineno)

    def _constant(self, node: ast.Constant, _scope: Scope) -> Value:
        return (Const(node.value),)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return attributes.of(self, self.value(node.value, scope), node.attr)

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        target = self.value(node.func, scope)
        if all(isinstance(atom, Unknown) for atom in target):
            return target
        return self.apply(target, call_of(node, scope, self))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        if all(isinstance(atom, Unknown) for atom in value):
            return value
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            known = [single(self.value(each, scope)) if each else None for each in bounds]
            place = slice(*known) if all(each is None or isinstance(each, int) for each in known) else None
            return attributes.at(self, value, NOTHING_KNOWN, place)
        return attributes.at(self, value, self.value(node.slice, scope), None)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Value:
        """Along the left side without recursion: sums of a thousand terms are made by machines."""
        operands: list[tuple[type[ast.operator], ast.expr]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            operands.append((type(left.op), left.right))
            left = left.left
        value = self.value(left, scope)
        for kind, right in reversed(operands):
            value = self.operation(kind, value, self.value(right, scope))
        return value

    def operation(self, kind: type[ast.operator], left: Value, right: Value) -> Value:
        pairs = [(one, other) for one in left or NOTHING_KNOWN for other in right or NOTHING_KNOWN]
        return join(*(_operated(kind, one, other) for one, other in pairs[:16])) or NOTHING_KNOWN

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> Value:
        return concatenated([self._piece(each, scope) for each in node.values])

    def _piece(self, node: ast.expr, scope: Scope) -> Value:
        if not isinstance(node, ast.FormattedValue):
            return self.value(node, scope)
        value = self.value(node.value, scope)
        if node.format_spec is None and node.conversion in (-1, 115):
            return value
        spec = single(self.value(node.format_spec, scope)) if node.format_spec else ""
        exact = single(value)
        if exact is NotImplemented or not isinstance(spec, str):
            return NOTHING_KNOWN
        try:
            shown = ascii(exact) if node.conversion == 97 else repr(exact) if node.conversion == 114 else exact  # noqa: PLR2004
            return const(fold.method("{:" + spec + "}", "format", [shown], {}))
        except fold.Unfolded:
            return NOTHING_KNOWN

    def _either(self, node: ast.IfExp, scope: Scope) -> Value:
        return join(self.value(node.body, scope), self.value(node.orelse, scope))

    def _bool(self, node: ast.BoolOp, scope: Scope) -> Value:
        values = [self.value(each, scope) for each in node.values]
        exact = [single(each) for each in values]
        if NotImplemented not in exact:
            picked = exact[0]
            for each in exact[1:]:
                picked = (picked and each) if isinstance(node.op, ast.And) else (picked or each)
            return const(picked)
        if isinstance(node.op, ast.And) and False in exact:
            return _FALSE
        return join(*values)

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Value:
        exact: Any = single(self.value(node.operand, scope))
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

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        exact = [constants.plain(self.value(each, scope)) for each in (node.left, *node.comparators)]
        if NotImplemented in exact:
            return NOTHING_KNOWN
        try:
            return const(all(fold.compare(type(op), exact[i], exact[i + 1]) for i, op in enumerate(node.ops)))
        except fold.Unfolded:
            return NOTHING_KNOWN

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
        items: list[Value] = []
        rest: Value = ()
        for each in node.elts[:_MOST_ITEMS]:
            if not isinstance(each, ast.Starred):
                (items.append(self.value(each, scope)) if not rest else None)
                rest = join(rest, self.value(each, scope)) if rest else ()
                continue
            spread = self.value(each.value, scope)
            if len(spread) == 1 and isinstance(spread[0], Seq) and not spread[0].rest and not rest:
                items.extend(spread[0].items)
            else:
                rest = join(rest, containers.contents(spread))
        if len(node.elts) > _MOST_ITEMS:
            rest = join(rest, NOTHING_KNOWN)
        return (Seq(tuple(items), rest),)

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        entries: dict[object, Value] = {}
        rest: Value = ()
        spread = [self.value(item, scope) for key, item in zip(node.keys, node.values, strict=True) if key is None]
        spaces = tuple(atom for value in spread for atom in value if isinstance(atom, Space | Own))
        for key, item in list(zip(node.keys, node.values, strict=True))[:_MOST_ITEMS]:
            value = self.value(item, scope)
            exact = single(self.value(key, scope)) if key is not None else NotImplemented
            if isinstance(exact, str | int | bytes | None):
                entries[exact] = value
            elif key is None and len(value) == 1 and isinstance(value[0], Map):
                entries.update(value[0].entries)
                rest = join(rest, value[0].rest)
            else:
                rest = join(rest, value)
        return (Map(entries, rest), *spaces)

    def _comprehension(self, node: Any, scope: Scope) -> Value:
        inner = self.program.comprehensions.get(node)
        if inner is None:
            return NOTHING_KNOWN
        tried = (
            self._each(node, scope, inner) if len(node.generators) == 1 and not isinstance(node, ast.DictComp) else None
        )
        if tried is not None:
            return tried
        if isinstance(node, ast.DictComp):
            return (Map({}, self.value(node.value, inner)),)
        return (Seq((), self.value(node.elt, inner)),)

    def _each(self, node: Any, scope: Scope, inner: Scope) -> Value | None:
        """Item by item, where all items are known."""
        generator = node.generators[0]
        items = containers.items(self.value(generator.iter, scope))
        if items is None or len(items) > _MOST_ITEMS or not all(_is_plain(each) for each in items):
            return None
        found: list[Value] = []
        for item in items:
            given = _targets(self, generator.target, item)
            result = self.under(inner, given, lambda: self._passed(node, generator, inner)) if given else None
            if result is None:
                return None
            if result != _LEFT_OUT:
                found.append(result)
        return (Seq(tuple(found)),)

    def _passed(self, node: Any, generator: ast.comprehension, inner: Scope) -> Value:
        for test in generator.ifs:
            if single(self.value(test, inner)) in (False, None, 0, ""):
                return _LEFT_OUT
        return self.value(node.elt, inner)

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Value:
        return self.value(node.value, scope)

    def _inner_value(self, node: Any, scope: Scope) -> Value:
        return self.value(node.value, scope)

    def _lambda(self, node: ast.Lambda, _scope: Scope) -> Value:
        function = self.program.functions.get(node)
        return (Func(function),) if function else NOTHING_KNOWN


_FALSE = const(value=False)
_LEFT_OUT: Value = (Unknown("left out"),)

_HANDLERS: dict[type[Any], Callable[[Evaluator, Any, Scope], Value]] = {
    ast.Name: Evaluator._name,
    ast.Constant: Evaluator._constant,
    ast.Attribute: Evaluator._attribute,
    ast.Call: Evaluator._call,
    ast.Subscript: Evaluator._subscript,
    ast.BinOp: Evaluator._binary,
    ast.JoinedStr: Evaluator._joined,
    ast.IfExp: Evaluator._either,
    ast.BoolOp: Evaluator._bool,
    ast.UnaryOp: Evaluator._unary,
    ast.Compare: Evaluator._compare,
    ast.List: Evaluator._sequence,
    ast.Tuple: Evaluator._sequence,
    ast.Set: Evaluator._sequence,
    ast.Dict: Evaluator._dict,
    ast.ListComp: Evaluator._comprehension,
    ast.SetComp: Evaluator._comprehension,
    ast.GeneratorExp: Evaluator._comprehension,
    ast.DictComp: Evaluator._comprehension,
    ast.NamedExpr: Evaluator._walrus,
    ast.Await: Evaluator._inner_value,
    ast.Starred: Evaluator._inner_value,
    ast.Lambda: Evaluator._lambda,
}


def _is_plain(value: Value) -> bool:
    return len(value) == 1 and (isinstance(value[0], Const) or (isinstance(value[0], Seq) and not value[0].rest))


def _is_telling(atom: Atom) -> bool:
    return isinstance(atom, Func | Partial | Bound) or (isinstance(atom, Ref) and not atom.path.endswith("()"))


def _targets(evaluator: Evaluator, target: ast.expr, item: Value) -> dict[str, Value]:
    if isinstance(target, ast.Name):
        return {target.id: item}
    if isinstance(target, ast.Tuple | ast.List) and all(isinstance(each, ast.Name) for each in target.elts):
        return {
            each.id: attributes.at(evaluator, item, const(index), None)  # type: ignore[attr-defined]
            for index, each in enumerate(target.elts)
        }
    return {}


def _operated(kind: type[ast.operator], left: Atom, right: Atom) -> Value:
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return const(fold.binary(kind, left.value, right.value))
        except fold.Unfolded:
            return NOTHING_KNOWN
    if kind is ast.Div and (_is_text(left) or _is_text(right)):  # nothing but a path is divided by a text
        return methods.joined_path([(left,), (right,)], path=True)
    if kind is ast.Add:
        if isinstance(left, Seq) and isinstance(right, Seq):
            if left.rest:
                return (Seq(left.items, join(left.rest, right.any())),)
            return (Seq((*left.items, *right.items), right.rest),)
        if isinstance(left, Seq) or isinstance(right, Seq):
            known = left if isinstance(left, Seq) else right
            return (Seq((), join(known.any(), NOTHING_KNOWN)),)  # type: ignore[attr-defined]
        if _is_text(left) or _is_text(right):
            return (made((*parts_of(left), *parts_of(right))),)
    if kind is ast.BitOr and isinstance(left, Map) and isinstance(right, Map):
        return (Map({**left.entries, **right.entries}, join(left.rest, right.rest)),)
    if kind is ast.Mod and isinstance(left, Const) and isinstance(left.value, str):
        return constants.percent(left.value, right)
    if kind is ast.Mult:
        sequence = left if isinstance(left, Seq) else right if isinstance(right, Seq) else None
        return (Seq((), sequence.any()),) if sequence else NOTHING_KNOWN
    return NOTHING_KNOWN


def _is_text(atom: Atom) -> bool:
    return isinstance(atom, Text) or (isinstance(atom, Const) and isinstance(atom.value, str | bytes))
