"""One pass over the tree that notes scopes, bindings and the places worth judging: statement by statement, what is
inside each by expressions.py."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from guardian.scanner.expressions import Expressions, Part, called, function_of
from guardian.scanner.scopes import Binding, Guard, Place, Program, Scope

_MAKERS = frozenset(
    ["partial", "partialmethod", "getattr", "attrgetter", "methodcaller", "itemgetter", "nullcontext", "import_module"]
)
_ALIASING = (ast.Name, ast.Subscript, ast.IfExp, ast.BoolOp)
_CHECK_EVERY = 512


class Walker(Expressions):
    def walk(self, tree: ast.Module) -> Program:
        self.tasks.append((self.program.module, tree.body, None, False, False))
        count = 0
        while self.tasks:
            scope, body, self.guard, self.perhaps, self.again = self.tasks.pop()
            for statement in body:
                if count % _CHECK_EVERY == 0:
                    self.alive()
                count += 1
                before = self.addresses
                handler = _STATEMENTS.get(type(statement))
                if handler is not None:
                    handler(self, statement, scope)
                if self.addresses != before:
                    self.program.addresses.append((statement, scope))
        return self.program

    def _expr(self, node: ast.Expr, scope: Scope) -> None:
        if type(node.value) is not ast.Constant:
            self.expression(node.value, scope)

    def _part(self, node: Part, scope: Scope) -> None:
        self.expression(node.value, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        before = self.addresses
        self.expression(node.value, scope)
        binding = Binding("value", node.value, scope)
        if self._may_alias(node.value):
            self.program.aliases.update(map(called, node.targets))
        for target in node.targets:
            self.bind(target, binding, scope)
            if self.addresses != before:
                self._prefix(target)

    def _may_alias(self, value: ast.expr) -> bool:
        """Whether the value may be a function that matters when called."""
        if isinstance(value, ast.Attribute):
            return value.attr in self.watched.graded or value.attr in self.program.aliases
        if isinstance(value, ast.Call):
            return called(value.func) in _MAKERS
        return type(value) in _ALIASING

    def _prefix(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.prefixes.add(target.id)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        self.annotation(node.annotation, scope)
        if node.value is not None:
            self._assign(ast.Assign([node.target], node.value), scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        self.expression(node.value, scope)
        self.bind(node.target, Binding("augment", node, scope, self.again or bool(scope.nonlocals)), scope)
        if isinstance(node.target, ast.Name) and node.target.id in self.prefixes:
            self.addresses += 1

    def _return(self, node: ast.Return, scope: Scope) -> None:
        self.expression(node.value, scope)
        function = function_of(scope)
        if function and node.value:
            function.results.append((node.value, scope))

    def _raise(self, node: ast.Raise, scope: Scope) -> None:
        self.expression(node.exc, scope)
        self.expression(node.cause, scope)

    def _assert(self, node: ast.Assert, scope: Scope) -> None:
        self.expression(node.test, scope)
        self.expression(node.msg, scope)

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.nonlocals.get(target.id, scope).deleted.add(target.id)
            else:
                self.expression(target, scope)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            self.name(alias.asname or whole, Binding("import", None, scope, whole), scope)
            self.program.imports.append((alias, alias.name, None, scope))

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            self.program.imports.append((alias, module, alias.name, scope))
            if alias.name == "*":
                scope.stars.append(module)
                continue
            name = alias.asname or alias.name
            self.name(name, Binding("import", None, scope, f"{module}.{alias.name}"), scope)
            self.program.aliases.add(name)
            if self.watched.imported(f"{module}.{alias.name}"):
                self.names.add(name)

    def _global(self, node: ast.Global, scope: Scope) -> None:
        for name in node.names:
            scope.nonlocals[name] = self.program.module

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            outer = scope.parent
            while outer is not None and outer.kind not in ("function", "lambda"):
                outer = outer.parent
            if outer is not None:
                scope.nonlocals[name] = outer.nonlocals.get(name, outer)

    def _if(self, node: ast.If | ast.While, scope: Scope) -> None:
        self.expression(node.test, scope)
        again = self.again or isinstance(node, ast.While)
        self.tasks.append((scope, node.body, Guard(node.test, self.guard), True, again))
        if node.orelse:
            self.tasks.append((scope, node.orelse, self.guard, True, self.again))

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        self.expression(node.iter, scope)
        self.bind(node.target, Binding("element", node.iter, scope), scope)
        self.tasks.append((scope, node.body, self.guard, True, True))
        self._bodies(scope, node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            self.expression(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, Binding("context", item.context_expr, scope), scope)
        self._bodies(scope, node.body)

    def _try(self, node: ast.Try, scope: Scope) -> None:
        for handler in node.handlers:
            self.expression(handler.type, scope)
            if handler.name:
                self.name(handler.name, Binding("unknown", None, scope), scope)
            self._bodies(scope, handler.body)
        self._bodies(scope, node.body, node.orelse, node.finalbody)

    def _match(self, node: ast.Match, scope: Scope) -> None:
        self.expression(node.subject, scope)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                self._pattern(pattern, node.subject, scope)
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if name:
                    self.name(name, Binding("inside", node.subject, scope), scope)
                for expression in (getattr(pattern, "cls", None), getattr(pattern, "value", None)):
                    self.expression(expression, scope)
            self.expression(case.guard, scope)
            self._bodies(scope, case.body)

    def _pattern(self, pattern: ast.AST, subject: ast.expr, scope: Scope) -> None:
        """`case A(name=x)` and `case {"name": x}` get an attribute and an item of the subject."""
        parts: list[tuple[ast.expr, ast.pattern]] = []
        if isinstance(pattern, ast.MatchClass):
            names = zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
            parts = [(ast.Attribute(subject, name, ast.Load()), inner) for name, inner in names]
        elif isinstance(pattern, ast.MatchMapping):
            keys = zip(pattern.keys, pattern.patterns, strict=True)
            parts = [(ast.Subscript(subject, key, ast.Load()), inner) for key, inner in keys]
        for made, inner in parts:
            ast.copy_location(made, inner)
            self.expression(made, scope)
            name = getattr(inner, "name", None)
            if name:
                self.name(name, Binding("value", made, scope), scope)

    def _bodies(self, scope: Scope, *bodies: Sequence[ast.stmt]) -> None:
        self.tasks.extend((scope, body, self.guard, True, self.again) for body in bodies if body)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        inner = self.function(node, scope)
        self.name(node.name, Binding("function", node, scope, inner.function), scope)
        self.annotation(node.returns, scope)
        self._decorated(node, scope)
        self.tasks.append((inner, node.body, None, False, False))

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator, scope)
            self.program.decorators.append(Place(decorator, scope, self.guard))

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = self.program.scope("class", scope, node)
        self.program.classes[node] = inner
        self.name(node.name, Binding("class", node, scope, inner), scope)
        for expression in (*node.bases, *(keyword.value for keyword in node.keywords)):
            self.expression(expression, scope)
        self._decorated(node, scope)
        self.tasks.append((inner, node.body, None, False, False))


_STATEMENTS: dict[type[ast.stmt], Callable[[Walker, Any, Scope], None]] = {
    ast.Expr: Walker._expr,
    Part: Walker._part,
    ast.Assign: Walker._assign,
    ast.AnnAssign: Walker._annotated,
    ast.AugAssign: Walker._augmented,
    ast.Return: Walker._return,
    ast.Raise: Walker._raise,
    ast.Assert: Walker._assert,
    ast.Delete: Walker._delete,
    ast.Import: Walker._import,
    ast.ImportFrom: Walker._import_from,
    ast.Global: Walker._global,
    ast.Nonlocal: Walker._nonlocal,
    ast.If: Walker._if,
    ast.While: Walker._if,
    ast.For: Walker._for,
    ast.AsyncFor: Walker._for,
    ast.With: Walker._with,
    ast.AsyncWith: Walker._with,
    ast.Try: Walker._try,
    ast.TryStar: Walker._try,
    ast.Match: Walker._match,
    ast.FunctionDef: Walker._define,
    ast.AsyncFunctionDef: Walker._define,
    ast.ClassDef: Walker._class,
}
