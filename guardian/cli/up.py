"""`guardian up`: everything in the foreground, until Ctrl-C."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("up")
@options.where
def COMMAND(config: Path | None, state: Path | None) -> None:  # noqa: N802  found by this name
    """Run Guardian here: embedded server, workers, beat, watch. Ctrl-C ends it."""
    from guardian import services
    from guardian.runtime.statedir import prepare
    from guardian.runtime.up import up
    from guardian.runtime.view import view

    folder = prepare(state)
    loaded = services.load_config(config)
    services.check_addresses(loaded)
    up(loaded, folder, view if sys.stdout.isatty() else None)
