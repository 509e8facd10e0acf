"""`guardian throttle`: slower."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from guardian.cli.shared import flagging


class _Share(click.ParamType[float]):
    """More than 0 and less than 1."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            share = float(value)
        except ValueError:
            share = -1.0
        if not 0 < share < 1:
            self.fail("must be more than 0 (that is `guardian pause`) and less than 1 (`guardian resume`)", param, ctx)
        return share


@click.command("throttle")
@click.argument("share", type=_Share())
@flagging.given
def COMMAND(  # noqa: N802  found by this name
    share: float,
    agent: str | None,
    kind: str | None,
    length: timedelta | None,
    reason: str,
    author: str,
    config: Path | None,
    state: Path | None,
    as_json: bool,
) -> None:
    """Have the pipeline go slower: all, one agent, or one kind.

    SHARE of the usual pace is left, more than 0 and less than 1. It replaces what stood there.
    """
    flagging.put(share, agent, kind, length, reason, author, config, state, as_json=as_json)
