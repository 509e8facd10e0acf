"""Every place that the walk noted, against the rules: what is used there, and how."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from guardian.scanner import addresses, containers, models, paths
from guardian.scanner.calls import Call, call_of
from guardian.scanner.evaluate import Evaluator
from guardian.scanner.grades import GRADES, Context, Found
from guardian.scanner.knowledge import GRADED, canonical
from guardian.scanner.policy import Policy
from guardian.scanner.report import Severity
from guardian.scanner.rules import ENTRIES, EXEMPT, IMPORTS
from guardian.scanner.rules.base import Entry
from guardian.scanner.scopes import Place, Program, Scope
from guardian.scanner.text import parts_of, shown
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Bound,
    Class,
    Const,
    Func,
    Getter,
    Hidden,
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
    single,
    strings,
)

_REVIEW = Severity.REVIEW
_HARMLESS_ON_STDIN = frozenset(
    [
        "isatty",
        "encoding",
        "closed",
        "errors",
        "name",
        "newlines",
        "close",
        "flush",
        "reconfigure",
        "mode",
    ]
)
_READING = frozenset(
    [
        "open",
        "read",
        "load",
        "loads",
        "parse",
        "add",
        "write",
        "copy",
        "copyfile",
        "copy2",
        "upload",
        "upload_file",
        "put_object",
        "send_file",
        "from_file",
        "read_text",
        "read_csv",
        "read_json",
        "read_table",
        "read_excel",
        "fromfile",
        "loadtxt",
        "safe_load",
        "attach",
        "put",
        "getline",
        "getlines",
    ]
)
_HARMLESS_CALLEES = frozenset(
    [
        "signature",
        "wraps",
        "update_wrapper",
        "getsource",
        "isinstance",
        "issubclass",
        "hasattr",
        "callable",
        "id",
        "repr",
        "str",
        "type",
        "print",
        "len",
        "help",
    ]
)
_APPLYING = {"map": 1, "filter": 1, "starmap": 1, "imap": 1, "imap_unordered": 1}
_WITH_ARGS = frozenset({"Thread", "Process", "Timer", "apply", "apply_async", "start_new_thread", "start_new"})


_LOOKED_AT_THE_CLOCK = 256
"""Hits between."""


class Hit(NamedTuple):
    node: ast.AST
    found: Found
    name: str


class Judge:
    def __init__(self, program: Program, evaluator: Evaluator, policy: Policy) -> None:
        self.program = program
        self.evaluator = evaluator
        self.context = Context(policy, _deletes_folders(program))
        self.hits: list[Hit] = []
        self.escaped = _escaped(program)
        self.only_asked = _only_asked(program)
        self.starts_programs = any("subprocess" in module for _, module, _, _ in program.imports)
        self.stored = program.fields.keys() | {
            name
            for scope in program.classes.values()
            for name, bindings in scope.bindings.items()
            if any(each.kind != "function" for each in bindings)
        }

    def judge(self) -> list[Hit]:
        program = self.program
        for alias, module, name, scope in program.imports:
            self._import(alias, module, name, scope)
        for place in program.names:
            self._reference(place)
        for place in program.attributes:
            self._reference(place)
        for place in program.subscripts:
            self._subscript(place)
        for place in program.calls:
            self._call(place)
        for place in program.decorators:
            self._decorator(place)
        for place in program.stores:
            self._store(place)
        for statement, scope in program.addresses:
            self._addresses(statement, scope)
        for node, scope in program.classes.items():
            self._class(node, scope)
        if self.evaluator.beyond:
            self._add(
                ast.Module([], []), "", [Found("G001", "a value goes through too many hands to be followed", _REVIEW)]
            )
        return self.hits

    def _add(self, node: ast.AST, name: str, found: Iterable[Found]) -> None:
        for each in found:
            self.hits.append(Hit(node, each, name))
            if not len(self.hits) % _LOOKED_AT_THE_CLOCK:
                self.evaluator.alive()

    # --- imports, references ---

    def _import(self, node: ast.AST, module: str, name: str | None, _scope: Scope) -> None:
        whole = f"{module}.{name}" if name and name != "*" else module
        rule = _imported(whole) or (_imported(module) if name == "*" else None)
        if rule is not None:
            self._add(node, whole, [Found(rule, "imported")])
            return
        entry = ENTRIES.get(canonical(whole)) if name and name != "*" else None
        if entry is not None and entry.grade == "always":
            self._add(node, canonical(whole), [Found(entry.rule, "imported", entry.severity)])

    def _reference(self, place: Place) -> None:
        node, scope, _ = place
        if isinstance(node, ast.Attribute) and node.attr in _HARMLESS_ON_STDIN:
            return
        value = self.evaluator.value(node, scope)
        for atom in value:
            self._referred(place, atom)

    def _referred(self, place: Place, atom: object) -> None:
        node = place.node
        if isinstance(atom, Hidden):
            self._hidden(place, atom)
        elif isinstance(atom, Ref):
            entry = ENTRIES.get(atom.path)
            if entry is not None and entry.grade == "always":
                if atom.path == "sys.stdin" and node in self.only_asked:
                    return
                self._add(node, atom.path, [Found(entry.rule, "", entry.severity)])
            elif isinstance(node, ast.Attribute) and atom.path in IMPORTS and node.attr.lstrip("_") in atom.path:
                self._add(node, atom.path, [Found(IMPORTS[atom.path], "from another module")])

    def _subscript(self, place: Place) -> None:
        node = place.node
        value = self.evaluator.value(node.value, place.scope)  # type: ignore[attr-defined]
        if any(isinstance(atom, Ref | Space | Own) for atom in value):
            for atom in self.evaluator.value(node, place.scope):
                self._referred(place, atom)

    def _hidden(self, place: Place, atom: Hidden) -> None:
        """An attribute that is not known: each that it may be, as far as the tests around it allow."""
        prefix = f"{atom.path}."
        names = {path[len(prefix) :] for path in ENTRIES if path.startswith(prefix) and "." not in path[len(prefix) :]}
        names = {name for name in names if "(" not in name and _fits(atom, name)}
        if atom.path == "sys":
            names |= {"modules"}
        left = {name for name in names if self._possible(place, name)}
        narrowed = len(left) < len(names) or atom.name is not None
        rules: dict[str, str] = {}
        for name in sorted(left):
            entry = ENTRIES.get(prefix + name)
            if entry is not None and (entry.grade in ("always", "run", "popen", "url") or narrowed):
                rules.setdefault(entry.rule, name)
        severity = None if narrowed and len(left) <= 3 else _REVIEW  # noqa: PLR2004
        for rule, name in rules.items():
            self._add(
                place.node,
                f"{atom.path}.{name}",
                [Found(rule, f"perhaps: an attribute of {atom.path} by a name that cannot be told", severity)],
            )

    def _possible(self, place: Place, name: str) -> bool:
        """Whether the tests around it may hold when the attribute has that name."""
        variable = _name_argument(place.node)
        if not isinstance(variable, ast.Name):
            return True
        owner: Scope | None = place.scope
        while owner is not None and variable.id not in owner.bindings:
            owner = owner.parent
        if owner is None or len(owner.bindings[variable.id]) != 1:
            return True  # the test may have been about another value of it
        guard = place.guard
        while guard is not None:
            if self._fails(guard.test, place.scope, owner, {variable.id: const(name)}):
                return False
            guard = guard.outer
        return True

    def _fails(self, test: ast.expr, scope: Scope, owner: Scope, given: dict[str, Value]) -> bool:
        result = self.evaluator.under(owner, given, lambda: self.evaluator.value(test, scope))
        return result is not None and single(result) is not NotImplemented and not single(result)

    # --- calls ---

    def _call(self, place: Place) -> None:
        node, scope, _ = place
        func = node.func  # type: ignore[attr-defined]
        worth = type(func) is not ast.Attribute or func.attr in GRADED or func.attr in self.stored
        target = self.evaluator.value(func, scope) if worth else ()
        call: Call | None = None
        before = len(self.hits)
        for atom in target:
            if isinstance(atom, Ref | Partial | Getter | Bound | Class | Hidden):
                call = call or call_of(node, scope, self.evaluator)  # type: ignore[arg-type]
                self._used(place, atom, call)
        if len(self.hits) == before:
            self._escaped(place, target)
        if self._worth_reading(node, func):
            self._reads(place, target, call or call_of(node, scope, self.evaluator))  # type: ignore[arg-type]
        self._handed_on(place, target)

    def _escaped(self, place: Place, target: Value) -> None:
        """A call of what cannot be told, in a script that hands a sensitive module around where nobody can follow."""
        node, scope, _ = place
        func, shell = node.func, [each.value for each in node.keywords if each.arg == "shell"]  # type: ignore[attr-defined]
        if not all(_untold(each) for each in target):
            return
        if shell and single(self.evaluator.value(shell[0], scope)) not in (False, None, 0) and self.starts_programs:
            self._add(node, "", [Found("G205", "something unknown is called with a shell", _REVIEW)])
        for module in self.escaped if isinstance(func, ast.Attribute) else ():
            entry = ENTRIES.get(f"{module}.{func.attr}")
            if entry is not None and entry.grade in ("always", "call", "run", "popen"):
                self._add(
                    node, f"{module}.{func.attr}", [Found(entry.rule, "perhaps: of what cannot be told", _REVIEW)]
                )

    def _used(self, place: Place, atom: object, call: Call, depth: int = 0) -> None:
        node = place.node
        if isinstance(atom, Ref):
            entry = ENTRIES.get(atom.path) or ENTRIES.get(atom.path.removesuffix(".__call__"))
            if entry is not None:
                self._add(node, atom.path, self._by_tests(place, GRADES[entry.grade](self.context, entry, call)))
            if atom.path in models.REFLECTIVE or atom.path.endswith((".get", ".pop")):
                for each in self.evaluator.value(node, place.scope):
                    self._referred(place, each)
        elif isinstance(atom, Partial) and depth < 8:  # noqa: PLR2004
            for each in atom.target:
                self._used(place, each, call.behind(atom.args, atom.keywords), depth + 1)
        elif isinstance(atom, Getter):
            target = models.target_of(self.evaluator, atom, call)
            for each in target:
                if atom.call is None:
                    self._referred(place, each)
                else:
                    self._used(place, each, Call(atom.call[0], atom.call[1]), depth + 1)
        elif isinstance(atom, Bound):
            self._bound(place, atom, call)
        elif isinstance(atom, Class):
            self._based(place, atom, call)
        elif isinstance(atom, Hidden):
            self._hidden(place, atom)

    def _bound(self, place: Place, atom: Bound, call: Call) -> None:
        if isinstance(atom.of, Text) and atom.of.path:
            entry = ENTRIES.get(f"pathlib.Path().{atom.name}")
            if entry is not None:
                self._add(
                    place.node,
                    f"Path.{atom.name}",
                    self._by_tests(place, GRADES[entry.grade](self.context, entry, call.behind(((atom.of,),), {}))),
                )
        elif atom.name in ("__getattribute__", "get", "pop", "setdefault", "__getitem__"):
            for each in self.evaluator.value(place.node, place.scope):
                self._referred(place, each)

    def _by_tests(self, place: Place, found: Iterable[Found]) -> Iterator[Found]:
        """A path that cannot be told, behind a test for the name of a secret file, is that file."""
        for each in found:
            rule = self._tested(place) if each.rule == "G506" else None
            yield each._replace(rule=rule, severity=None) if rule else each

    def _tested(self, place: Place) -> str | None:
        guard = place.guard
        while guard is not None:
            for node in ast.walk(guard.test):
                rule = self._named(node, place.scope)
                if rule is not None:
                    return rule
            guard = guard.outer
        return None

    def _named(self, node: ast.AST, scope: Scope) -> str | None:
        if not isinstance(node, ast.Constant | ast.Name):
            return None
        value = self.evaluator.value(node, scope)
        for text in strings(join(value, containers.contents(value))) if isinstance(node, ast.Name) else strings(value):
            rule = paths.secret((text,)) or (paths.secret(("x" + text,)) if text.startswith(".") else None)
            if rule is not None:
                return rule
        return None

    def _based(self, place: Place, atom: Class, call: Call) -> None:
        """An instance of a class that is derived from something outside."""
        for base in atom.node.bases:
            for each in self.evaluator.value(base, atom.outer):
                if isinstance(each, Ref | Class) and each is not atom:
                    self._used(place, each, call, 1)

    def _class(self, node: ast.AST, scope: Scope) -> None:
        """Deriving from a class that is dangerous to make is as good as making one."""
        for base in node.bases:  # type: ignore[attr-defined]
            for each in self.evaluator.value(base, scope.parent or scope):
                entry = ENTRIES.get(each.path) if isinstance(each, Ref) else None
                if entry is not None and entry.grade in ("call", "popen"):
                    self._add(base, each.path, [Found(entry.rule, "as a base class", entry.severity or _REVIEW)])  # type: ignore[attr-defined]

    def _handed_on(self, place: Place, target: Value) -> None:
        """A function that is graded by its arguments, given to another that will call it."""
        node, _scope, _ = place
        for index, argument in enumerate(node.args):  # type: ignore[attr-defined]
            if isinstance(argument, ast.Name | ast.Attribute):
                self._given(place, target, argument, index)
        for keyword in node.keywords:  # type: ignore[attr-defined]
            if isinstance(keyword.value, ast.Name | ast.Attribute):
                self._given(place, target, keyword.value, keyword.arg or "")

    def _given(self, place: Place, target: Value, argument: ast.expr, at: int | str) -> None:
        name = argument.attr if isinstance(argument, ast.Attribute) else argument.id  # type: ignore[attr-defined]
        if name not in _GRADED_NAMES and name not in self.program.aliases:
            return
        for atom in self.evaluator.value(argument, place.scope):
            if isinstance(atom, Ref):
                entry = ENTRIES.get(atom.path)
                if entry is not None and entry.grade != "always":
                    self._graded(place, target, entry, atom.path, at)
            elif isinstance(atom, Partial):
                call = self._as_called(place, target, at)
                if call is not None:
                    self._used(place, atom, call)

    def _graded(self, place: Place, target: Value, entry: Entry, path: str, at: int | str) -> None:
        call = self._as_called(place, target, at)
        if call is not None:
            self._add(place.node, path, GRADES[entry.grade](self.context, entry, call))

    def _as_called(self, place: Place, target: Value, at: int | str) -> Call | None:
        """How it will be called; None where it will not."""
        node, scope = place.node, place.scope
        func = node.func  # type: ignore[attr-defined]
        called = getattr(func, "id", getattr(func, "attr", ""))
        if called in _HARMLESS_CALLEES or any(isinstance(each, Func | Class | Partial) for each in target):
            return None
        if any(
            isinstance(each, Ref) and each.path in ("functools.partial", "functools.partialmethod") for each in target
        ):
            return None
        call = call_of(node, scope, self.evaluator)  # type: ignore[arg-type]
        if isinstance(at, str):
            args = call.keywords.get("args", ())
            keywords: Mapping[object, Value] = {}
            for each in call.keywords.get("kwargs", ()):
                keywords = each.entries if isinstance(each, Map) else keywords
            listed = next((each.items for each in args if isinstance(each, Seq)), None)
            if called == "default_factory" or listed is None:
                return Call(more=True, more_keywords=False) if at in ("target", "func", "function", "") else None
            return Call(listed, {str(key): value for key, value in keywords.items()}, more_keywords=call.more_keywords)
        if called in _APPLYING:
            return Call(tuple(containers.contents(each) for each in call.args[at + 1 :]))
        if called in _WITH_ARGS:
            listed = next((each.items for each in call.arg(at + 1, "args") or () if isinstance(each, Seq)), None)
            return Call(listed or (), more=listed is None)
        rest = call.after(at + 1)
        return rest if rest.args or rest.more else Call(more=True)

    # --- files read by whatever method ---

    def _worth_reading(self, node: ast.AST, func: ast.expr) -> bool:
        name = getattr(func, "attr", "")
        if name not in _READING:
            return False
        return any(not isinstance(each, ast.Constant) or isinstance(each.value, str | bytes) for each in node.args)  # type: ignore[attr-defined]

    def _reads(self, place: Place, target: Value, call: Call) -> None:
        """A method called `read`, `load`, `add` ... of whatever object, with the name of a secret file."""
        if any(isinstance(each, Ref) and each.path in ENTRIES for each in target) or any(
            isinstance(each, Func) for each in target
        ):
            return
        for value in call.args[:2]:
            for atom in value:
                if isinstance(atom, Const | Text) and not isinstance(
                    getattr(atom, "value", ""), int | float | type(None)
                ):
                    rule = paths.secret(parts_of(atom))
                    if rule and "." in shown(parts_of(atom)) and " " not in shown(parts_of(atom)):
                        self._add(place.node, "read", [Found(rule, shown(parts_of(atom)), _REVIEW)])

    # --- the rest ---

    def _decorator(self, place: Place) -> None:
        for atom in self.evaluator.value(place.node, place.scope):
            entry = ENTRIES.get(atom.path) if isinstance(atom, Ref) else None
            if entry is not None and entry.grade != "always":
                self._add(place.node, atom.path, GRADES[entry.grade](self.context, entry, Call((NOTHING_KNOWN,))))  # type: ignore[attr-defined]

    def _store(self, place: Place) -> None:
        node = place.node
        if isinstance(node, ast.Attribute) and node.attr in ("__code__", "__globals__", "__builtins__"):
            self._add(node, node.attr, [Found("G102", "replaced: other code runs under the name")])

    def _addresses(self, statement: ast.AST, scope: Scope) -> None:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            self._is_address(ast.copy_location(ast.Name(statement.target.id, ast.Load()), statement), scope)
            return
        for expression, where in _expressions(statement, scope):
            self._address(expression, where)

    def _address(self, root: ast.expr, scope: Scope) -> None:
        """The widest expressions that are an address; pieces of one are not looked at again."""
        stack: list[ast.AST] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Constant | ast.BinOp | ast.JoinedStr | ast.Call) and self._is_address(node, scope):
                continue
            if isinstance(node, ast.Compare) or _only_asks(node):
                continue
            stack.extend(each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr | ast.keyword))

    def _is_address(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            return False
        hit = False
        for atom in self.evaluator.value(node, scope):
            if not isinstance(atom, Const | Text) or isinstance(getattr(atom, "value", ""), int | float):
                continue
            parts = parts_of(atom)
            if addresses.is_address(parts):
                hit = True
                if shown(parts).rstrip("/\\ ").endswith(":"):
                    continue  # a scheme alone
                verdict = addresses.literal(parts, self.context.policy.allowlist)
                if verdict:
                    self._add(node, "", [Found("G603", verdict)])
        return hit


_GRADED_NAMES = frozenset(path.rpartition(".")[2] for path, entry in ENTRIES.items() if entry.grade != "always")


def _only_asks(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr
        in (
            "startswith",
            "endswith",
            "find",
            "index",
            "count",
            "split",
            "partition",
            "rpartition",
            "removeprefix",
            "strip",
        )
    )


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


def _imported(module: str) -> str | None:
    """The rule that importing it falls under."""
    parts = module.split(".")
    for count in range(len(parts), 0, -1):
        name = ".".join(parts[:count])
        if name in EXEMPT:
            return None
        if name in IMPORTS:
            return IMPORTS[name]
    return None


def _fits(atom: Hidden, name: str) -> bool:
    if atom.name is None:
        return True
    rest = name
    parts = atom.name.parts
    if isinstance(parts[0], str) and not name.startswith(parts[0]):
        return False
    if isinstance(parts[-1], str) and not name.endswith(parts[-1]):
        return False
    for part in parts:
        if isinstance(part, str):
            _, found, rest = rest.partition(part)
            if not found:
                return False
    return True


def _name_argument(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Subscript):
        return node.slice
    if isinstance(node, ast.Call) and node.args:
        return node.args[1] if len(node.args) > 1 else node.args[0]
    return None


def _untold(atom: object) -> bool:
    return (
        isinstance(atom, Unknown)
        or (isinstance(atom, Ref) and ("(" in atom.path or "[" in atom.path))
        or (isinstance(atom, Bound) and isinstance(atom.of, Space | Own))
    )


def _escaped(program: Program) -> set[str]:
    """Imported modules that are used as values: put somewhere, handed on."""
    found = set()
    for alias, module, name, _ in program.imports:
        bound = getattr(alias, "asname", None) or (name or module.partition(".")[0])
        if bound in program.bare:
            found.add(canonical(f"{module}.{name}" if name else module))
    return found


def _only_asked(program: Program) -> frozenset[ast.AST]:
    """`sys.stdin` in `sys.stdin.isatty()` reads nothing."""
    functions = [place.node.func for place in program.calls if isinstance(place.node, ast.Call)]
    return frozenset(
        each.value for each in functions if isinstance(each, ast.Attribute) and each.attr in _HARMLESS_ON_STDIN
    )


def _deletes_folders(program: Program) -> bool:
    return any(name in program.callers for name in ("rmdir", "removedirs"))
