"""How a use of a sensitive name is graded, by its arguments: functions (context, entry, call) -> what was found."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from guardian.scanner import addresses, commands, paths
from guardian.scanner.calls import Call
from guardian.scanner.knowledge import canonical
from guardian.scanner.report import Severity
from guardian.scanner.rules import ENTRIES
from guardian.scanner.rules.base import Entry
from guardian.scanner.text import Parts, origins, parts_of, shown
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Bound,
    Class,
    Const,
    Func,
    Instance,
    Map,
    Partial,
    Ref,
    Seq,
    Text,
    Unknown,
    Value,
    constants,
    single,
    strings,
)

if TYPE_CHECKING:
    from guardian.scanner.policy import Policy


class Found(NamedTuple):
    """`severity` None: the rule's own."""

    rule: str
    what: str
    severity: Severity | None = None


class Context(NamedTuple):
    """`deletes_folders`: the script removes folders somewhere, so that removing what is listed empties them first."""

    policy: Policy
    deletes_folders: bool = False


Grade = Callable[[Context, Entry, Call], Iterable[Found]]
_REVIEW, _BLOCK = Severity.REVIEW, Severity.BLOCK


def always(_: Context, entry: Entry, _call: Call) -> Iterable[Found]:
    yield Found(entry.rule, "", entry.severity)


def _argument(entry: Entry, call: Call) -> Value | None:
    """The argument that matters; unknown where it may be among those that are not known; None where it is not given."""
    value = call.arg(entry.at, *entry.names)
    if value is None and ((call.more and entry.at >= 0) or call.more_keywords):
        return NOTHING_KNOWN
    return value


# --- code ---


