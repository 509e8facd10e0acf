"""`guardian watch`: says when Guardian is blind; a process of its own, beside an external Redis or a running `up`."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("watch")
@click.option("--probe", is_flag=True, help="Only say whether the watch here works: exit code 0 or 3.")
@options.where
def COMMAND(probe: bool, config: Path | None, state: Path | None) -> None:  # noqa: N802  found by this name
    """Watch Guardian itself until SIGTERM."""
    import time

    from guardian.runtime import alive, statedir

    if probe:
        alive.proven((state or statedir.DEFAULT).absolute(), "watch", time.time())
        return
    sys.exit(_watch(config, state))


def _watch(config: Path | None, state: Path | None) -> int:
    from guardian import services
    from guardian.runtime import journal, statedir
    from guardian.runtime.watch import run_watch

    folder = statedir.prepare(state)
    loaded = services.load_config(config)
    url = statedir.redis_url(loaded, folder)
    journal.begin(None)
    return run_watch(loaded, url, folder)
