"""Strings that are known in part."""

from __future__ import annotations

from collections.abc import Iterable

from guardian.scanner.values import UNKNOWN, Atom, Const, Text, Unknown, Value, join

Parts = tuple[str | Unknown, ...]
_MOST = 8
_LONGEST_PARTS = 40


def parts_of(atom: Atom) -> Parts:
    if isinstance(atom, Const):
        value = atom.value
        if isinstance(value, str):
            return (value,)
        if isinstance(value, bytes):
            return (value.decode("utf-8", "replace"),)
        if isinstance(value, int | float | bool) or value is None:
            return (str(value),) if not isinstance(value, int) or value.bit_length() < 1000 else (UNKNOWN,)  # noqa: PLR2004
        return (UNKNOWN,)
    if isinstance(atom, Text):
        return atom.parts
    return (atom,) if isinstance(atom, Unknown) else (UNKNOWN,)


def made(parts: Iterable[str | Unknown], *, path: bool = False) -> Atom:
    """One atom of parts put together."""
    merged: list[str | Unknown] = []
    for part in parts:
        if isinstance(part, str):
            if not part:
                continue
            if merged and isinstance(merged[-1], str):
                merged[-1] += part
                continue
        elif merged and isinstance(merged[-1], Unknown) and merged[-1].origin == part.origin:
            continue
        merged.append(part)
    if len(merged) > _LONGEST_PARTS:
        merged = [*merged[:_LONGEST_PARTS], UNKNOWN, merged[-1]]
    if not path:
        if not merged:
            return Const("")
        if len(merged) == 1:
            return Const(merged[0]) if isinstance(merged[0], str) else merged[0]
    return Text(tuple(merged), path=path)


def concatenated(values: Iterable[Value], *, path: bool = False, between: str = "") -> Value:
    """All combinations, up to a few."""
    rows: list[Parts] = [()]
    for index, value in enumerate(values):
        options = [parts_of(atom) for atom in value[:_MOST]] or [(UNKNOWN,)]
        glue: Parts = (between,) if between and index else ()
        rows = [(*row, *glue, *option) for row in rows for option in options][:_MOST]
    return join(*((made(row, path=path),) for row in rows))


def shown(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else "…" for part in parts)


def start(parts: Parts) -> str:
    return parts[0] if parts and isinstance(parts[0], str) else ""


def end(parts: Parts) -> str:
    return parts[-1] if parts and isinstance(parts[-1], str) else ""


def origins(parts: Parts) -> set[str]:
    return {part.origin for part in parts if isinstance(part, Unknown)}
