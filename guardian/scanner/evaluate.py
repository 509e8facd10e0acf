"""What the names and expressions of a script may be: asked for one place, answered from all that it depends on.

Each expression is read once (`memo`), only when asked for. All bindings of a name count, in whatever order they run.
What is beyond a bound is UNKNOWN; when the time is over, `alive` raises.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from guardian.scanner import attributes, constants, containers, fold, methods, models, options, parameters
from guardian.scanner.calls import Call
from guardian.scanner.forms import HANDLERS
from guardian.scanner.knowledge import BUILTINS, canonical, offers
from guardian.scanner.operations import operation
from guardian.scanner.scopes import Binding, Function, Program, Scope
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
    Partial,
    Ref,
    Seq,
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
        if type(node) is ast.Constant:
            return (Const(node.value),)
        found = self.memo.get(node)
        if found is not None and found is not _PENDING:
            return found
        handler = HANDLERS.get(type(node))
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
                grown = operation(type(each.node.op), grown, self.value(each.node.value, each.scope))
                values.append(join(grown, NOTHING_KNOWN) if each.where else grown)  # more than once: who knows
        value = self.filled(name, join(*values))
        if name in self.program.changed:
            return tuple(Seq((), each.any()) if isinstance(each, Seq) else each for each in value)
        return value

    def filled(self, name: str, value: Value) -> Value:
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
        if path in fold.FOLDED:
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


def _is_telling(atom: Atom) -> bool:
    return isinstance(atom, Func | Partial | Bound) or (isinstance(atom, Ref) and not atom.path.endswith("()"))
