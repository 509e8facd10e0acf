"""`guardian flower`: the page of Celery's tasks, beside an external Redis or a running `up`."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("flower")
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=5555, show_default=True, help="Its port.")
@options.where
def COMMAND(address: str, port: int, config: Path | None, state: Path | None) -> None:  # noqa: N802  found by this name
    """Serve Flower, the page of Celery's tasks, until SIGTERM. Its users are those of $FLOWER_BASIC_AUTH
    (`user:password`); without it one is made and shown."""
    from guardian.runtime.flower import invitation, open_door, run_flower
    from guardian.runtime.single import single

    door = open_door(address, port)
    click.echo(invitation(door), err=True)
    sys.exit(single(config, state, None, lambda app, _loaded, _store: run_flower(app, door)))
