"""Other programs: with a shell, in the background, and what their arguments make them do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guardian.scanner import addresses, commands
from guardian.scanner.calls import Call
from guardian.scanner.grades.base import BLOCK, REVIEW, Context, Found, argument, surely_false
from guardian.scanner.rules.base import Entry
from guardian.scanner.text import Parts, parts_of, shown
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Const,
    Map,
    Seq,
    Text,
    Unknown,
    Value,
    constants,
    strings,
)


def _shell(entry: Entry, call: Call) -> Iterable[Found]:
    value = call.keywords.get("shell", call.arg(8))
    if value is None:
        if call.more_keywords:
            yield Found(entry.rule, "with keywords that are not known", REVIEW)
    elif not surely_false(value):
        sure = any(isinstance(each, Const) and each.value for each in value)
        yield Found(entry.rule, "with a shell" if sure else "perhaps with a shell", BLOCK if sure else REVIEW)


def _executable(entry: Entry, call: Call) -> Iterable[Found]:
    for text in strings(call.keywords.get("executable", call.arg(2) or ())):
        name = commands.name_of((text,))
        if commands.runs_text([(text,)], more=False, fed=True):
            yield Found(entry.rule, f"with {name} as the program", BLOCK)


def run(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    yield from _shell(entry, call)
    yield from _executable(entry, call)
    yield from _environment(entry, call)
    value = argument(entry, call)
    if value is not None:
        yield from _command(context, entry, value, call)


def _command(context: Context, entry: Entry, value: Value, call: Call) -> Iterable[Found]:
    fed = "input" in call.keywords or "stdin" in call.keywords
    for args, more in _argument_lists(value):
        if not args or (not commands.name_of(args[0]) and isinstance(args[0][-1] if args[0] else "", Unknown)):
            yield Found(entry.rule, "of a command that cannot be told", REVIEW)
            continue
        yield from _graded_command(context, entry.rule, args, more=more, fed=fed)


def _graded_command(context: Context, rule: str, args: Sequence[Parts], *, more: bool, fed: bool) -> Iterable[Found]:
    said = " ".join(shown(each) for each in args)[:80]
    if commands.runs_text(args, more=more, fed=fed):
        yield Found(rule, f"of an interpreter on text: {said}", BLOCK)
    if commands.deletes(args):
        yield Found("G401", f"by a program: {said}", BLOCK)
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
                yield Found(entry.rule, f"with {name}, which has the program run something else", REVIEW)


def browser_line(_: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """`webbrowser.get` takes a command line where `%s` is in it."""
    for parts in map(parts_of, argument(entry, call) or ()):
        if "%s" in shown(parts) or any(isinstance(each, Unknown) for each in parts):
            yield Found(entry.rule, f"of a command line: {shown(parts)[:80]}")


def popen(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    found = list(run(context, entry, call))
    if not any(each.rule == entry.rule and each.severity is BLOCK for each in found):
        yield Found(entry.rule, "in the background", REVIEW)
    yield from found


def background(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    """A program and its arguments one by one."""
    listed = Call(((Seq(tuple(call.args), NOTHING_KNOWN if call.more else ()),),), call.keywords)
    found = list(_command(context, entry, listed.args[0], call))
    if not any(each.severity is BLOCK for each in found):
        yield Found(entry.rule, "in the background", REVIEW)
    yield from found


def shell_line(_: Context, entry: Entry, _call: Call) -> Iterable[Found]:
    yield Found(entry.rule, "with a shell", BLOCK)
