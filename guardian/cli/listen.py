"""`guardian listen`: the listener of a node, beside `guardian worker` there."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("listen")
@click.option("--node", help="The node it listens at; else as configured.")
@click.option("--probe", is_flag=True, help="Only say whether the listener here works: exit code 0 or 3.")
@options.where
def COMMAND(node: str | None, probe: bool, config: Path | None, state: Path | None) -> None:  # noqa: N802  found by this name
    """Have a process that ended looked at at once, until SIGTERM. Part of `up`; run one per node beside its worker."""
    import time
    from functools import partial

    from guardian.runtime import alive, statedir

    if probe:
        alive.proven((state or statedir.DEFAULT).absolute(), "listener", time.time())
        return
    from guardian.runtime.listener import run_listener
    from guardian.runtime.single import single

    sys.exit(single(config, state, node, partial(run_listener, state=statedir.prepare(state))))
