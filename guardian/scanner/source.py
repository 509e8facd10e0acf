"""A script's bytes as Python reads them, and its tree; whatever stands in the way is a Limit with the reason."""

from __future__ import annotations

import ast
import io
import os
import re
import stat
import tokenize
import warnings
from typing import NamedTuple

from guardian.scanner.walk import Limit

_DEEPEST_BRACKETS = 150
_TOKEN = re.compile(r"\w+|[^\w\s]")


class Source(NamedTuple):
    """`text` as parsed: line ends made one, no byte order mark."""

    text: str
    tree: ast.Module


def parsed(raw: bytes, most: int = 250_000) -> Source:
    """`most`: the nodes that are allowed. Raises Limit."""
    if b"\0" in raw:
        raise Limit("holds null bytes")
    text = _decoded(raw)
    if text.count("(") + text.count("[") + text.count("{") > _DEEPEST_BRACKETS:
        _check_depth(text)
    if len(text) > most and sum(1 for _ in _TOKEN.finditer(text)) > 3 * most:
        raise Limit(f"has more than {most} nodes")  # before the parser fills the memory with them
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Source(text, ast.parse(text))
    except SyntaxError as error:
        raise Limit(f"cannot be parsed: {error.msg} (line {error.lineno})") from None
    except RecursionError:
        raise Limit("is nested too deep to be parsed") from None
    except MemoryError:
        raise Limit("takes too much memory to be parsed") from None
    except (ValueError, UnicodeError, OverflowError, SystemError) as error:
        raise Limit(f"cannot be parsed: {error}") from None


def _decoded(raw: bytes) -> str:
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
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


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


def read(path: str | os.PathLike[str], most: int) -> bytes:
    """A regular file, whole. Raises Limit: for what is no such file, is too large or changes meanwhile."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        raise Limit(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return _whole(handle, most)
    except OSError as error:
        raise Limit(f"cannot be read: {error.strerror or error}") from None
    finally:
        os.close(handle)


def _whole(handle: int, most: int) -> bytes:
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        raise Limit("is no regular file")
    if before.st_size > most:
        raise Limit(f"has {before.st_size} bytes, {most} are allowed")
    pieces, size = [], 0
    while size <= most:
        piece = os.read(handle, min(most + 1 - size, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    after = os.fstat(handle)
    if size > most:
        raise Limit(f"has more than {most} bytes")
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        raise Limit("changed while it was read")
    return b"".join(pieces)
