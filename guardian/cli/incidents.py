"""`guardian incidents`: those that are open, or over."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from datetime import datetime

    from guardian.model import Incident
    from guardian.store.store import Store


@click.command("incidents")
@click.option("--all", "which", flag_value="all", help="Open and closed ones.")
@click.option("--closed", "which", flag_value="closed", help="Only closed ones, the newest first.")
@click.option("--check", default="*", metavar="PATTERN", help="Only of these checks (shell-style).")
@click.option("--target", default="*", metavar="PATTERN", help="Only of these targets (shell-style).")
@options.where
@options.as_json
def COMMAND(  # noqa: N802  found by this name
    which: str | None, check: str, target: str, config: Path | None, state: Path | None, as_json: bool
) -> None:
    """List incidents: the open ones, unless told otherwise."""
    from guardian.cli.shared.documents import incident_document
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import show_json

    with reached(config, state) as guardian:
        now = guardian.store.clock.now()
        silences = guardian.store.silences(now)
        found = [
            each
            for each in _incidents(guardian.store, which or "open")
            if fnmatchcase(each.key.check, check) and fnmatchcase(each.key.target, target)
        ]
    if as_json:
        show_json({"incidents": [incident_document(each, silences) for each in found]})
        return
    from guardian.runtime import rows

    opened = [each for each in found if each.resolved_at is None]
    _print(rows.INCIDENTS, rows.incident_rows(opened, silences, now), "open", wanted=which != "closed")
    closed = [each for each in found if each.resolved_at is not None]
    _print(_CLOSED, _closed_rows(closed, now), "closed", wanted=which is not None)


_CLOSED = ("id", "target", "check", "opened", "lasted", "message", "how it ended")


def _incidents(store: "Store", which: str) -> Sequence["Incident"]:
    from guardian.cli.shared.finding import KEPT

    opened = store.open_incidents() if which != "closed" else []
    closed = store.closed_incidents(KEPT) if which != "open" else []
    return [*opened, *closed]


def _closed_rows(incidents: Sequence["Incident"], now: "datetime") -> Sequence[Sequence[str]]:
    from guardian.runtime.rows import ago
    from guardian.settings import rough_text

    return [
        (
            each.id,
            each.key.target,
            f"{each.key.check}@{each.key.node}",
            ago(each.opened_at, now),
            rough_text(each.resolved_at - each.opened_at) if each.resolved_at else "",
            each.message,
            each.resolution or "",
        )
        for each in incidents
    ]


def _print(headings: Sequence[str], rows: Sequence[Sequence[str]], kind: str, *, wanted: bool) -> None:
    from guardian.cli.shared.output import say, show_table

    if not wanted:
        return
    if not rows:
        say(f"no {kind} incidents")
    show_table(headings, rows)
