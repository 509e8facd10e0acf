"""Functions that are given to others, which will call them: `map(os.remove, names)`, `Thread(target=f, args=...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set

from guardian.scanner import containers
from guardian.scanner.calls import Call, call_of
from guardian.scanner.evaluate import Evaluator
from guardian.scanner.rules import ENTRIES
from guardian.scanner.scopes import Place
from guardian.scanner.values import Class, Func, Map, Partial, Ref, Seq, Value

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
_NAMES = (ast.Name, ast.Attribute)
"""No union: that would be made anew for every argument."""
_GRADED_NAMES = frozenset(path.rpartition(".")[2] for path, entry in ENTRIES.items() if entry.grade != "always")


def on(evaluator: Evaluator, place: Place, target: Value, aliases: Set[str]) -> Iterator[tuple[Ref | Partial, Call]]:
    """Those that are graded by their arguments, and how they will be called. `target`: what they are given to;
    `aliases`: names that may stand for one."""
    for argument, at in _arguments(place.node):
        name = argument.attr if isinstance(argument, ast.Attribute) else argument.id
        if (name not in _GRADED_NAMES and name not in aliases) or _calls_it_not(place.node, target):
            continue
        for atom in evaluator.value(argument, place.scope):
            if isinstance(atom, Partial) or (isinstance(atom, Ref) and _graded(atom)):
                call = _as_called(evaluator, place, at)
                if call is not None:
                    yield atom, call


def _arguments(node: ast.AST) -> Iterator[tuple[ast.Name | ast.Attribute, int | str]]:
    for index, argument in enumerate(node.args):  # type: ignore[attr-defined]
        if type(argument) in _NAMES:
            yield argument, index
    for keyword in node.keywords:  # type: ignore[attr-defined]
        if type(keyword.value) in _NAMES:
            yield keyword.value, keyword.arg or ""


def _graded(atom: Ref) -> bool:
    entry = ENTRIES.get(atom.path)
    return entry is not None and entry.grade != "always"


def _as_called(evaluator: Evaluator, place: Place, at: int | str) -> Call | None:
    """How it will be called; None where it will not."""
    node, scope = place.node, place.scope
    called = _called(node)
    call = call_of(node, scope, evaluator)  # type: ignore[arg-type]
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


def _called(node: ast.AST) -> str:
    func = node.func  # type: ignore[attr-defined]
    return getattr(func, "id", "") or getattr(func, "attr", "")


def _calls_it_not(node: ast.AST, target: Value) -> bool:
    """Whether what is called does nothing with a function that it is given, or is read itself."""
    return _called(node) in _HARMLESS_CALLEES or any(
        isinstance(each, Func | Class | Partial)
        or (isinstance(each, Ref) and each.path in ("functools.partial", "functools.partialmethod"))
        for each in target
    )
