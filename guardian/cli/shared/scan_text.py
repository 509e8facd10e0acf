"""A scan report for a person: the line, a pointer to the place, why, and what to do instead.

Nothing of a script reaches the terminal as a command. Colour only on a terminal, by plain escapes: rich would cost
more time than the scan.
"""

import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import partial

from guardian.diagnose.plain import plain
from guardian.scanner.report import Excepted, Finding, ScanReport

_WIDTH = 80
_INDENT = "    "
_COLOURS = {"block": "red", "review": "yellow", "advice": "cyan", "allow": "green"}
_BEFORE = 24
"""Characters of a long line shown before the place."""


def lines(report: ScanReport, *, explain: bool = True) -> Iterator[str]:
    """Of one file; nothing where nothing was found. A reason that was given for the finding before is not repeated."""
    said: set[str] = set()
    for finding in report.findings:
        yield from _finding(report.path, finding, explain=explain and finding.rule not in said)
        said.add(finding.rule)


def excepted_line(path: str, excepted: Excepted) -> str:
    found = excepted.finding
    return plain(f"{path}:{found.line}:{found.column}: {found.rule} excepted: {excepted.reason}")


def _finding(path: str, finding: Finding, *, explain: bool) -> Iterator[str]:
    colour, severity = _colour(), str(finding.severity)
    place = plain(f"{path}:{finding.line}:{finding.column}:")
    head = f"{finding.rule} {severity}"
    yield " ".join((colour(place, bold=True), colour(head, fg=_COLOURS[severity])))
    yield from _wrapped(finding.message)
    yield from (_INDENT + line for line in pointed(finding))
    if explain:
        yield from _wrapped(f"why: {finding.why}")
        yield from _wrapped(f"instead: {finding.instead}")


def _wrapped(text: str) -> Sequence[str]:
    import textwrap  # a clean script has nothing to wrap

    return textwrap.wrap(
        plain(text), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT + "  ", break_on_hyphens=False
    )


def pointed(finding: Finding) -> Sequence[str]:
    """The source line, cut to what fits, and below it a mark at the place; none where there is no line."""
    if not finding.snippet.strip():
        return ()
    line = finding.snippet.splitlines()[0]
    begin, room = finding.column - 1, _WIDTH - len(_INDENT)
    stripped = len(line) - len(line.lstrip())
    start = max(stripped if begin >= stripped else 0, begin - _BEFORE if len(line) - stripped > room else 0)
    end = finding.end_column - 1 if finding.end_line == finding.line else len(line)
    if start >= len(line):  # far out on a long line: the place is said above
        start = end = 0
    shown, marked, width = "", "", 0
    for at, letter in enumerate(line[start:], start):
        cell = _cell(letter)
        if width + _cells(cell) > room:
            break
        width += _cells(cell)
        shown += cell
        marked += ("^" if begin <= at < max(end, begin + 1) else " ") * _cells(cell)
    return (shown.rstrip(), marked.rstrip()) if marked.strip() else (shown.rstrip(),)


def _cell(letter: str) -> str:
    """One place wide, or two, and nothing that a terminal obeys."""
    if letter == "\t":
        return " "
    return letter if letter.isprintable() and not unicodedata.combining(letter) else "\N{REPLACEMENT CHARACTER}"


def _cells(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def verdict_text(verdict: str) -> str:
    return _colour()(verdict, fg=_COLOURS[verdict], bold=True)


def _colour() -> "partial[str]":
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        from click import style

        return partial(style)
    return partial(_uncoloured)


def _uncoloured(text: str, **_: object) -> str:
    return text