def evaluated_annotations(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = call.arg(-1, *entry.names)
    if value is not None and not _surely_false(value):
        yield Found(entry.rule, "with eval_str", entry.severity)


def not_none(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    if single(call.first()) is not None:
        yield Found(entry.rule, "", entry.severity)


def text_argument(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    if _argument(entry, call) is not None:
        yield Found(entry.rule, "", entry.severity)


def built_text(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """A constant is data of the script's author; anything else may come from elsewhere."""
    value = _argument(entry, call)
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
    for atom in _leaves(_argument(entry, call), Seq, Map):
        if isinstance(atom, Const) and isinstance(atom.value, str):
            named = ENTRIES.get(canonical(atom.value.removeprefix("ext://")))
            if named is not None and named.grade not in ("url", "host", "address"):
                yield Found(named.rule, f"names {atom.value}", _BLOCK)
        elif isinstance(atom, Unknown) or (isinstance(atom, Ref) and atom.path.endswith((")", "]"))):
            yield Found(entry.rule, "of names that cannot be told", _REVIEW)


def _leaves(value: Value | None, *kinds: type[Seq | Map]) -> Iterable[object]:
    """What is in containers of these kinds and in those within them, each container once: containers of the same
    containers have more ways through them than anybody can go."""
    stack, seen = [value or ()], set[int]()
    while stack:
        for atom in stack.pop():
            if not isinstance(atom, kinds):
                yield atom
            elif id(atom) not in seen:
                seen.add(id(atom))
                stack.append(atom.any())


def offered(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """Whoever connects may call what the object has."""
    dotted = call.arg(1, "allow_dotted_names")
    if any(isinstance(each, Ref) for each in _argument(entry, call) or ()):
        yield Found(entry.rule, "offers a module to whoever connects")
    elif dotted is not None and not _surely_false(dotted):
        yield Found(entry.rule, "with allow_dotted_names", _REVIEW)


# --- programs ---


def _surely_false(value: Value) -> bool:
    return bool(value) and all(isinstance(each, Const) and not each.value for each in value)


def _shell(entry: Entry, call: Call) -> Iterable[Found]:
    value = call.keywords.get("shell", call.arg(8))
    if value is None:
        if call.more_keywords:
            yield Found(entry.rule, "with keywords that are not known", _REVIEW)
    elif not _surely_false(value):
        sure = any(isinstance(each, Const) and each.value for each in value)
        yield Found(entry.rule, "with a shell" if sure else "perhaps with a shell", _BLOCK if sure else _REVIEW)


def _executable(entry: Entry, call: Call) -> Iterable[Found]:
    for text in strings(call.keywords.get("executable", call.arg(2) or ())):
        name = commands.name_of((text,))
        if commands.runs_text([(text,)], more=False, fed=True):
            yield Found(entry.rule, f"with {name} as the program", _BLOCK)


def run(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    yield from _shell(entry, call)
    yield from _executable(entry, call)
    yield from _environment(entry, call)
    value = _argument(entry, call)
    if value is not None:
        yield from _command(context, entry, value, call)


def _command(context: Context, entry: Entry, value: Value, call: Call) -> Iterable[Found]:
    fed = "input" in call.keywords or "stdin" in call.keywords
    for args, more in _argument_lists(value):
        if not args or (not commands.name_of(args[0]) and isinstance(args[0][-1] if args[0] else "", Unknown)):
            yield Found(entry.rule, "of a command that cannot be told", _REVIEW)
            continue
        yield from graded_command(context, entry.rule, args, more=more, fed=fed)


def graded_command(context: Context, rule: str, args: Sequence[Parts], *, more: bool, fed: bool) -> Iterable[Found]:
    said = " ".join(shown(each) for each in args)[:80]
    if commands.runs_text(args, more=more, fed=fed):
        yield Found(rule, f"of an interpreter on text: {said}", _BLOCK)
    if commands.deletes(args):
        yield Found("G401", f"by a program: {said}", _BLOCK)
    if commands.kills(args):
        yield Found("G404", f"by a program: {said}")
    for secret in sorted(commands.secrets_in(args)):
        yield Found(secret, f"by a program: {said}")
    for address in commands.sends(args):
        yield from _addressed(context, "G601", address)


def _addressed(context: Context, rule: str, address: str) -> Iterable[Found]:
    known = address if "://" in address else f"http://{address}"
    verdict = addresses.judged((known,), context.policy.allowlist)
    if verdict:
        yield Found(rule, f"by a program: {verdict}")


def _argument_lists(value: Value) -> Iterable[tuple[list[Parts], bool]]:
    for atom in value:
        if isinstance(atom, Seq):
            yield [_first(each) for each in atom.items], bool(atom.rest)
        elif isinstance(atom, Const) and isinstance(atom.value, str | bytes):
            text = atom.value if isinstance(atom.value, str) else atom.value.decode("utf-8", "replace")
            yield [(each,) for each in text.split()], False
        elif isinstance(atom, Text):
            yield [atom.parts], False
        else:
            yield [], True


def _first(value: Value) -> Parts:
    """Of several possible arguments, the worst is not looked for: each is seen on its own in the source."""
    return parts_of(value[0]) if value else (Unknown(),)


_HIJACKING = frozenset(
    [
        "LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "PYTHONSTARTUP", "PYTHONBREAKPOINT", "BASH_ENV",
        "PROMPT_COMMAND", "PERL5OPT", "RUBYOPT", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND",
    ]
)  # fmt: skip
"""Environment variables that make a harmless program run another, or load code."""


def _environment(entry: Entry, call: Call) -> Iterable[Found]:
    for atom in call.keywords.get("env", ()):
        if not isinstance(atom, Map):
            continue
        for name in sorted(each for each in atom.entries if isinstance(each, str) and each in _HIJACKING):
            if set(constants(atom.entries[name])) != {"0"}:
                yield Found(entry.rule, f"with {name}, which has the program run something else", _REVIEW)


def browser_line(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """`webbrowser.get` takes a command line where `%s` is in it."""
    for parts in map(parts_of, _argument(entry, call) or ()):
        if "%s" in shown(parts) or any(isinstance(each, Unknown) for each in parts):
            yield Found(entry.rule, f"of a command line: {shown(parts)[:80]}")


def popen(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    found = list(run(context, entry, call))
    if not any(each.rule == entry.rule and each.severity is _BLOCK for each in found):
        yield Found(entry.rule, "in the background", _REVIEW)
    yield from found


def background(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """A program and its arguments one by one."""
    listed = Call(((Seq(call.args, NOTHING_KNOWN if call.more else ()),),), call.keywords)
    found = list(_command(context, entry, listed.args[0], call))
    if not any(each.severity is _BLOCK for each in found):
        yield Found(entry.rule, "in the background", _REVIEW)
    yield from found


def shell_line(_: Context, entry: Entry, _call: Call) -> Iterable[Found]:
    yield Found(entry.rule, "with a shell", _BLOCK)


# --- deserialization ---


def allow_pickle(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = _argument(entry, call)
    if value is not None and not _surely_false(value):
        sure = any(isinstance(each, Const) and each.value for each in value)
        yield Found(entry.rule, "with allow_pickle", None if sure else _REVIEW)


def weights_only(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = call.arg(-1, *entry.names)
    if value is None or single(value) is not True:
        yield Found(entry.rule, "without weights_only=True")


def trusting(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = _argument(entry, call)
    if value is not None and not _surely_false(value):
        yield Found(entry.rule, "runs code that comes with the data", None if single(value) is True else _REVIEW)


_SAFE_LOADERS = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")


def yaml_loader(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = _argument(entry, call)
    if value is None:
        yield Found(entry.rule, "without a safe loader")
        return
    for each in value:
        if isinstance(each, Ref) and each.path.rpartition(".")[2] in _SAFE_LOADERS:
            continue
        yield Found(entry.rule, "without a safe loader", None if isinstance(each, Ref) else _REVIEW)


def yaml_type(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    if "unsafe" in strings(_argument(entry, call) or ()):
        yield Found(entry.rule, 'with typ="unsafe"')


# --- files ---


def _paths(value: Value | None) -> Iterable[Parts]:
    """Each once."""
    told: set[Parts] = set()
    for atom in _leaves(value, Seq):
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
            yield Found("G506", f"a path given by {atom.path}", _REVIEW)
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
            _REVIEW,
        )


def open_path(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = _argument(entry, call)
    yield from _opened(value, told=True)
    mode = call.arg(entry.at + 1, "mode")
    if mode is not None and any(set(each) & set("wax+") for each in strings(mode)):
        yield from _written(value)


def read_path(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    yield from _opened(_argument(entry, call), told=False)


def _written(value: Value | None) -> Iterable[Found]:
    for parts in _paths(value):
        if paths.system(parts):
            yield Found("G403", shown(parts))


def write_path(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = _argument(entry, call)
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
    for parts in _paths(_argument(entry, call)):
        found = origins(parts)
        if found & _FROM_BELOW or ("listing" in found and context.deletes_folders):
            yield Found(entry.rule, "file by file")
        elif paths.system(parts):
            yield Found("G403", f"removes {shown(parts)}")


def stdin_default(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = _argument(entry, call)
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


# --- network ---


def url(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    yield from _url(context, entry, _argument(entry, call))
    for name in ("proxies", "proxy", "mounts"):
        yield from _proxies(context, entry, call.keywords.get(name))


def _url(context: Context, entry: Entry, value: Value | None) -> Iterable[Found]:
    for atom in value or ():
        if isinstance(atom, Const | Text | Unknown):
            verdict = addresses.judged(parts_of(atom), context.policy.allowlist)
            if verdict:
                yield Found(entry.rule, verdict)
        elif isinstance(atom, Ref) and atom.path.startswith(("urllib.request.Request()", "requests.Request")):
            continue  # judged where it was made
        else:
            yield Found(entry.rule, "an address that cannot be told")


def _proxies(context: Context, entry: Entry, value: Value | None) -> Iterable[Found]:
    for atom in value or ():
        if isinstance(atom, Map):
            yield from _url(context, entry, atom.any())
        elif not (isinstance(atom, Const) and atom.value is None):
            yield from _url(context, entry, (atom,))


def url_second(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = call.arg(1, "url")
    yield from _url(context, entry, value if value is not None else call.arg(0, "host") or NOTHING_KNOWN)


def base_url(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    yield from _url(context, entry, call.arg(entry.at, *entry.names))
    for name in ("proxies", "proxy", "mounts"):
        yield from _proxies(context, entry, call.keywords.get(name))


def host(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    value = _argument(entry, call)
    if value is not None:
        yield from _host(context, entry, value)


def _host(context: Context, entry: Entry, value: Value) -> Iterable[Found]:
    for atom in value:
        parts = parts_of(atom)
        text = shown(parts)
        if all(isinstance(each, str) for each in parts) and isinstance(atom, Const):
            verdict = addresses.judged_host(text, context.policy.allowlist)
            if verdict:
                yield Found(entry.rule, verdict)
        else:
            yield Found(entry.rule, "a host that cannot be told")


def address(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    for atom in _argument(entry, call) or ():
        if isinstance(atom, Seq) and atom.items:
            yield from _host(context, entry, atom.items[0])
        elif isinstance(atom, Const) and isinstance(atom.value, str | bytes):  # a socket of this machine
            rule = paths.secret(parts_of(atom))
            if rule is not None:
                yield Found(rule, shown(parts_of(atom)))
        elif not isinstance(atom, Const):
            yield Found(entry.rule, "an address that cannot be told")


GRADES: dict[str, Grade] = {
    name: grade
    for name, grade in globals().items()
    if callable(grade) and not name.startswith("_") and not isinstance(grade, type)
}
GRADES["call"] = always
__all__ = ["GRADES", "Context", "Found", "Instance", "ast"]
