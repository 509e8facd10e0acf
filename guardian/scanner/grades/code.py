"""Code that is made of text, and what builds objects out of data."""

from __future__ import annotations

from collections.abc import Iterable

from guardian.scanner.calls import Call
from guardian.scanner.grades.base import BLOCK, REVIEW, Context, Found, argument, leaves, surely_false
from guardian.scanner.knowledge import canonical
from guardian.scanner.rules import ENTRIES
from guardian.scanner.rules.base import Entry
from guardian.scanner.values import (
    Bound,
    Class,
    Const,
    Func,
    Map,
    Partial,
    Ref,
    Seq,
    Unknown,
    constants,
    single,
    strings,
)


def always(_: Context, entry: Entry, _call: Call) -> Iterable[Found]:
    yield Found(entry.rule, "", entry.severity)


def evaluated_annotations(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = call.arg(-1, *entry.names)
    if value is not None and not surely_false(value):
        yield Found(entry.rule, "with eval_str", entry.severity)


def not_none(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    if single(call.first()) is not None:
        yield Found(entry.rule, "", entry.severity)


def text_argument(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    if argument(entry, call) is not None:
        yield Found(entry.rule, "", entry.severity)


def built_text(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """A constant is data of the script's author; anything else may come from elsewhere."""
    value = argument(entry, call)
    if value is not None and not all(isinstance(each, Const) for each in value):
        yield Found(entry.rule, "on text that is not constant", entry.severity)


def code_argument(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """timeit: text is run, a function is called."""
    for index, name in enumerate(entry.names):
        value = call.arg(index, name)
        if value is not None and not all(isinstance(each, Func | Bound | Partial | Ref | Class) for each in value):
            if set(constants(value)) <= {"pass"} and all(isinstance(each, Const) for each in value):
                continue
            yield Found(entry.rule, "on text")
            return


def named_objects(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """A configuration that names what is made of it (`"()": "os.system"`, `ext://`): it is as good as those names."""
    for atom in leaves(argument(entry, call), Seq, Map):
        if isinstance(atom, Const) and isinstance(atom.value, str):
            named = ENTRIES.get(canonical(atom.value.removeprefix("ext://")))
            if named is not None and named.grade not in ("url", "host", "address"):
                yield Found(named.rule, f"names {atom.value}", BLOCK)
        elif isinstance(atom, Unknown) or (isinstance(atom, Ref) and atom.path.endswith((")", "]"))):
            yield Found(entry.rule, "of names that cannot be told", REVIEW)


def offered(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """Whoever connects may call what the object has."""
    dotted = call.arg(1, "allow_dotted_names")
    if any(isinstance(each, Ref) for each in argument(entry, call) or ()):
        yield Found(entry.rule, "offers a module to whoever connects")
    elif dotted is not None and not surely_false(dotted):
        yield Found(entry.rule, "with allow_dotted_names", REVIEW)


def trusting(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = argument(entry, call)
    if value is not None and not surely_false(value):
        yield Found(entry.rule, "runs code that comes with the data", None if single(value) is True else REVIEW)


def allow_pickle(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = argument(entry, call)
    if value is not None and not surely_false(value):
        sure = any(isinstance(each, Const) and each.value for each in value)
        yield Found(entry.rule, "with allow_pickle", None if sure else REVIEW)


def weights_only(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = call.arg(-1, *entry.names)
    if value is None or single(value) is not True:
        yield Found(entry.rule, "without weights_only=True")


_SAFE_LOADERS = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")


def yaml_loader(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = argument(entry, call)
    if value is None:
        yield Found(entry.rule, "without a safe loader")
        return
    for each in value:
        if isinstance(each, Ref) and each.path.rpartition(".")[2] in _SAFE_LOADERS:
            continue
        yield Found(entry.rule, "without a safe loader", None if isinstance(each, Ref) else REVIEW)


def yaml_type(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    if "unsafe" in strings(argument(entry, call) or ()):
        yield Found(entry.rule, 'with typ="unsafe"')
