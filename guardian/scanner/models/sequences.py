"""Functions that make, order and go through containers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from guardian.scanner.calls import Call
from guardian.scanner.constants import of_python, plain
from guardian.scanner.containers import by_text, contents, items
from guardian.scanner.models.base import Model
from guardian.scanner.values import (
    MOST_ITEMS,
    NOTHING_KNOWN,
    Map,
    Own,
    Seq,
    Space,
    Value,
    const,
    join,
    single,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator


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


MODELS: dict[str, Model] = {
    "functools.reduce": _reduce,
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
}
