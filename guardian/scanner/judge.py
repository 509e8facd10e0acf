"""Every place that the walk noted, against the rules: what is used there, and how."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from guardian.scanner import guards, handed, hidden, literals, models, paths
from guardian.scanner.calls import Call, call_of
from guardian.scanner.evaluate import Evaluator
from guardian.scanner.grades import GRADES, Context, Found
from guardian.scanner.knowledge import GRADED, canonical
from guardian.scanner.policy import Policy
from guardian.scanner.report import Severity
from guardian.scanner.rules import ENTRIES, EXEMPT, IMPORTS
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
    Own,
    Partial,
    Ref,
    Space,
    Text,
    Unknown,
    Value,
    single,
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
_USABLE = (Ref, Partial, Getter, Bound, Class, Hidden)
"""No union: that would be made anew for every call."""


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
            for node, verdict in literals.judged(self.evaluator, statement, scope, self.context.policy.allowlist):
                self._add(node, "", [Found("G603", verdict)])
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

    def _hidden(self, place: Place, atom: Hidden) -> None:
        for name, found in hidden.found(self.evaluator, place, atom):
            self._add(place.node, name, [found])

    def _subscript(self, place: Place) -> None:
        node = place.node
        value = self.evaluator.value(node.value, place.scope)  # type: ignore[attr-defined]
        if any(isinstance(atom, Ref | Space | Own) for atom in value):
            for atom in self.evaluator.value(node, place.scope):
                self._referred(place, atom)

    # --- calls ---

    def _call(self, place: Place) -> None:
        node, scope, _ = place
        func = node.func  # type: ignore[attr-defined]
        worth = type(func) is not ast.Attribute or func.attr in GRADED or func.attr in self.stored
        target = self.evaluator.value(func, scope) if worth else ()
        call: Call | None = None
        before = len(self.hits)
        for atom in target:
            if isinstance(atom, _USABLE):
                call = call or call_of(node, scope, self.evaluator)  # type: ignore[arg-type]
                self._used(place, atom, call)
        if len(self.hits) == before:
            self._escaped(place, target)
        if self._worth_reading(node, func):
            self._reads(place, target, call or call_of(node, scope, self.evaluator))  # type: ignore[arg-type]
        for handed_on, how in handed.on(self.evaluator, place, target, self.program.aliases):
            if isinstance(handed_on, Partial):
                self._used(place, handed_on, how)
            else:
                entry = ENTRIES[handed_on.path]
                self._add(node, handed_on.path, GRADES[entry.grade](self.context, entry, how))

    def _escaped(self, place: Place, target: Value) -> None:
        """A call of what cannot be told, in a script that hands a sensitive module around where nobody can follow."""
        if not self.escaped and not self.starts_programs:
            return
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
            rule = guards.secret_tested(self.evaluator, place) if each.rule == "G506" else None
            yield each._replace(rule=rule, severity=None) if rule else each

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
