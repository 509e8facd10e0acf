"""Attributes and items of values: by dot, by string, by subscript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardian.scanner import options
from guardian.scanner.calls import Call
from guardian.scanner.knowledge import canonical
from guardian.scanner.names import MODULES
from guardian.scanner.text import end, made, origins
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Atom,
    Bound,
    Class,
    Const,
    Func,
    Hidden,
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

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator

_FRAME_NAMES = frozenset({"f_globals", "f_locals", "__globals__", "func_globals", "gi_frame", "tb_frame", "cr_frame"})
_SAME = frozenset({"__call__", "__func__", "__wrapped__", "__get__", "im_func"})
_OF_ENTRY = frozenset({"path", "name", "parent", "stem"})
_OF_PATH = frozenset({"name", "stem", "suffix", "parent", "parents"})
_LENGTH = 12
"""Longest class hierarchy looked at."""


def of(evaluator: Evaluator, value: Value, name: str) -> Value:
    return join(*(_one(evaluator, atom, name) for atom in value), _stored(evaluator, value, name)) or NOTHING_KNOWN


def _stored(evaluator: Evaluator, value: Value, name: str) -> Value:
    """What the script stores as an attribute of that name, of whatever object."""
    stores = evaluator.program.fields.get(name)
    found: Value = ()
    if stores and any(isinstance(atom, Instance | Class | Unknown | Func | Ref) for atom in value):
        found = join(*(evaluator.bound(each) for each in stores if each.kind != "augment"))
    if name in evaluator.program.items and any(isinstance(atom, Instance | Class) for atom in value):
        return evaluator.filled(name, found)
    return found


def _one(evaluator: Evaluator, atom: Atom, name: str) -> Value:
    if isinstance(atom, Ref):
        return join(_of_ref(atom.path, name), options.parsed(evaluator, atom.path, name))
    special = _special(atom, name)
    if special:
        return special
    if isinstance(atom, Instance):
        return of_class(evaluator, atom.of, name, atom)
    if isinstance(atom, Class):
        return of_class(evaluator, atom, name, None)
    if isinstance(atom, Partial) and name in ("func", "__wrapped__"):
        return atom.target
    if isinstance(atom, Func):
        return (atom,) if name in _SAME else NOTHING_KNOWN
    if isinstance(atom, Const) and name in ("value", "_value_"):  # a member of an enum
        return (atom,)
    if isinstance(atom, Unknown) and atom.origin:
        if name == "_rmtree":  # the one thing that a temporary folder does to others
            return ref("tempfile.TemporaryDirectory._rmtree")
        return (atom,) if name in _OF_ENTRY else NOTHING_KNOWN
    if isinstance(atom, Text) and atom.path and name in _OF_PATH:
        return _of_path(atom, name)
    if isinstance(atom, Const | Seq | Map | Text | Space | Own | Bound):
        return (atom,) if name in _SAME else (Bound(name, atom),)
    return NOTHING_KNOWN


def _of_path(atom: Text, name: str) -> Value:
    last = end(atom.parts).rpartition("/")[2]
    if name in ("parent", "parents"):
        above = (Text((Unknown("script" if "script" in origins(atom.parts) else ""),), path=True),)
        return above if name == "parent" else (Seq((), above),)
    if name in ("name", "suffix") and last:
        return const(last if name == "name" else "." + last.rpartition(".")[2])
    return (Unknown(next(iter(origins(atom.parts)), "")),)


def _special(atom: Atom, name: str) -> Value:
    """The attributes that lead out of an object, to its class, its module or the built-ins."""
    if name in ("__builtins__", "f_builtins"):
        return ref("builtins")
    if name == "f_back":
        return ref("sys._getframe()")
    if name in _FRAME_NAMES:
        return ref("globals()") if name.endswith(("globals", "globals__", "locals")) else ref("sys._getframe()")
    if name == "__dict__":
        return (Space((atom,)),)
    if name == "__getattribute__":
        return (Bound("__getattribute__", atom),)
    if name == "__class__":
        return class_of(atom)
    if name == "__name__" and isinstance(atom, Func):
        return const(atom.function.name)
    if name == "__code__" and isinstance(atom, Func):
        return ref("types.CodeType()")
    if name in ("__mro__", "__bases__"):
        return (Seq((), ref("builtins.object")),)
    if name == "__base__":
        return ref("builtins.object")
    if name == "__self__" and isinstance(atom, Bound):
        return (atom.of,)
    return ()


def class_of(atom: Atom) -> Value:
    if isinstance(atom, Func):
        return ref("types.FunctionType")
    if isinstance(atom, Instance):
        return (atom.of,)
    if isinstance(atom, Class):
        return ref("builtins.type")
    if isinstance(atom, Ref):
        if atom.path.endswith("()"):
            return ref(atom.path[:-2])
        return ref("builtins.type") if "." in atom.path else ref("types.ModuleType")
    if isinstance(atom, Const):
        return ref(f"builtins.{type(atom.value).__name__}")
    if isinstance(atom, Text) and atom.path:
        return ref("pathlib.Path")
    if isinstance(atom, Seq | Map | Text):
        return ref("builtins.list")
    return (Unknown("class"),)


def _of_ref(path: str, name: str) -> Value:
    if path == "sys" and name == "executable":
        return (Unknown("executable"),)
    if name == "__self__":
        return ref(path.rpartition(".")[0] or path)
    if name == "__module__":
        return const(path.rpartition(".")[0])
    if name in _SAME or (name in ("value", "_value_") and path in MODULES):  # a member of an enum
        return ref(path)
    if name == "__name__":
        return const(path.rpartition(".")[2])
    if name in ("__loader__", "loader") and (name != "loader" or path.endswith("__spec__")):
        return ref("importlib.loader")
    if name in ("__mro__", "__bases__", "__subclasses__"):
        return ref(f"{path}.{name}")
    if path.startswith("re.") and name == "__init__":
        return ref(f"{path}.{name}")
    special = _special(Ref(path), name)
    return special or ref(canonical(f"{path}.{name}"))


def of_class(evaluator: Evaluator, atom: Class, name: str, instance: Instance | None) -> Value:
    found: list[Value] = []
    seen: set[int] = set()
    todo = [atom]
    while todo and len(seen) < _LENGTH:
        here = todo.pop()
        if id(here.node) in seen:
            continue
        seen.add(id(here.node))
        if name in here.scope.bindings:
            found.append(_taken(evaluator, evaluator.named(name, here.scope), instance))
            continue
        for base in here.node.bases:
            for each in evaluator.value(base, here.outer):
                if isinstance(each, Class):
                    todo.append(each)
                elif isinstance(each, Ref):
                    found.append(ref(canonical(f"{each.path}().{name}" if instance else f"{each.path}.{name}")))
    if not found and "__getattr__" in atom.scope.bindings and name != "__getattr__":
        return evaluator.apply(evaluator.named("__getattr__", atom.scope), Call((const(name),)))
    return join(*found) or NOTHING_KNOWN


def _taken(evaluator: Evaluator, value: Value, instance: Instance | None) -> Value:
    """A property gives what its function returns."""
    found = []
    for atom in value:
        if isinstance(atom, Func):
            decorators = getattr(atom.function.node, "decorator_list", ())
            if any(
                getattr(each, "id", getattr(each, "attr", "")) in ("property", "cached_property") for each in decorators
            ):
                found.append(join(*(evaluator.value(*each) for each in atom.function.results)))
                continue
            found.append((Func(atom.function, instance),))
        else:
            found.append((atom,))
    return join(*found)


def by_name(evaluator: Evaluator, value: Value, name: Value) -> Value:
    """`getattr(value, name)`."""
    found: list[Value] = []
    for each in name or NOTHING_KNOWN:
        if isinstance(each, Const):
            if isinstance(each.value, str):
                found.append(_dotted(evaluator, value, each.value))
            continue
        found.extend(_hidden(atom, each) for atom in value)
    return join(*found) or NOTHING_KNOWN


def _dotted(evaluator: Evaluator, value: Value, name: str) -> Value:
    import unicodedata  # noqa: PLC0415  seldom needed

    plain = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return of(evaluator, value, plain)


def _hidden(atom: Atom, name: Atom) -> Value:
    if isinstance(atom, Ref):
        return (Hidden(atom.path, name if isinstance(name, Text) else None),)
    return NOTHING_KNOWN


def at(evaluator: Evaluator, value: Value, key: Value, place: object) -> Value:
    """`value[key]`; `place`: a slice, or an index that is known already."""
    return join(*(_item(evaluator, atom, key, place) for atom in value)) or NOTHING_KNOWN


def _item(evaluator: Evaluator, atom: Atom, key: Value, place: object) -> Value:
    exact = place if isinstance(place, slice | int) else single(key)
    if isinstance(atom, Const):
        return _of_constant(atom.value, exact)
    if isinstance(atom, Text):
        if exact == slice(None, None, -1):
            return (made(part[::-1] if isinstance(part, str) else part for part in reversed(atom.parts)),)
        return NOTHING_KNOWN
    if isinstance(atom, Seq):
        return _of_sequence(atom, exact)
    if isinstance(atom, Map):
        known = [atom.entries[each.value] for each in key if isinstance(each, Const) and _among(each.value, atom)]
        if known and all(isinstance(each, Const) for each in key):
            return join(*known, atom.rest)
        return atom.rest if exact is not NotImplemented else atom.any()
    if isinstance(atom, Space):
        return by_name(evaluator, atom.of, key)
    if isinstance(atom, Own):
        return own(evaluator, key)
    if isinstance(atom, Ref):
        return _of_ref_item(evaluator, atom.path, key)
    return NOTHING_KNOWN


def _among(key: object, atom: Map) -> bool:
    try:
        return key in atom.entries
    except TypeError:
        return False


def _of_constant(value: object, exact: object) -> Value:
    if isinstance(value, str | bytes | tuple) and isinstance(exact, int | slice):
        try:
            return const(value[exact])
        except (IndexError, ValueError, TypeError):
            return ()
    return NOTHING_KNOWN


def _of_sequence(atom: Seq, exact: object) -> Value:
    if isinstance(exact, slice):
        try:
            return (Seq(atom.items[exact], ()),) if not atom.rest else (Seq((), atom.any()),)
        except (ValueError, TypeError):
            return (Seq((), atom.any()),)
    if isinstance(exact, int) and not (exact < 0 and atom.rest):
        try:
            return atom.items[exact]
        except IndexError:
            return atom.rest
    return atom.any()


def own(evaluator: Evaluator, key: Value) -> Value:
    module = evaluator.program.module
    names = [each.value for each in key if isinstance(each, Const) and isinstance(each.value, str)]
    return join(*(evaluator.lookup(name, module) for name in names)) or NOTHING_KNOWN


def _of_ref_item(evaluator: Evaluator, path: str, key: Value) -> Value:
    if path == "builtins":
        return by_name(evaluator, ref(path), key)
    if path == "sys.modules":
        return join(*(ref(canonical(each)) for each in _texts(key))) or ref("sys.modules[]")
    if path == "globals()":
        return join(*(_foreign(each) for each in _texts(key))) or ref("globals()[]")
    if path in ("os.environ", "os.environb"):
        return (Unknown("environment"),)
    if path == "sys.argv":
        return (Unknown("argument"),)
    if path.endswith(("__mro__", "__bases__", ".mro()")):
        return ref("builtins.object")
    return ref(canonical(f"{path}[]")) if not path.endswith("[][]") else NOTHING_KNOWN


def _texts(key: Value) -> list[str]:
    return [each.value for each in key if isinstance(each, Const) and isinstance(each.value, str)]


def _foreign(name: str) -> Value:
    """A name in the namespace of some module: most modules import others under their own name."""
    if name == "__builtins__":
        return ref("builtins")
    if name == "__loader__":
        return ref("importlib.loader")
    return ref(canonical(f"globals().{name}"))
