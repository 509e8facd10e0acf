"""`guardian flags`: what is paused or throttled."""

from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("flags")
@options.where
@options.as_json
def COMMAND(config: Path | None, state: Path | None, as_json: bool) -> None:  # noqa: N802  found by this name
    """What is paused or throttled, why, by whom and for how long."""
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json, show_table
    from guardian.engine.overview import flag_document
    from guardian.runtime import rows

    with reached(config, state) as guardian:
        now = guardian.store.clock.now()
        found = guardian.store.flags.standing()
    if as_json:
        show_json({"flags": [flag_document(flag) for flag in found]})
        return
    if not found:
        say("nothing is paused or throttled")
    show_table(rows.FLAGS, rows.flag_rows(found, now))
