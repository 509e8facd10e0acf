"""Files that are opened, written and removed; processes that are ended."""

from __future__ import annotations

from collections.abc import Iterable

from guardian.scanner import paths
from guardian.scanner.calls import Call
from guardian.scanner.grades.base import REVIEW, Context, Found, argument, leaves
from guardian.scanner.rules.base import Entry
from guardian.scanner.text import Parts, origins, parts_of, shown
from guardian.scanner.values import (
    Const,
    Ref,
    Seq,
    Text,
    Unknown,
    Value,
    constants,
    single,
    strings,
)


def _paths(value: Value | None) -> Iterable[Parts]:
    """Each once."""
    told: set[Parts] = set()
    for atom in leaves(value, Seq):
        if isinstance(atom, Const | Text | Unknown) and (parts := parts_of(atom)) not in told:
            told.add(parts)
            yield parts


def _opened(value: Value | None, *, told: bool) -> Iterable[Found]:
    """`told`: also say what cannot be told."""
    for atom in value or ():
        if isinstance(atom, Const) and isinstance(atom.value, int) and not isinstance(atom.value, bool):
            if atom.value == 0:
                yield Found("G402", "of standard input")
            continue
        if (
            isinstance(atom, Ref)
            and told
            and not atom.path.startswith(("tempfile.", "os.pipe", "socket.", "importlib.resources"))
        ):
            yield Found("G506", f"a path given by {atom.path}", REVIEW)
    for parts in _paths(value):
        yield from _file(parts, told=told)


def _file(parts: Parts, *, told: bool) -> Iterable[Found]:
    rule = paths.secret(parts)
    if paths.is_stdin(parts):
        yield Found("G402", shown(parts))
    elif rule is not None:
        yield Found(rule, shown(parts))
    elif told and paths.unknown(parts):
        yield Found(
            "G506",
            shown(parts) if any(isinstance(each, str) for each in parts) else "a path that cannot be told",
            REVIEW,
        )


def open_path(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = argument(entry, call)
    yield from _opened(value, told=True)
    mode = call.arg(entry.at + 1, "mode")
    if mode is not None and any(set(each) & set("wax+") for each in strings(mode)):
        yield from _written(value)


def read_path(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    yield from _opened(argument(entry, call), told=False)


def _written(value: Value | None) -> Iterable[Found]:
    for parts in _paths(value):
        if paths.system(parts):
            yield Found("G403", shown(parts))


def write_path(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = argument(entry, call)
    yield from _opened(value, told=False)
    yield from _written(value)


def archived(_: Context, _entry: Entry, call: Call) -> Iterable[Found]:
    for at, name in ((2, "root_dir"), (3, "base_dir")):
        yield from _opened(call.arg(at, name), told=False)
    yield from _written(call.arg(0, "base_name"))


def copy_path(_: Context, _entry: Entry, call: Call) -> Iterable[Found]:
    yield from _opened(call.arg(0, "src"), told=False)
    yield from _written(call.arg(1, "dst"))


_FROM_BELOW = {"walk"}


def remove(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """One file by name is fine; all that a walk finds is a folder with all that is below it."""
    for parts in _paths(argument(entry, call)):
        found = origins(parts)
        if found & _FROM_BELOW or ("listing" in found and context.deletes_folders):
            yield Found(entry.rule, "file by file")
        elif paths.system(parts):
            yield Found("G403", f"removes {shown(parts)}")


def stdin_default(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = argument(entry, call)
    if value is None or any(each in ("-", ()) or each is None for each in constants(value)):
        yield Found(entry.rule, "of standard input")
    else:
        yield from _opened(value, told=False)


def descriptor(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = call.arg(entry.at, *entry.names) or ()
    if 0 in [each for each in constants(value) if not isinstance(each, bool | float)]:
        yield Found(entry.rule, "of standard input")


def kill(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    target, number = call.arg(0, "pid"), call.arg(1, "signal", "sig")
    if number is not None and single(number) == 0:
        return
    if target and all(isinstance(each, Ref) and _own_process(each.path) for each in target):
        return
    yield Found(entry.rule, "of a process that the script may not have started")


def _own_process(path: str) -> bool:
    return path == "os.getpid()" or path.endswith(("Popen().pid", "Process().pid")) or path == "os.fork()"
