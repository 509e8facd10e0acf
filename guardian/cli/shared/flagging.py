"""What the commands of the control flags have in common: the options, and putting a flag."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.cli.shared.opening import Reached

_Command = TypeVar("_Command", bound=Callable[..., Any])


def scope(command: _Command) -> _Command:
    """--agent and --kind: whom the flag is for."""
    agent = click.option("--agent", metavar="NAME", help="Only this agent; else all.")
    kind = click.option("--kind", metavar="NAME", help="Only tasks of this kind; else all.")
    return agent(kind(command))


def given(command: _Command) -> _Command:
    """The options of a command that puts a flag."""
    length = click.option("--for", "length", type=options.Duration(), help="How long: 2h, 1h30m; else until `resume`.")
    reason = click.option("--reason", default="", help="Why, for whoever meets it.")
    return scope(length(reason(options.by(options.where(options.as_json(command))))))


def scope_of(agent: str | None, kind: str | None) -> str:
    from guardian.diagnose.plain import brief
    from guardian.ports import EVERYTHING

    if agent is not None and kind is not None:
        raise click.UsageError("give either --agent or --kind: a flag is for all, for one agent or for one kind.")
    found = agent if agent is not None else kind
    if found is None:
        return EVERYTHING
    name = brief(found, options.NAME_LENGTH)
    if not name:
        raise click.UsageError("the name is empty.")
    return f"{'agent' if agent is not None else 'kind'}:{name}"


def put(
    share: float,
    agent: str | None,
    kind: str | None,
    length: timedelta | None,
    reason: str,
    author: str,
    config: Path | None,
    state: Path | None,
    *,
    as_json: bool,
) -> None:
    """A person's flag, in the place of whatever stood there."""
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json
    from guardian.diagnose.plain import brief
    from guardian.engine.overview import flag_document
    from guardian.ports import Flag
    from guardian.runtime import rows

    where = scope_of(agent, kind)
    with reached(config, state) as guardian:
        now = guardian.store.clock.now()
        flag = Flag(
            scope=where,
            share=share,
            reason=brief(reason, options.COMMENT_LENGTH),
            author=brief(author, options.NAME_LENGTH),
            since=now,
            until=now + length if length else None,
        )
        guardian.store.flags.put(flag)
        mirror(guardian)
    if as_json:
        show_json(flag_document(flag))
    else:
        say(rows.flag_line(flag))


def mirror(guardian: "Reached") -> None:
    """Where this node has a state directory; elsewhere, and when it cannot be written, the sweep does it."""
    from guardian import services
    from guardian.engine import flags

    file = services.flags_file(guardian.config, guardian.state)
    if not file.parent.is_dir():
        return
    if trouble := flags.mirror(guardian.store.flags, file, guardian.store.clock, guardian.config.summary.every):
        click.echo(f"{trouble}; the running Guardian does it soon", err=True)
