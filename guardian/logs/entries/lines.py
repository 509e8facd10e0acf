"""Lines out of bytes, and objects out of lines. Nothing that is in them raises."""

import codecs
import json
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate, repeat
from typing import Any

import orjson

from guardian.ports import LogEntry

LONGEST = 1_000_000
"""Bytes of a line; a longer one is broken, and passed over."""

_AT_ONCE = 500
"""Lines that are parsed together; one that is broken costs these a second time."""

_made = partial(tuple.__new__, LogEntry)
"""An entry out of its three values: half the time of calling it."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding(head: bytes) -> tuple[str, int]:
    """(encoding, length of the mark) by a file's first bytes."""
    return next(((name, len(mark)) for mark, name in _BOMS if head.startswith(mark)), ("utf-8", 0))


def whole(data: bytes, name: str) -> int:
    """How many of the bytes are whole lines."""
    if name == "utf-8":
        return data.rfind(b"\n") + 1
    newline = "\n".encode(name)
    at = len(data) - len(data) % 2
    while (at := data.rfind(newline, 0, at)) >= 0:
        if at % 2 == 0:
            return at + 2
        at += 1  # the one between two characters was none
    return 0


def after_line(data: bytes, name: str) -> int:
    """Where the first line ends; the bytes' end where it goes on."""
    newline = "\n".encode(name)
    at = data.find(newline)
    return at + len(newline) if at >= 0 else len(data)


def entries(path: str, data: bytes, begin: int, name: str) -> list[LogEntry]:
    """Of whole lines that begin at the byte `begin` of the file. Blank ones are none."""
    if name != "utf-8":
        return list(_wide(path, data, begin, name))
    lines = data[:-1].split(b"\n")
    starts = accumulate(map(len, lines), initial=begin)  # without the line ends
    places = [f"{path}:{at + ends}" for ends, at in zip(range(len(lines)), starts, strict=False)]
    found: list[LogEntry] = []
    for first in range(0, len(lines), _AT_ONCE):
        some = places[first : first + _AT_ONCE], lines[first : first + _AT_ONCE]
        found += _together(*some) or _one_by_one(*some)
    return found


def _together(places: Sequence[str], found: Sequence[bytes]) -> Sequence[LogEntry]:
    """As one array, which is the quickest; nothing where they are not as many objects as lines."""
    try:
        values = orjson.loads(b"[" + b",".join(found) + b"]")
    except orjson.JSONDecodeError:
        return ()
    if len(values) != len(found) or set(map(type, values)) != {dict}:
        return ()
    return list(map(_made, zip(places, values, repeat(None), strict=False)))


def _one_by_one(places: Sequence[str], found: Sequence[bytes]) -> Iterator[LogEntry]:
    for place, line in zip(places, found, strict=True):
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            if entry := _odd(place, line):
                yield entry
        else:
            yield LogEntry(place, value) if isinstance(value, dict) else LogEntry(place, None, "no JSON object")


def _wide(path: str, data: bytes, begin: int, name: str) -> Iterator[LogEntry]:
    at = begin
    for line in data.decode(name, "replace").split("\n"):  # no other line end: a text may hold U+2028
        if entry := _odd(f"{path}:{at}", line.encode("utf-8", "replace").strip()):
            yield entry
        at += len(f"{line}\n".encode(name, "surrogatepass"))


def _odd(place: str, line: bytes) -> LogEntry | None:
    """What is no JSON as it stands: blank, with a hole that a writer left, or with bytes that are no UTF-8."""
    text = line.strip(b"\0 \t\r\n").decode("utf-8", "replace").lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    if not text:
        return None
    try:
        value: Any = json.loads(text)
    except RecursionError:
        return LogEntry(place, None, "too deep")
    except ValueError:
        return LogEntry(place, None, "no JSON")
    return LogEntry(place, value) if isinstance(value, dict) else LogEntry(place, None, "no JSON object")
