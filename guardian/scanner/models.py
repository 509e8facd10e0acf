"""What functions of the standard library give, as far as a script can hide something behind them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from guardian.scanner import attributes
from guardian.scanner.calls import Call
from guardian.scanner.constants import of_python, plain
from guardian.scanner.containers import by_text, contents, items
from guardian.scanner.knowledge import canonical
from guardian.scanner.methods import entries_of, joined_path, method, os_walk_of
from guardian.scanner.text import concatenated, end, parts_of
from guardian.scanner.values import (
    MOST_ITEMS,
    NOTHING_KNOWN,
    Bound,
    Const,
    Getter,
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
_TEMPORARY: Value = (Unknown("temporary"),)


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
            if len(numbers) <= MOST_ITEMS:
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
            rest = join(rest, *(contents((each,)) for each in atom.rest))
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
    return entries_of([root, call.first()] if root else [call.first()], "walk" if recursive else "listing", path=False)


def _os_walk(_: Evaluator, _call: Call) -> Value:
    return os_walk_of(path=False)


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


def _unbound(name: str) -> Model:
    """A method called on its class: `str.join(separator, parts)`."""
    return lambda evaluator, call: (
        method(evaluator, Bound(name, call.first()[0]), call.after(1)) if call.first() else NOTHING_KNOWN
    )


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
    "collections.ChainMap": lambda _e, call: join(*call.args) or NOTHING_KNOWN,
    "types.SimpleNamespace": lambda _e, call: (Space((Map(by_text(call)),)),),
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.memoryview": _same_as_first,
    "builtins.str.maketrans": _maketrans,
    "builtins.str.join": _unbound("join"),
    "builtins.str.format": _unbound("format"),
    "builtins.bytes.decode": _unbound("decode"),
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
    "fnmatch.filter": lambda _e, call: entries_of([call.arg(1) or ()], "listing", path=False),
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
