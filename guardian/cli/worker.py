"""`guardian worker`: one worker of a node, beside an external Redis or a running `up`."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("worker")
@click.option(
    "--role",
    type=click.Choice(["check", "own", "act", "all", "scan"]),
    default="all",
    show_default=True,
    help="What it does.",
)
@click.option("--node", help="The node it works for; else as configured.")
@options.where
def COMMAND(role: str, node: str | None, config: Path | None, state: Path | None) -> None:  # noqa: N802  found by this name
    """Run one worker until SIGTERM."""
    from guardian.app import Role
    from guardian.runtime.node import run_worker
    from guardian.runtime.single import single

    sys.exit(single(config, state, node, lambda app, loaded, store: run_worker(app, loaded, store, Role(role))))
