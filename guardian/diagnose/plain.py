"""Text of strangers made fit to show: one line, no control characters, no secrets, bounded."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # commands that only print stay quick
    from guardian.model import JSON

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
"""ANSI: CSI sequences, OSC strings (titles, links), and the two-character rest (ECMA-48)."""

_INVISIBLE = [0x00AD, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
_BREAKS = [*b"\t\n\r\v\f", 0x85, 0x2028, 0x2029]
_UNFIT = (
    dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *_INVISIBLE])
    | dict.fromkeys(_BREAKS, " ")
    | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # lone surrogates cannot be encoded
)

_MAX_ITEMS = 50
_MAX_STRING = 500


def plain(text: str) -> str:
    """No ANSI escapes, control or bidirectional characters; breaks and tabs become spaces. Linear."""
    if text.isascii() and text.isprintable():
        return text
    return _ESCAPES.sub("", text).translate(_UNFIT)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def brief(text: str, limit: int) -> str:
    """One plain line without secrets. Redacts before it cuts: half a secret would no longer be recognised."""
    from guardian.diagnose.redact import redact  # noqa: PLC0415  its patterns take a while to load

    return cut(redact(plain(text)).strip(), limit)


def plain_json(value: object, *, name: str = "", depth: int = 6) -> "JSON":
    """JSON fit to show, of bounded size: strings plain and redacted, also by the name they stand under.

    At most 50 items a level, 500 characters a string, six levels; NaN and what JSON lacks become text.
    """
    from guardian.diagnose.redact import redact_named  # noqa: PLC0415  as above

    match value:
        case str():
            return cut(redact_named(name, plain(value)), _MAX_STRING)
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping() if depth:
            some = list(value.items())[:_MAX_ITEMS]
            return {brief(str(key), 100): plain_json(item, name=str(key), depth=depth - 1) for key, item in some}
        case Sequence() if depth:
            return [plain_json(item, name=name, depth=depth - 1) for item in value[:_MAX_ITEMS]]
    return brief(str(value), _MAX_STRING)
