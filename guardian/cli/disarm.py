"""`guardian disarm`: Guardian observes from now on."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("disarm")
@options.by
@options.comment
@options.where
@options.as_json
def COMMAND(author: str, comment: str, config: Path | None, state: Path | None, as_json: bool) -> None:  # noqa: N802  found by this name
    """Switch the healing off: `mode = "observe"` in the configuration, and for all who run, at once.

    What is being done at this moment is finished. Exit code 1: the file could not be changed, 3: the running Guardian
    could not be told.
    """
    from guardian.cli.shared.arming import switch
    from guardian.model import Mode

    sys.exit(switch(Mode.OBSERVE, config, state, author, comment, as_json=as_json))
