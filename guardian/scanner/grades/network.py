"""Addresses and hosts that are gone to."""

from __future__ import annotations

from collections.abc import Iterable

from guardian.scanner import addresses, paths
from guardian.scanner.calls import Call
from guardian.scanner.grades.base import Context, Found, argument
from guardian.scanner.rules.base import Entry
from guardian.scanner.text import parts_of, shown
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Const,
    Map,
    Ref,
    Seq,
    Text,
    Unknown,
    Value,
)


def url(context: Context, entry: Entry, call: Call) -> Iterable[Found]:
    yield from _url(context, entry, argument(entry, call))
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
    value = argument(entry, call)
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
    for atom in argument(entry, call) or ():
        if isinstance(atom, Seq) and atom.items:
            yield from _host(context, entry, atom.items[0])
        elif isinstance(atom, Const) and isinstance(atom.value, str | bytes):  # a socket of this machine
            rule = paths.secret(parts_of(atom))
            if rule is not None:
                yield Found(rule, shown(parts_of(atom)))
        elif not isinstance(atom, Const):
            yield Found(entry.rule, "an address that cannot be told")
