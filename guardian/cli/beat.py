"""`guardian beat`: the one scheduler, beside an external Redis or a running `up`."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("beat")
@options.where
def COMMAND(config: Path | None, state: Path | None) -> None:  # noqa: N802  found by this name
    """Send what is due until SIGTERM. Run exactly one beat per Guardian."""
    from guardian.runtime.beat import run_beat
    from guardian.runtime.single import single

    sys.exit(single(config, state, None, run_beat))
