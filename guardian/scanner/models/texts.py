"""Functions that make text and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardian.scanner.calls import Call
from guardian.scanner.constants import of_python, plain
from guardian.scanner.containers import items
from guardian.scanner.methods import method
from guardian.scanner.models.base import Model
from guardian.scanner.text import concatenated
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Bound,
    Value,
    const,
    join,
    strings,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator


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


def _urlunsplit(_: Evaluator, call: Call) -> Value:
    pieces = items(call.first())
    if not pieces or len(pieces) < 3:  # noqa: PLR2004
        return NOTHING_KNOWN
    return concatenated([pieces[0], const("://"), pieces[1], pieces[2]])


def _unbound(name: str) -> Model:
    """A method called on its class: `str.join(separator, parts)`."""
    return lambda evaluator, call: (
        method(evaluator, Bound(name, call.first()[0]), call.after(1)) if call.first() else NOTHING_KNOWN
    )


MODELS: dict[str, Model] = {
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.str.maketrans": _maketrans,
    "builtins.str.join": _unbound("join"),
    "builtins.str.format": _unbound("format"),
    "builtins.bytes.decode": _unbound("decode"),
    "urllib.parse.urlunsplit": _urlunsplit,
    "urllib.parse.urlunparse": _urlunsplit,
    "shlex.split": lambda _e, call: join(*(of_python(each.split()) for each in strings(call.first()))) or NOTHING_KNOWN,
    "builtins.str.split": (
        lambda _e, call: join(*(of_python(each.split()) for each in strings(call.first()))) or NOTHING_KNOWN
    ),
}
