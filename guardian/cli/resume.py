"""`guardian resume`: a pause or throttle is over."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import flagging, options


@click.command("resume")
@flagging.scope
@options.by
@options.where
@options.as_json
def COMMAND(  # noqa: N802  found by this name
    agent: str | None, kind: str | None, author: str, config: Path | None, state: Path | None, as_json: bool
) -> None:
    """Lift the pause or throttle: of all, of one agent, or of one kind.

    One that stood for an incident is not put again for that incident. Exit code 1: none stood there.
    """
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json
    from guardian.diagnose.plain import brief
    from guardian.engine.overview import flag_document
    from guardian.runtime import rows

    scope = flagging.scope_of(agent, kind)
    with reached(config, state) as guardian:
        lifted = guardian.store.flags.lift(scope, brief(author, options.NAME_LENGTH))
        left = guardian.store.flags.standing()
        flagging.mirror(guardian)
    if as_json:
        show_json({"scope": scope, "lifted": lifted, "standing": [flag_document(flag) for flag in left]})
    else:
        say(f"{scope} goes on" if lifted else f"{scope} was neither paused nor throttled")
        for flag in left:
            say(f"still: {rows.flag_line(flag)}")
    sys.exit(not lifted)
