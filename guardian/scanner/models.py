"""What functions and methods of the standard library give, as far as a script can hide something behind them."""

from __future__ import annotations

import ast
import functools
import string
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from guardian.scanner import attributes, fold
from guardian.scanner.calls import Call, call_of
from guardian.scanner.knowledge import canonical
from guardian.scanner.scopes import Function
from guardian.scanner.text import concatenated, end, made, parts_of
from guardian.scanner.values import (
    NOTHING_KNOWN,
    UNKNOWN,
    Atom,
    Bound,
    Const,
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
    strings,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator

Model = Callable[["Evaluator", Call], Value]
_MOST_ITEMS = 1_000
_TEMPORARY: Value = (Unknown("temporary"),)


# --- constants, containers ---


def of_python(value: object) -> Value:
    """A constant as a value: containers become containers of values."""
    if isinstance(value, list | tuple | set | frozenset):
        return (Seq(tuple(of_python(each) for each in list(value)[:_MOST_ITEMS])),)
    if isinstance(value, dict):
        return (Map({key: of_python(each) for key, each in list(value.items())[:_MOST_ITEMS]}),)
    return const(bytes(value) if isinstance(value, bytearray) else value)


def plain(value: Value) -> Any:
    """The one constant, list or dict that it is; NotImplemented else."""
    if len(value) != 1:
        return NotImplemented
    atom = value[0]
    if isinstance(atom, Const):
        return atom.value
    if isinstance(atom, Seq) and not atom.rest:
        found = [plain(each) for each in atom.items]
        return NotImplemented if any(each is NotImplemented for each in found) else found
    if isinstance(atom, Map) and not atom.rest:
        entries = {key: plain(each) for key, each in atom.entries.items()}
        return NotImplemented if any(each is NotImplemented for each in entries.values()) else entries
    return NotImplemented


def by_text(call: Call) -> dict[object, Value]:
    return dict(call.keywords.items())


def items(value: Value) -> list[Value] | None:
    """All items, in order; None where they are not all known."""
    if len(value) != 1:
        return None
    atom = value[0]
    if isinstance(atom, Seq) and not atom.rest:
        return list(atom.items)
    if isinstance(atom, Map) and not atom.rest:
        return [const(key) for key in atom.entries]
    if isinstance(atom, Const) and isinstance(atom.value, str | bytes | tuple) and len(atom.value) <= _MOST_ITEMS:
        return [const(each) for each in atom.value]
    return None


def contents(value: Value) -> Value:
    """What a loop over it may give."""
    found = []
    for atom in value:
        if isinstance(atom, Seq):
            found.append(atom.any())
        elif isinstance(atom, Map):
            found.append(tuple(Const(key) for key in atom.entries) + (NOTHING_KNOWN if atom.rest else ()))
        elif isinstance(atom, Const) and isinstance(atom.value, str | bytes):
            found.append(tuple(Const(each) for each in atom.value[:16]))
        elif isinstance(atom, Ref):
            found.append(ref(canonical(f"{atom.path}[]")) if not atom.path.endswith("[][]") else NOTHING_KNOWN)
        elif isinstance(atom, Unknown):
            found.append((atom,))
    return join(*found) or NOTHING_KNOWN


def entered(evaluator: Evaluator, value: Value) -> Value:
    """What `with value as it` gives: mostly the value itself."""
    found = []
    for atom in value:
        if isinstance(atom, Instance):
            method = attributes.of_class(evaluator, atom.of, "__enter__", atom)
            results = tuple(each for each in evaluator.apply(method, Call()) if not isinstance(each, Unknown))
            found.append(join((atom,), results))
        elif isinstance(atom, Seq):
            found.append(atom.any())  # a generator under contextlib.contextmanager
        else:
            found.append((atom,))
    return join(*found)


def folded(path: str, call: Call) -> Value:
    args = [plain(each) for each in call.args]
    keywords = {name: plain(each) for name, each in call.keywords.items()}
    if (
        call.more
        or call.more_keywords
        or NotImplemented in args
        or any(each is NotImplemented for each in keywords.values())
    ):
        return _partly(path, call)
    try:
        return of_python(fold.function(path, args, keywords))
    except fold.Unfolded:
        return _partly(path, call)


def _partly(path: str, call: Call) -> Value:
    """Where one of several values can be folded, or a string is passed on."""
    if path in ("builtins.str", "sys.intern", "urllib.parse.quote") and call.args:
        return tuple(each if isinstance(each, Text | Const | Unknown) else UNKNOWN for each in call.args[0])
    if len(call.args) >= 1 and 1 < len(call.args[0]) <= 8 and not call.more:  # noqa: PLR2004
        return join(*(folded(path, Call(((each,), *call.args[1:]), call.keywords)) for each in call.args[0]))
    return NOTHING_KNOWN


def percent(template: str, right: Atom) -> Value:
    """`template % right` where not all is known."""
    values = list(right.items) if isinstance(right, Seq) and not right.rest else [(right,)]
    pieces: list[Value] = []
    for index, text in enumerate(template.replace("%%", "\0").split("%")):
        if index == 0:
            pieces.append(const(text.replace("\0", "%")))
            continue
        stripped = text.lstrip("0123456789.-+ #")
        value = values[index - 1] if index <= len(values) and text[:1] in ("s", "d", "i") else NOTHING_KNOWN
        if text.startswith("("):
            name, _, stripped = text[1:].partition(")")
            value = attributes.at(None, (right,), const(name), None) if isinstance(right, Map) else NOTHING_KNOWN  # type: ignore[arg-type]
        pieces += [value, const(stripped[1:].replace("\0", "%"))]
    return concatenated(pieces)


def formatted(template: str, call: Call) -> Value:
    pieces: list[Value] = []
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError:
        return NOTHING_KNOWN
    for count, (literal, name, spec, conversion) in enumerate(fields):
        pieces.append(const(literal))
        if name is None:
            continue
        key = name.partition(".")[0].partition("[")[0]
        value = (
            call.arg(int(key) if key.isdecimal() else count) if not key or key.isdecimal() else call.keywords.get(key)
        )
        pieces.append(value if value and not spec and not conversion and name == key else NOTHING_KNOWN)
    return concatenated(pieces)


# --- parameters ---


def given(evaluator: Evaluator, function: Function, name: str, where: object) -> Value | None:
    """What the calls in this script give for a parameter; None where it is never called here."""
    method = function.outer.kind == "class"
    called = function.name
    if method and called == "__init__":
        called = getattr(function.outer.node, "name", "")
    index = where - (1 if method and not called.startswith("__") else 0) if isinstance(where, int) else None
    names = [called] if called else evaluator.program.called.get(function.node, [])
    found: list[Value] = []
    for each in names:
        found += _from_callers(evaluator, each, name, index, where)
        found += _from_passing(evaluator, each, index)
    if not called:
        found += _of_lambda(evaluator, function, name, index)
    return join(*found) or None if found else None


def _from_callers(evaluator: Evaluator, called: str, name: str, index: int | None, where: object) -> list[Value]:
    found: list[Value] = []
    for place in evaluator.program.callers.get(called, ())[:16]:
        call = call_of(place.node, place.scope, evaluator)  # type: ignore[arg-type]
        if where == "*":
            found.append((Seq(call.args, NOTHING_KNOWN if call.more else ()),))
        elif where == "**":
            found.append((Map(by_text(call), NOTHING_KNOWN if call.more_keywords else ()),))
        else:
            value = call.arg(-1 if index is None else index, name)
            if value is not None:
                found.append(value)
            elif call.more or call.more_keywords:
                found.append(NOTHING_KNOWN)
    return found


def _from_passing(evaluator: Evaluator, called: str, index: int | None) -> list[Value]:
    """Handed to something that will call it: map(f, items), submit(f, a, b), Thread(target=f, args=(a, b))."""
    places = evaluator.program.passed.get(called, ())
    return [_handed(evaluator, node, scope, at, index) for node, scope, at in places[:8] if index is not None]


def _of_lambda(evaluator: Evaluator, function: Function, name: str, index: int | None) -> list[Value]:
    found: list[Value] = []
    for node, scope, at in evaluator.program.lambdas.get(function.node, ()):
        if at < 0:
            value = call_of(node, scope, evaluator).arg(-1 if index is None else index, name)
            found.append(NOTHING_KNOWN if value is None else value)
        elif index is not None:
            found.append(_handed(evaluator, node, scope, at, index))
    return found


def _handed(evaluator: Evaluator, node: ast.Call, scope: Any, at: int | str, index: int) -> Value:
    target = evaluator.value(node.func, scope)
    name = _last(target, node.func)
    if isinstance(at, str):  # Thread(target=f, args=...)
        for keyword in node.keywords:
            if keyword.arg == "args":
                return attributes.at(evaluator, evaluator.value(keyword.value, scope), const(index), None)
        return NOTHING_KNOWN
    others = node.args[at + 1 :]
    if name == "reduce" and others:
        return join(*(contents(evaluator.value(each, scope)) for each in others))
    if name in ("map", "starmap", "filter", "imap", "imap_unordered", "apply_async", "apply") and others:
        if name in ("starmap", "apply_async", "apply"):
            return attributes.at(evaluator, evaluator.value(others[0], scope), const(index), None)
        return contents(evaluator.value(others[min(index, len(others) - 1)], scope))
    if index < len(others) and not isinstance(others[index], ast.Starred):
        return evaluator.value(others[index], scope)
    return NOTHING_KNOWN


def _last(target: Value, func: ast.expr) -> str:
    for atom in target:
        if isinstance(atom, Ref):
            return atom.path.rpartition(".")[2]
    return getattr(func, "attr", getattr(func, "id", ""))


# --- methods of what is known ---


def method(evaluator: Evaluator, bound: Bound, call: Call) -> Value:
    of, name = bound.of, bound.name
    if name == "__getattribute__":
        unbound = len(call.args) > 1
        return attributes.by_name(evaluator, call.args[0] if unbound else (of,), call.args[-1] if call.args else ())
    if name in ("__getitem__", "get", "pop", "setdefault", "__missing__") and not isinstance(of, Const | Text):
        found = attributes.at(evaluator, (of,), call.first(), None)
        return join(found, call.args[1]) if len(call.args) > 1 else found
    if isinstance(of, Text) and of.path:
        return _path_method(of, name, call)
    if isinstance(of, Const | Text):
        return _text_method(of, name, call)
    if isinstance(of, Seq | Map):
        return _container_method(of, name)
    if isinstance(of, Space) and name in ("values", "items"):
        hidden = attributes.by_name(evaluator, of.of, NOTHING_KNOWN)
        return (Seq((), hidden if name == "values" else (Seq((NOTHING_KNOWN, hidden)),)),)
    return NOTHING_KNOWN


def _text_method(of: Const | Text, name: str, call: Call) -> Value:
    if isinstance(of, Const):
        args = [plain(each) for each in call.args]
        keywords = {key: plain(each) for key, each in call.keywords.items()}
        if NotImplemented not in args and NotImplemented not in keywords.values() and not call.more:
            try:
                return of_python(fold.method(of.value, name, args, keywords))
            except fold.Unfolded:
                pass
    if name == "join" and isinstance(of, Const):
        return _joined(of, call.first())
    if name == "format" and isinstance(of, Const) and isinstance(of.value, str):
        return formatted(of.value, call)
    if name == "format_map" and isinstance(of, Const) and isinstance(of.value, str):
        given = next((each.entries for each in call.first() if isinstance(each, Map)), {})
        return formatted(of.value, Call((), {str(key): value for key, value in given.items()}))
    if name in ("strip", "lower", "rstrip", "lstrip", "encode", "decode", "format", "replace", "upper", "__str__"):
        return tuple(_same(of))
    return NOTHING_KNOWN


def _same(of: Const | Text) -> Iterable[Atom]:
    yield made([*parts_of(of)] if not isinstance(of, Const) else [UNKNOWN])


def _joined(of: Const, value: Value) -> Value:
    known = items(value)
    if known is None:
        return NOTHING_KNOWN
    between = parts_of(of)[0]
    return concatenated(known[:200], between=between if isinstance(between, str) else "")


def _container_method(of: Seq | Map, name: str) -> Value:
    if isinstance(of, Map) and name == "items":
        pairs: list[Value] = [(Seq((const(key), value)),) for key, value in of.entries.items()]
        return (Seq(tuple(pairs), (Seq((NOTHING_KNOWN, of.rest)),) if of.rest else ()),)
    if isinstance(of, Map) and name == "keys":
        return (Seq(tuple(const(key) for key in of.entries)),)
    if name in ("copy", "__iter__"):
        return (of,)
    if name in ("values", "popitem", "popleft", "__next__"):
        return (Seq((), of.any()),) if name == "values" else of.any()
    return NOTHING_KNOWN


_INTO_FOLDER = {"glob": "listing", "iterdir": "listing", "rglob": "walk", "walk": "walk"}


def _path_method(of: Text, name: str, call: Call) -> Value:
    parts = of.parts
    if name == "joinpath":
        return joined_path([(of,), *call.args], path=True)
    if name in ("with_suffix", "with_name", "with_stem"):
        return _renamed(parts, name, call.first())
    if name in ("resolve", "absolute", "expanduser", "as_posix", "__str__", "__fspath__", "readlink", "relative_to"):
        return (Text(parts, path=name not in ("as_posix", "__str__", "__fspath__")),)
    if name == "walk":
        return _os_walk_of(path=True)
    if name in _INTO_FOLDER:
        pattern = call.first() if "glob" in name and call.args else NOTHING_KNOWN
        deep = any("**" in each for each in strings(pattern))
        return _entries([(of,), pattern], "walk" if deep else _INTO_FOLDER[name], path=True)
    return NOTHING_KNOWN


def _renamed(parts: tuple[str | Unknown, ...], name: str, new: Value) -> Value:
    text = end(parts)
    head, tail = (parts[:-1], text) if text else (parts, "")
    folder, slash, last = tail.rpartition("/")
    if name == "with_suffix":
        kept = folder + slash + (last.rpartition(".")[0] or last)
    elif name == "with_name":
        kept = folder + slash
    else:
        return NOTHING_KNOWN
    return concatenated([(made((*head, kept), path=True),), new], path=True)


def joined_path(values: Iterable[Value], *, path: bool = False) -> Value:
    return concatenated(values, path=path, between="/")


def _entries(values: list[Value], origin: str, *, path: bool) -> Value:
    """The files that match a pattern: each `*` is some name."""
    found: list[Atom] = []
    for atom in joined_path(values, path=path):
        parts: list[str | Unknown] = []
        for part in parts_of(atom):
            if isinstance(part, Unknown):
                parts.append(Unknown(origin))
                continue
            for index, piece in enumerate(part.split("*")):
                if index:
                    parts.append(Unknown(origin))
                parts.append(piece)
        found.append(made(parts, path=path))
    return (Seq((), tuple(found)),)


# --- functions ---


def _getattr(evaluator: Evaluator, call: Call) -> Value:
    found = attributes.by_name(evaluator, call.first(), call.arg(1, "name", "attr") or ())
    default = call.arg(2, "default")
    return join(found, default) if default else found


def _object_getattribute(evaluator: Evaluator, call: Call) -> Value:
    return attributes.by_name(evaluator, call.first(), call.arg(1) or ())


def _getitem(evaluator: Evaluator, call: Call) -> Value:
    return attributes.at(evaluator, call.first(), call.arg(1) or (), None)


def _vars(_: Evaluator, call: Call) -> Value:
    return (Space(call.args[0]),) if call.args else (Own(),)


def _own(_: Evaluator, _call: Call) -> Value:
    return (Own(),)


def _type(_: Evaluator, call: Call) -> Value:
    if len(call.args) != 1:
        return contents(call.args[1]) if len(call.args) > 1 else NOTHING_KNOWN  # a new class: as good as its bases
    return join(*(attributes.class_of(atom) for atom in call.args[0]))


def _import(_: Evaluator, call: Call) -> Value:
    """`__import__("a.b")` gives a, unless there is a list of names."""
    names = strings(call.first())
    whole = bool(call.arg(3, "fromlist"))
    return join(*(ref(canonical(each if whole else each.partition(".")[0])) for each in names)) or NOTHING_KNOWN


def _import_module(_: Evaluator, call: Call) -> Value:
    return join(*(ref(canonical(each)) for each in strings(call.arg(0, "name") or ()))) or ref("sys.modules[]")


def _partial(_: Evaluator, call: Call) -> Value:
    return (Partial(call.first(), call.args[1:], dict(call.keywords)),)


def _attrgetter(_: Evaluator, call: Call) -> Value:
    return (Getter(call.first(), None, item=False),)


def _itemgetter(_: Evaluator, call: Call) -> Value:
    return (Getter(call.first(), None, item=True),)


def _methodcaller(_: Evaluator, call: Call) -> Value:
    return (Getter(call.first(), (call.args[1:], dict(call.keywords)), item=False),)


def target_of(evaluator: Evaluator, getter: Getter, call: Call) -> Value:
    """What attrgetter or methodcaller gets from its argument."""
    value = call.first()
    if getter.item:
        return attributes.at(evaluator, value, getter.names, None)
    found = []
    for name in getter.names or NOTHING_KNOWN:
        if isinstance(name, Const) and isinstance(name.value, str):
            here = value
            for part in name.value.split(".")[:8]:
                here = attributes.of(evaluator, here, part)
            found.append(here)
        else:
            found.append(attributes.by_name(evaluator, value, (name,)))
    return join(*found)


def got(evaluator: Evaluator, getter: Getter, call: Call) -> Value:
    target = target_of(evaluator, getter, call)
    if getter.call is None:
        return target
    return evaluator.apply(target, Call(getter.call[0], getter.call[1]))


def _same_as_first(_: Evaluator, call: Call) -> Value:
    return call.first() or NOTHING_KNOWN


def _map(evaluator: Evaluator, call: Call) -> Value:
    if len(call.args) < 2:  # noqa: PLR2004
        return NOTHING_KNOWN
    rows = [items(each) for each in call.args[1:]]
    if all(row is not None and len(row) <= 400 for row in rows):  # noqa: PLR2004
        known = [row for row in rows if row is not None]
        results = [evaluator.apply(call.first(), Call(tuple(each))) for each in zip(*known, strict=False)]
        return (Seq(tuple(results)),)
    return (Seq((), evaluator.apply(call.first(), Call(tuple(contents(each) for each in call.args[1:])))),)


def _reduce(evaluator: Evaluator, call: Call) -> Value:
    known = items(call.arg(1) or ())
    if known is None or len(known) > 200:  # noqa: PLR2004
        return NOTHING_KNOWN
    queue = [call.args[2], *known] if len(call.args) > 2 else known  # noqa: PLR2004
    if not queue:
        return NOTHING_KNOWN
    return functools.reduce(lambda one, other: evaluator.apply(call.first(), Call((one, other))), queue)


def _sequence(_: Evaluator, call: Call) -> Value:
    if not call.args:
        return (Seq(()),)
    known = items(call.first())
    if known is not None:
        return (Seq(tuple(known)),)
    return (Seq((), contents(call.first())),)


def _reversed(evaluator: Evaluator, call: Call) -> Value:
    known = items(call.first())
    return (Seq(tuple(reversed(known))),) if known is not None else _sequence(evaluator, call)


def _sorted(_: Evaluator, call: Call) -> Value:
    exact = plain(call.first())
    if isinstance(exact, list | str) and not call.keywords:
        try:
            return of_python(sorted(exact))
        except TypeError:
            pass
    return (Seq((), contents(call.first())),)


def _next(_: Evaluator, call: Call) -> Value:
    return join(contents(call.first()), call.arg(1) or ())


def _filter(_: Evaluator, call: Call) -> Value:
    return (Seq((), contents(call.arg(1) or ())),)


def _zip(_: Evaluator, call: Call) -> Value:
    rows = [items(each) for each in call.args]
    if rows and all(row is not None for row in rows):
        return (Seq(tuple((Seq(tuple(each)),) for each in zip(*(row or [] for row in rows), strict=False))),)
    return (Seq((), (Seq(tuple(contents(each) for each in call.args)),)),)


def _enumerate(_: Evaluator, call: Call) -> Value:
    known = items(call.first())
    if known is not None:
        return (Seq(tuple((Seq((const(index), each)),) for index, each in enumerate(known))),)
    return (Seq((), (Seq((NOTHING_KNOWN, contents(call.first()))),)),)


def _range(_: Evaluator, call: Call) -> Value:
    bounds = [each for each in map(single, call.args) if isinstance(each, int)]
    if bounds and len(bounds) == len(call.args):
        try:
            numbers = range(*bounds)
            if len(numbers) <= _MOST_ITEMS:
                return of_python(list(numbers))
        except (ValueError, TypeError, OverflowError):
            pass
    return (Seq((), NOTHING_KNOWN),)


def _dict(_: Evaluator, call: Call) -> Value:
    entries: dict[object, Value] = {}
    rest: Value = NOTHING_KNOWN if call.more_keywords else ()
    for atom in call.first():
        if isinstance(atom, Map):
            entries.update(atom.entries)
            rest = join(rest, atom.rest)
        elif isinstance(atom, Seq):
            for each in atom.items:
                pair = items(each)
                key = single(pair[0]) if pair and len(pair) == 2 else NotImplemented  # noqa: PLR2004
                if pair and isinstance(key, str | int | bytes):
                    entries[key] = pair[1]
                else:
                    rest = join(rest, contents(each))
        elif isinstance(atom, Space | Own) and not call.keywords:
            return (atom,)
        else:
            rest = NOTHING_KNOWN
    return (Map({**entries, **by_text(call)}, rest),)


def _bytes(_: Evaluator, call: Call) -> Value:
    exact = plain(call.first())
    if isinstance(exact, list):
        try:
            return const(bytes(exact))
        except (ValueError, TypeError):
            return NOTHING_KNOWN
    if isinstance(exact, bytes):
        return const(exact)
    if isinstance(exact, str):
        return const(exact.encode("utf-8", "replace"))
    return NOTHING_KNOWN


def _maketrans(_: Evaluator, call: Call) -> Value:
    exact = [plain(each) for each in call.args]
    try:
        return of_python(str.maketrans(*exact))
    except (TypeError, ValueError):
        return NOTHING_KNOWN


def _path(_: Evaluator, call: Call) -> Value:
    if not call.args:
        return (Text((".",), path=True),)
    return joined_path(call.args, path=True)


def _os_path_join(_: Evaluator, call: Call) -> Value:
    return joined_path([*call.args, NOTHING_KNOWN] if call.more else call.args)


def _basename(_: Evaluator, call: Call) -> Value:
    found = []
    for atom in call.first():
        text = end(parts_of(atom))
        found.append(Const(text.rpartition("/")[2]) if "/" in text or isinstance(atom, Const) else atom)
    return tuple(found)


def _splitext(_: Evaluator, call: Call) -> Value:
    for text in strings(call.first()):
        head, dot, tail = text.rpartition(".")
        return (Seq((const(head), const(dot + tail))),)
    return NOTHING_KNOWN


def _environ_get(_: Evaluator, call: Call) -> Value:
    return join(call.arg(1, "default") or (), (Unknown("environment"),))


def _glob(_: Evaluator, call: Call) -> Value:
    recursive = any(call.keywords.get("recursive", ())) and any("**" in each for each in strings(call.first()))
    root = call.keywords.get("root_dir")
    return _entries([root, call.first()] if root else [call.first()], "walk" if recursive else "listing", path=False)


def _os_walk(_: Evaluator, _call: Call) -> Value:
    return _os_walk_of(path=False)


def _os_walk_of(*, path: bool) -> Value:
    entry: Value = (made((Unknown("walk"),), path=path),)
    return (Seq((), (Seq((entry, (Seq((), entry),), (Seq((), entry),))),)),)


def _listing(_: Evaluator, _call: Call) -> Value:
    return (Seq((), (Unknown("listing"),)),)


def _temporary(_: Evaluator, _call: Call) -> Value:
    return _TEMPORARY


def _mkstemp(_: Evaluator, _call: Call) -> Value:
    return (Seq((NOTHING_KNOWN, _TEMPORARY)),)


def _urlunsplit(_: Evaluator, call: Call) -> Value:
    pieces = items(call.first())
    if not pieces or len(pieces) < 3:  # noqa: PLR2004
        return NOTHING_KNOWN
    return concatenated([pieces[0], const("://"), pieces[1], pieces[2]])


def _getmembers(evaluator: Evaluator, call: Call) -> Value:
    hidden = attributes.by_name(evaluator, call.first(), NOTHING_KNOWN)
    return (Seq((), (Seq((NOTHING_KNOWN, hidden)),)),)


def _first_of_second(_: Evaluator, call: Call) -> Value:
    return call.arg(1) or NOTHING_KNOWN


def _subclasses(_: Evaluator, _call: Call) -> Value:
    return (Seq((), ref("builtins.object.__subclasses__()[]")),)


def _string_constant(name: str) -> Model:
    return lambda _evaluator, _call: const(getattr(string, name))


MODELS: dict[str, Model] = {
    "builtins.getattr": _getattr,
    "inspect.getattr_static": _getattr,
    "builtins.object.__getattribute__": _object_getattribute,
    "builtins.type.__getattribute__": _object_getattribute,
    "types.ModuleType.__getattribute__": _object_getattribute,
    "operator.getitem": _getitem,
    "operator.__getitem__": _getitem,
    "builtins.dict.get": _getitem,
    "builtins.dict.__getitem__": _getitem,
    "builtins.dict.pop": _getitem,
    "builtins.list.__getitem__": _getitem,
    "builtins.vars": _vars,
    "builtins.globals": _own,
    "builtins.locals": _own,
    "builtins.type": _type,
    "builtins.__import__": _import,
    "importlib.__import__": _import,
    "importlib.import_module": _import_module,
    "importlib.reload": _same_as_first,
    "sys.modules.get": _import_module,
    "sys.modules.pop": _import_module,
    "sys.modules.__getitem__": _import_module,
    "pydoc.locate": _import_module,
    "pydoc.safeimport": _import_module,
    "pkgutil.resolve_name": lambda _e, call: (
        join(*(ref(canonical(each.replace(":", "."))) for each in strings(call.first()))) or ref("sys.modules[]")
    ),
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "operator.attrgetter": _attrgetter,
    "operator.itemgetter": _itemgetter,
    "operator.methodcaller": _methodcaller,
    "functools.reduce": _reduce,
    "functools.lru_cache()": _same_as_first,
    "functools.cache": _same_as_first,
    "functools.wraps()": _same_as_first,
    "functools.update_wrapper": _same_as_first,
    "functools.singledispatch": _same_as_first,
    "contextlib.contextmanager": _same_as_first,
    "contextlib.nullcontext": _same_as_first,
    "contextlib.closing": _same_as_first,
    "contextlib.ExitStack().enter_context": _same_as_first,
    "contextlib.AsyncExitStack().enter_async_context": _same_as_first,
    "contextlib.AsyncExitStack().enter_context": _same_as_first,
    "builtins.staticmethod": _same_as_first,
    "builtins.classmethod": _same_as_first,
    "copy.copy": _same_as_first,
    "copy.deepcopy": _same_as_first,
    "typing.cast": _first_of_second,
    "weakref.proxy": _same_as_first,
    "types.MethodType": _same_as_first,
    "types.MappingProxyType": _same_as_first,
    "builtins.list": _sequence,
    "builtins.tuple": _sequence,
    "builtins.set": _sequence,
    "builtins.frozenset": _sequence,
    "builtins.iter": _sequence,
    "collections.deque": _sequence,
    "itertools.chain": lambda _e, call: (Seq((), join(*(contents(each) for each in call.args))),),
    "itertools.chain.from_iterable": lambda _e, call: (Seq((), contents(contents(call.first()))),),
    "itertools.cycle": _sequence,
    "itertools.islice": _sequence,
    "itertools.repeat": lambda _e, call: (Seq((), call.first()),),
    "builtins.reversed": _reversed,
    "builtins.sorted": _sorted,
    "builtins.next": _next,
    "builtins.anext": _next,
    "builtins.max": _next,
    "builtins.min": _next,
    "random.choice": _next,
    "builtins.filter": _filter,
    "builtins.map": _map,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.range": _range,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "collections.ChainMap": _dict,
    "types.SimpleNamespace": lambda _e, call: (Space((Map(by_text(call)),)),),
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.memoryview": _same_as_first,
    "builtins.str.maketrans": _maketrans,
    "builtins.str.join": lambda evaluator, call: (
        method(evaluator, Bound("join", call.first()[0]), call.after(1)) if call.first() else NOTHING_KNOWN
    ),
    "builtins.str.format": lambda evaluator, call: (
        method(evaluator, Bound("format", call.first()[0]), call.after(1)) if call.first() else NOTHING_KNOWN
    ),
    "builtins.bytes.decode": lambda evaluator, call: (
        method(evaluator, Bound("decode", call.first()[0]), call.after(1)) if call.first() else NOTHING_KNOWN
    ),
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PurePosixPath": _path,
    "anyio.Path": _path,
    "aiopath.AsyncPath": _path,
    "upath.UPath": _path,
    "pathlib.Path.cwd": lambda _e, _c: (Text((".",), path=True),),
    "pathlib.Path.home": lambda _e, _c: (Text(("~",), path=True),),
    "os.path.join": _os_path_join,
    "os.path.abspath": _same_as_first,
    "os.path.realpath": _same_as_first,
    "os.path.normpath": _same_as_first,
    "os.path.expanduser": _same_as_first,
    "os.path.expandvars": _same_as_first,
    "os.path.normcase": _same_as_first,
    "os.path.basename": _basename,
    "os.path.splitext": _splitext,
    "os.fspath": _same_as_first,
    "os.fsencode": _same_as_first,
    "os.fsdecode": _same_as_first,
    "os.environ.get": _environ_get,
    "os.environ.pop": _environ_get,
    "os.environ.setdefault": _environ_get,
    "os.getenv": _environ_get,
    "os.walk": _os_walk,
    "os.fwalk": _os_walk,
    "os.listdir": _listing,
    "os.scandir": _listing,
    "glob.glob": _glob,
    "glob.iglob": _glob,
    "fnmatch.filter": lambda _e, call: _entries([call.arg(1) or ()], "listing", path=False),
    "tempfile.mkdtemp": _temporary,
    "tempfile.mktemp": _temporary,
    "tempfile.gettempdir": _temporary,
    "tempfile.TemporaryDirectory": _temporary,
    "tempfile.NamedTemporaryFile": _temporary,
    "tempfile.mkstemp": _mkstemp,
    "urllib.parse.urlunsplit": _urlunsplit,
    "urllib.parse.urlunparse": _urlunsplit,
    "inspect.getmodule": lambda _e, call: (
        join(*(ref(each.path.rpartition(".")[0]) for each in call.first() if isinstance(each, Ref))) or NOTHING_KNOWN
    ),
    "inspect.getmembers": _getmembers,
    "inspect.getmembers_static": _getmembers,
    "builtins.object.__subclasses__": _subclasses,
    "builtins.type.__subclasses__": _subclasses,
    "io.StringIO": lambda _e, _c: _TEMPORARY,
    "io.BytesIO": lambda _e, _c: _TEMPORARY,
    "io.TextIOWrapper": _same_as_first,
    "io.BufferedReader": _same_as_first,
    "shlex.split": lambda _e, call: join(*(of_python(each.split()) for each in strings(call.first()))) or NOTHING_KNOWN,
    "builtins.str.split": lambda _e, call: (
        join(*(of_python(each.split()) for each in strings(call.first()))) or NOTHING_KNOWN
    ),
    "shutil.which": _same_as_first,
    "asyncio.wait_for": _same_as_first,
    "asyncio.run": _same_as_first,
}

REFLECTIVE = frozenset(
    [
        "builtins.getattr",
        "inspect.getattr_static",
        "builtins.object.__getattribute__",
        "builtins.type.__getattribute__",
        "operator.getitem",
        "types.ModuleType.__getattribute__",
        "builtins.dict.get",
        "builtins.dict.__getitem__",
        "builtins.dict.pop",
        "operator.__getitem__",
        "functools.reduce",
        "importlib.import_module",
        "builtins.__import__",
        "sys.modules.get",
        "sys.modules.pop",
        "sys.modules.__getitem__",
        "pkgutil.resolve_name",
        "pydoc.locate",
        "inspect.getmembers",
        "inspect.getmembers_static",
    ]
)
"""Functions whose result may be the sensitive thing: looked at as a reference to it would be."""
