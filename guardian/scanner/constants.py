"""Constants, and what can be computed of them where all or some of it is known."""

from __future__ import annotations

from typing import Any

from guardian.scanner import attributes, fold
from guardian.scanner.calls import Call
from guardian.scanner.text import concatenated
from guardian.scanner.values import (
    MOST_ITEMS,
    NOTHING_KNOWN,
    UNKNOWN,
    Atom,
    Const,
    Map,
    Seq,
    Text,
    Unknown,
    Value,
    const,
    join,
)


def of_python(value: object) -> Value:
    """A constant as a value: containers become containers of values."""
    if isinstance(value, list | tuple | set | frozenset):
        return (Seq(tuple(of_python(each) for each in list(value)[:MOST_ITEMS])),)
    if isinstance(value, dict):
        return (Map({key: of_python(each) for key, each in list(value.items())[:MOST_ITEMS]}),)
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
    from string import Formatter  # noqa: PLC0415  seldom needed, slow to load

    pieces: list[Value] = []
    try:
        fields = list(Formatter().parse(template))
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
