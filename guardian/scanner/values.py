"""What an expression may be, as far as it can be told without running it: a few atoms of these classes.

A value is a tuple of atoms: any of them is possible. The empty value is "nothing known yet" (inside a cycle).
Atoms are never changed once made; they are compared by `key`.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from guardian.scanner.rules import ENTRIES

if TYPE_CHECKING:
    from guardian.scanner.scopes import Function, Scope

MOST_ATOMS = 40
MOST_ITEMS = 1_000


class Atom:
    __slots__ = ()

    def key(self) -> object:
        return id(self)


class Unknown(Atom):
    """Anything. `origin` says what is known of where it comes from: `walk` and `listing` (an entry of a folder, below
    or in it), `temporary` (a file made by the script itself), `environment`, `executable` (Python's own)."""

    __slots__ = ("origin",)

    def __init__(self, origin: str = "") -> None:
        self.origin = origin

    def key(self) -> object:
        return Unknown, self.origin


UNKNOWN = Unknown()
NOTHING_KNOWN: Value = (UNKNOWN,)


class Const(Atom):
    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def key(self) -> object:
        return Const, type(self.value), self.value


class Text(Atom):
    """A string known in part: strings, and Unknown where it is not known. `path`: it is a pathlib path."""

    __slots__ = ("parts", "path")

    def __init__(self, parts: tuple[str | Unknown, ...], *, path: bool = False) -> None:
        self.parts = parts
        self.path = path

    def key(self) -> object:
        return Text, tuple(each if isinstance(each, str) else each.origin for each in self.parts), self.path


class Ref(Atom):
    """Something from outside of the script, by its full name: `os.system`; `requests.Session()` is what that gives
    when called, `[]` an item of it."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def key(self) -> object:
        return Ref, self.path


class Hidden(Atom):
    """An attribute of `path` whose name is known in part or not at all; `names` where it is one of a few."""

    __slots__ = ("name", "names", "path")

    def __init__(self, path: str, name: Text | None, names: tuple[str, ...] | None = None) -> None:
        self.path = path
        self.name = name
        self.names = names


class Seq(Atom):
    """A sequence: its first items in order, then any number of `rest` (none where that is empty)."""

    __slots__ = ("items", "rest")

    def __init__(self, items: tuple[Value, ...], rest: Value = ()) -> None:
        self.items = items
        self.rest = rest

    def any(self) -> Value:
        return join(*self.items, self.rest)


class Map(Atom):
    __slots__ = ("entries", "rest")

    def __init__(self, entries: Mapping[object, Value], rest: Value = ()) -> None:
        self.entries = entries
        self.rest = rest

    def any(self) -> Value:
        return join(*self.entries.values(), self.rest)


class Func(Atom):
    """A function of the script; `owner`: the instance or class that it was taken from."""

    __slots__ = ("function", "owner")

    def __init__(self, function: Function, owner: Atom | None = None) -> None:
        self.function = function
        self.owner = owner

    def key(self) -> object:
        return Func, id(self.function), id(self.owner)


class Class(Atom):
    __slots__ = ("node", "outer", "scope")

    def __init__(self, node: ast.ClassDef, scope: Scope, outer: Scope) -> None:
        self.node = node
        self.scope = scope
        self.outer = outer

    def key(self) -> object:
        return Class, id(self.node)


class Instance(Atom):
    __slots__ = ("of",)

    def __init__(self, of: Class) -> None:
        self.of = of

    def key(self) -> object:
        return Instance, id(self.of.node)


class Space(Atom):
    """The namespace of something, as `vars(it)` gives it; `of` None: that of a module or frame unknown."""

    __slots__ = ("of",)

    def __init__(self, of: Value) -> None:
        self.of = of


class Own(Atom):
    """The script's own names, as `globals()` gives them."""

    __slots__ = ()

    def key(self) -> object:
        return Own


class Bound(Atom):
    """A method `name` of a value that is known: a constant, a container, a path."""

    __slots__ = ("name", "of")

    def __init__(self, name: str, of: Atom) -> None:
        self.name = name
        self.of = of


class Partial(Atom):
    """`target` with arguments given already. `getter`: it is applied to the attribute `getter` of its first argument
    (operator.attrgetter, methodcaller)."""

    __slots__ = ("args", "keywords", "target")

    def __init__(self, target: Value, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> None:
        self.target = target
        self.args = args
        self.keywords = keywords


class Getter(Atom):
    """operator.attrgetter (`call` None), methodcaller (`call`: its arguments) or itemgetter (`item`)."""

    __slots__ = ("call", "item", "names")

    def __init__(self, names: Value, call: tuple[tuple[Value, ...], Mapping[str, Value]] | None, *, item: bool) -> None:
        self.names = names
        self.call = call
        self.item = item


Value = tuple[Atom, ...]


def join(*values: Value) -> Value:
    """Any of them; too many atoms become unknown beside the first of them."""
    first: Value = ()
    several = False
    for value in values:
        if value and value is not first:
            several = bool(first)
            if several:
                break
            first = value
    if not several:
        return first
    found: dict[object, Atom] = {}
    for value in values:
        for atom in value:
            try:
                found.setdefault(atom.key(), atom)
            except TypeError:  # a constant that cannot be hashed
                found.setdefault(id(atom), atom)
    atoms = tuple(found.values())
    if len(atoms) <= MOST_ATOMS:
        return atoms
    return (*sorted(atoms, key=_told_last)[:MOST_ATOMS], UNKNOWN)


def _told_last(atom: Atom) -> int:
    """Whoever adds many harmless ones must not push the others out."""
    if isinstance(atom, Ref):
        return 0 if atom.path in ENTRIES else 2
    return 3 if isinstance(atom, Const | Text | Unknown) else 1


def const(value: object) -> Value:
    return (Const(value),)


_KNOWN = {f"os.{name}": text for name, text in (("sep", "/"), ("curdir", "."), ("pardir", ".."), ("extsep", "."))} | {
    f"string.{name}": getattr(string, name)
    for name in (
        "ascii_lowercase",
        "ascii_uppercase",
        "ascii_letters",
        "digits",
        "hexdigits",
        "punctuation",
        "printable",
    )
}
"""Texts that the standard library holds: names can be put together out of them."""


def ref(path: str) -> Value:
    return (Ref(path),) if path not in _KNOWN else (Const(_KNOWN[path]),)


def constants(value: Value) -> Iterable[object]:
    return (atom.value for atom in value if isinstance(atom, Const))


def strings(value: Value) -> list[str]:
    return [each for each in constants(value) if isinstance(each, str)]


def single(value: Value) -> object:
    """The constant that it is for certain; NotImplemented where it is none or several."""
    if len(value) == 1 and isinstance(value[0], Const):
        return value[0].value
    return NotImplemented
