"""`guardian ack`: a person took it."""

import sys
from pathlib import Path

import click

from guardian.cli.shared import options


@click.command("ack")
@click.argument("incident")
@options.by
@options.comment
@options.where
@options.as_json
def COMMAND(  # noqa: N802  found by this name
    incident: str, author: str, comment: str, config: Path | None, state: Path | None, as_json: bool
) -> None:
    """Take an open incident: no repeats and no escalation; checks and heals go on.

    INCIDENT is an id, the beginning of one, or a target. Exit code 1: it is over already.
    """
    from guardian.cli.shared.finding import find_incident
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json
    from guardian.diagnose.plain import brief

    with reached(config, state) as guardian:
        store = guardian.store
        found = find_incident(store, incident, only_open=True)
        outcome = store.acknowledge(
            found.id, brief(author, options.NAME_LENGTH), store.clock.now(), brief(comment, options.COMMENT_LENGTH)
        )
        after = store.incident(found.id) or found
    name = f"{found.key.target} ({found.id})"
    if as_json:
        show_json({"incident": found.id, "outcome": outcome, "acknowledged_by": after.acked_by})
    elif outcome == "stale":
        say(f"{name} is over: nothing is left to acknowledge")
    else:
        already = "was already" if outcome == "already" else "is"
        say(f"{name} {already} acknowledged by {after.acked_by}: no escalation; checks and heals go on")
    sys.exit(outcome == "stale")
