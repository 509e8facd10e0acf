"""Functions that get a thing by its name: of an object, of a module, of the interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardian.scanner import attributes
from guardian.scanner.calls import Call
from guardian.scanner.containers import by_text, contents
from guardian.scanner.knowledge import canonical
from guardian.scanner.models.base import Model
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Const,
    Getter,
    Map,
    Own,
    Partial,
    Ref,
    Seq,
    Space,
    Value,
    join,
    ref,
    strings,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator


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


def _getmembers(evaluator: Evaluator, call: Call) -> Value:
    hidden = attributes.by_name(evaluator, call.first(), NOTHING_KNOWN)
    return (Seq((), (Seq((NOTHING_KNOWN, hidden)),)),)


def _subclasses(_: Evaluator, _call: Call) -> Value:
    return (Seq((), ref("builtins.object.__subclasses__()[]")),)


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
    "sys.modules.get": _import_module,
    "sys.modules.pop": _import_module,
    "sys.modules.__getitem__": _import_module,
    "pydoc.locate": _import_module,
    "pydoc.safeimport": _import_module,
    "pkgutil.resolve_name": (
        lambda _e, call: (
            join(*(ref(canonical(each.replace(":", "."))) for each in strings(call.first()))) or ref("sys.modules[]")
        )
    ),
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "operator.attrgetter": _attrgetter,
    "operator.itemgetter": _itemgetter,
    "operator.methodcaller": _methodcaller,
    "types.SimpleNamespace": lambda _e, call: (Space((Map(by_text(call)),)),),
    "inspect.getmodule": (
        lambda _e, call: (
            join(*(ref(each.path.rpartition(".")[0]) for each in call.first() if isinstance(each, Ref)))
            or NOTHING_KNOWN
        )
    ),
    "inspect.getmembers": _getmembers,
    "inspect.getmembers_static": _getmembers,
    "builtins.object.__subclasses__": _subclasses,
    "builtins.type.__subclasses__": _subclasses,
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
