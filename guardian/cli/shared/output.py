"""What a command prints: lines and tables on a terminal, plain columns elsewhere, or one JSON document.

Everything goes through `plain`, and is never read as markup: no name and no message reaches the terminal as a command.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from guardian.diagnose.plain import plain

if TYPE_CHECKING:  # rich is loaded only where there is a terminal
    from rich.console import Console

_STYLES = {"ok": "green", "fail": "bold red", "unknown": "yellow", "skipped": "dim", "open": "red", "resolved": "green"}
_GAP = 2
_FOLDED = 24
"""A table folds its widest column alone, to this width at least; where that does not fit, each row becomes a block."""


def show_json(document: Mapping[str, object]) -> None:
    """Escaped to ASCII: whole in every encoding, and harmless on a terminal."""
    click.echo(json.dumps(document, indent=2))


def say(text: str = "", *, style: str = "") -> None:
    """One line; `style` is rich's, or a status."""
    if not sys.stdout.isatty():
        click.echo(plain(text))
        return
    from rich.text import Text

    _console().print(Text(plain(text), _STYLES.get(style, style)), soft_wrap=True)


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Nothing where there are no rows. A cell that is a status is coloured."""
    cells = [[plain(cell) for cell in row] for row in rows]
    if not cells:
        return
    if not sys.stdout.isatty():
        _columns(headings, cells)
        return
    console, widths = _console(), _widths([headings, *cells])
    if sum(widths) + _GAP * len(widths) - max(widths) + min(_FOLDED, max(widths)) > console.width:
        _blocks(console, headings, cells)
    else:
        _table(console, headings, cells, folded=widths.index(max(widths)))


def _columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [[heading.upper() for heading in headings], *rows]
    widths = _widths(lines)
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*lines, strict=True)]


def _table(console: "Console", headings: Sequence[str], rows: Sequence[Sequence[str]], folded: int) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=number != folded)
    for row in rows:
        table.add_row(*(Text(cell, _STYLES.get(cell, "")) for cell in row))
    console.print(table)


def _blocks(console: "Console", headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for first, second, *rest in rows:
        console.print(Text.assemble((first, _STYLES.get(first, "")), "  ", (second, "bold")), overflow="fold")
        for heading, cell in zip(headings[2:], rest, strict=True):
            line = Text.assemble((f"{heading} ", "dim"), (cell, _STYLES.get(cell, "")), overflow="fold")
            if cell:
                console.print(Padding(line, (0, 0, 0, _GAP), expand=False))


def _console() -> "Console":
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False)
