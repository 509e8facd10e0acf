"""Code that is made of text, and what builds objects out of data."""

from __future__ import annotations

from collections.abc import Iterable

from guardian.scanner.calls import Call
from guardian.scanner.grades.base import REVIEW, Context, Found, argument, surely_false
from guardian.scanner.rules.base import Entry
from guardian.scanner.values import (
    Bound,
    Class,
    Const,
    Func,
    Partial,
    Ref,
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
