"""`guardian up`: everything in the foreground, until Ctrl-C."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("up")
@click.option("--flower", is_flag=True, help="Also serve Flower, the page of Celery's tasks, on 127.0.0.1.")
@click.option("--flower-port", type=click.IntRange(1, 65535), default=5555, show_default=True, help="Its port.")
@options.where
def COMMAND(flower: bool, flower_port: int, config: Path | None, state: Path | None) -> None:  # noqa: N802  found by this name
    """Run Guardian here: embedded server, workers, beat, listener, watch. Ctrl-C ends it."""
    from guardian import services
    from guardian.runtime.flower import LOOPBACK, invitation, open_door
    from guardian.runtime.statedir import prepare
    from guardian.runtime.up import up
    from guardian.runtime.view import view

    folder = prepare(state)
    loaded = services.load_config(config)
    services.check_addresses(loaded)
    door = open_door(LOOPBACK, flower_port) if flower else None
    terminal = sys.stdout.isatty()
    if door:
        where = f"Flower: {door.url}, user and password in {folder / 'flower.json'}"
        click.echo(invitation(door) if terminal else where)
    up(loaded, folder, view if terminal else None, door)
