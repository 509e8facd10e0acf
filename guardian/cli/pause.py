"""`guardian pause`: no new tasks."""

from datetime import timedelta
from pathlib import Path

import click

from guardian.cli.shared import flagging


@click.command("pause")
@flagging.given
def COMMAND(  # noqa: N802  found by this name
    agent: str | None,
    kind: str | None,
    length: timedelta | None,
    reason: str,
    author: str,
    config: Path | None,
    state: Path | None,
    as_json: bool,
) -> None:
    """Have the pipeline start no new task: all, one agent, or one kind.

    Agents that ask `guardian.client.may_start_task` get no; what is being done goes on. It replaces what stood there.
    """
    flagging.put(0.0, agent, kind, length, reason, author, config, state, as_json=as_json)
