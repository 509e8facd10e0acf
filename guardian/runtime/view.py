"""The short live status that `guardian up` shows on a terminal.

Drawn by the parent between its other duties, without a thread: the parent forks. It takes at most a small part of the
parent's time, so that a store which hangs delays nothing for long.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from guardian import __version__
from guardian.config import Config
from guardian.diagnose.plain import plain
from guardian.engine.overview import Overview, overview
from guardian.errors import StoreError
from guardian.model import Status
from guardian.runtime import rows
from guardian.store.store import Store

_REST = 9
"""For one second of looking, this many of rest."""
_INCIDENTS_SHOWN = 8

_STYLES: Mapping[str, str] = {
    Status.OK: "green",
    Status.FAIL: "bold red",
    Status.UNKNOWN: "yellow",
    Status.SKIPPED: "dim",
}


@contextmanager
def view(config: Config, store: Store, state: Path, console: Console | None = None) -> Iterator[Callable[[], None]]:
    """Gives what draws it anew. At the end the last picture stays, and the cursor is back below it."""
    drawn = console or Console(markup=False, highlight=False, emoji=False)
    live = Live(console=drawn, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    rest_until = 0.0

    def show() -> None:
        nonlocal rest_until
        began = time.monotonic()
        if began < rest_until:
            return
        with suppress(OSError):  # a terminal that went away; its hang-up ends `up`
            live.update(picture(config, store, state), refresh=True)
        ended = time.monotonic()
        rest_until = ended + _REST * (ended - began)

    with ExitStack() as stack:
        stack.callback(store.close)
        stack.callback(_end, live)
        live.start()
        yield show


def _end(live: Live) -> None:
    with suppress(OSError):
        live.stop()


def picture(config: Config, store: Store, state: Path) -> RenderableType:
    """One look, drawn. Never raises because the store is away: it says so."""
    mode = str(config.mode)
    foot = f"log: {state / 'guardian.log'}   guardian status tells more, Ctrl-C ends it"
    try:
        seen = overview(store, config)
        mode, body = rows.mode_text(seen), _body(seen)
    except StoreError as error:
        body = [_line(f"{Status.UNKNOWN}: the store is away: {error}", Status.UNKNOWN)]
    head = f"Guardian {__version__}, node {config.node}, mode {mode}"
    return Group(_line(head), *body, Text(plain(foot), "dim", overflow="fold"))


def _body(seen: Overview) -> Sequence[RenderableType]:
    parts: list[RenderableType] = [_line(rows.headline(seen), seen.status)]
    parts += [_line(f"  {name} {age}: {message}", status) for status, name, _, age, message in rows.check_rows(seen)]
    if seen.open:
        parts += [_line(f"{len(seen.open)} open:"), _incidents(seen)]
    parts += [_line(f"flags: {rows.flag_line(each)}", Status.UNKNOWN) for each in seen.flags]
    parts += [_line(f"alerts: {line}", Status.FAIL) for line in rows.channel_lines(seen)]
    parts.append(
        _line(f"workers: {rows.worker_text(seen)}; beat: {rows.beat_text(seen)}; watch: {rows.watch_text(seen)}")
    )
    return parts


def _incidents(seen: Overview) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        grid.add_column(overflow="fold")
    for id_, target, _, since, message, _, following in rows.incident_rows(
        seen.open[:_INCIDENTS_SHOWN], seen.silences, seen.at
    ):
        grid.add_row(*(Text(plain(cell)) for cell in (f"  {id_}", target, f"{message}, {since}", following)))
    if len(seen.open) > _INCIDENTS_SHOWN:
        grid.add_row(Text(f"  and {len(seen.open) - _INCIDENTS_SHOWN} more"))
    return grid


def _line(text: str, status: str = "") -> Text:
    return Text(plain(text), _STYLES.get(status, ""), overflow="ellipsis", no_wrap=True)
