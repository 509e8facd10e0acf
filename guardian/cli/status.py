"""`guardian status`: how everything stands, in one look."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.config import Config
    from guardian.engine.overview import Overview


@click.command("status")
@options.where
@options.as_json
def COMMAND(config: Path | None, state: Path | None, as_json: bool) -> None:  # noqa: N802  found by this name
    """How everything stands. Exit code 0: ok, 1: something fails, 3: unknown."""
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import show_json
    from guardian.engine.overview import overview

    with reached(config, state) as guardian:
        view = overview(guardian.store, guardian.config)
    if as_json:
        show_json(_document(view, guardian.config))
    else:
        _print(view, guardian.config)
    sys.exit({"fail": 1, "unknown": 3}.get(view.status, 0))


def _document(view: "Overview", config: "Config") -> dict[str, object]:
    """The health summary, and what is next."""
    from guardian.cli.shared.documents import incident_document
    from guardian.engine.overview import as_json

    opened = [incident_document(incident, view.silences) for incident in view.open]
    return {**as_json(view, config.summary.every), "open_incidents": opened}


def _print(view: "Overview", config: "Config") -> None:
    from guardian.cli.shared.output import say, show_table
    from guardian.runtime import rows

    say(f"Guardian is {rows.headline(view)}", style=view.status)
    say(f"node {config.node}, mode {rows.mode_text(view)}, {config.source or 'no configuration file'}")
    if view.checks:
        say()
        show_table(rows.CHECKS, rows.check_rows(view))
    if view.skipped:
        say()
        say(f"off: {', '.join(view.skipped)}")
    say()
    say(f"{len(view.open)} open incident{'' if len(view.open) == 1 else 's'}", style="bold")
    show_table(rows.INCIDENTS, rows.incident_rows(view.open, view.silences, view.at))
    say()
    say(f"workers: {rows.worker_text(view)}")
    say(f"beat: {rows.beat_text(view)}")
    say(f"queues: {rows.queue_text(view)}")
    for flag in view.flags:
        say(f"flags: {rows.flag_line(flag)}", style="unknown")
    for line in rows.channel_lines(view):
        say(f"alerts: {line}", style="fail")
    say(f"canaries: {rows.canary_text(view)}")
    say(f"watch: {rows.watch_text(view)}")
    if view.silences:
        say(f"silences: {len(view.silences)} (guardian silence list)")
