"""A script's bytes as Python reads them, and its tree; whatever stands in the way is a Limit with the reason."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import NamedTuple

from guardian.scanner.limit import Limit

_DEEPEST_BRACKETS = 150
_TOKEN = re.compile(r"\w+|[^\w\s]")


class Source(NamedTuple):
    """`text` as parsed: line ends made one, no byte order mark. `other`: the encoding that it declares, where whoever
    runs it as a text (`exec`, `python -c`), which heeds no declaration, runs another script."""

    text: str
    tree: ast.Module
    other: str | None = None


def parsed(raw: bytes, most: int = 250_000) -> Source:
    """`most`: the nodes that are allowed. Raises Limit."""
    if b"\0" in raw:
        raise Limit("holds null bytes")
    text, other = _decoded(raw)
    if text.count("(") + text.count("[") + text.count("{") > _DEEPEST_BRACKETS:
        _check_depth(text)
    if len(text) > most and sum(1 for _ in _TOKEN.finditer(text)) > 3 * most:
        raise Limit(f"has more than {most} nodes")  # before the parser fills the memory with them
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Source(text, ast.parse(text), other)
    except SyntaxError as error:
        raise Limit(f"cannot be parsed: {error.msg} (line {error.lineno})") from None
    except RecursionError:
        raise Limit("is nested too deep to be parsed") from None
    except MemoryError:
        raise Limit("takes too much memory to be parsed") from None
    except (ValueError, UnicodeError, OverflowError, SystemError) as error:
        raise Limit(f"cannot be parsed: {error}") from None


def _decoded(raw: bytes) -> tuple[str, str | None]:
    """The text, and `Source.other`."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = raw.decode(encoding)
    except (SyntaxError, LookupError, UnicodeError, ValueError, TypeError) as error:
        raise Limit(f"cannot be decoded: {error}") from None
    except Exception as error:  # a codec may raise what it likes
        raise Limit(f"cannot be decoded: {type(error).__name__}") from error
    if not isinstance(text, str):
        raise Limit(f"is in {encoding}, which gives no text")
    if "\0" in text:
        raise Limit("holds null characters")
    other = encoding if not encoding.startswith("utf-8") and _as_text(raw) not in (None, text) else None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), other


def _as_text(raw: bytes) -> str | None:
    """None: it is no text, so nobody can run it as one."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _check_depth(text: str) -> None:
    """Brackets in strings and comments count as well: no script needs so many at once."""
    depth = 0
    for letter in re.findall(r"[()\[\]{}\n]", text):
        if letter in "([{":
            depth += 1
            if depth > _DEEPEST_BRACKETS * 10:
                raise Limit("is nested too deep")
        elif letter != "\n":
            depth = max(0, depth - 1)
