"""What methods give of values that are known: texts, paths, containers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from guardian.scanner import attributes, fold
from guardian.scanner.calls import Call
from guardian.scanner.constants import formatted, of_python, plain
from guardian.scanner.containers import items
from guardian.scanner.text import concatenated, end, made, parts_of
from guardian.scanner.values import (
    NOTHING_KNOWN,
    UNKNOWN,
    Atom,
    Bound,
    Const,
    Map,
    Seq,
    Space,
    Text,
    Unknown,
    Value,
    const,
    join,
    strings,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator


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
        return os_walk_of(path=True)
    if name in _INTO_FOLDER:
        pattern = call.first() if "glob" in name and call.args else NOTHING_KNOWN
        deep = any("**" in each for each in strings(pattern))
        return entries_of([(of,), pattern], "walk" if deep else _INTO_FOLDER[name], path=True)
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


def entries_of(values: list[Value], origin: str, *, path: bool) -> Value:
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


def os_walk_of(*, path: bool) -> Value:
    entry: Value = (made((Unknown("walk"),), path=path),)
    return (Seq((), (Seq((entry, (Seq((), entry),), (Seq((), entry),))),)),)
