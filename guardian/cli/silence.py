"""`guardian silence`: stop the telling, for a time."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.model import Silence
    from guardian.store.store import Store


@click.group("silence")
def COMMAND() -> None:  # noqa: N802  found by this name
    """Stop telling of some targets, for a time."""


@COMMAND.command("add")
@click.argument("pattern")
@click.option("--for", "length", type=options.Duration(), required=True, help="How long: 2h, 1h30m, 2 days.")
@click.option("--check", default="*", metavar="PATTERN", help="Only these checks (shell-style).")
@click.option("--node", default="*", metavar="PATTERN", help="Only these nodes (shell-style).")
@click.option("--no-heal", is_flag=True, help="Stop the heals too.")
@options.by
@options.comment
@options.where
@options.as_json
def _add(
    pattern: str,
    length: timedelta,
    check: str,
    node: str,
    no_heal: bool,
    author: str,
    comment: str,
    config: Path | None,
    state: Path | None,
    as_json: bool,
) -> None:
    """Tell nobody of the targets that match PATTERN (shell-style); checks and heals go on."""
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json
    from guardian.diagnose.plain import brief
    from guardian.engine.engine import silenced
    from guardian.model import Silence

    with reached(config, state) as guardian:
        silence = Silence(
            id=uuid.uuid4().hex[:8],
            check=check,
            target=pattern,
            node=node,
            until=guardian.store.clock.now() + length,
            author=brief(author, options.NAME_LENGTH),
            comment=brief(comment, options.COMMENT_LENGTH),
            no_heal=no_heal,
        )
        guardian.store.add_silence(silence)
        covered = [each for each in guardian.store.open_incidents() if silenced(each.key, [silence])]
    if as_json:
        show_json({**_document(silence), "open_incidents": [each.id for each in covered]})
        return
    say(f"silence {silence.id} until {silence.until:%Y-%m-%d %H:%M:%SZ}: {_what(silence)}")
    say(f"it covers {len(covered)} open incident{'' if len(covered) == 1 else 's'}")


@COMMAND.command("list")
@options.where
@options.as_json
def _list(config: Path | None, state: Path | None, as_json: bool) -> None:
    """The silences in force."""
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json, show_table
    from guardian.settings import rough_text

    with reached(config, state) as guardian:
        now = guardian.store.clock.now()
        found = sorted(guardian.store.silences(now), key=lambda silence: silence.until)
    if as_json:
        show_json({"silences": [_document(silence) for silence in found]})
        return
    if not found:
        say("no silences")
    rows = [(each.id, _what(each), rough_text(each.until - now), each.author, each.comment) for each in found]
    show_table(("id", "covers", "ends in", "by", "comment"), rows)


@COMMAND.command("remove")
@click.argument("id_", metavar="ID")
@options.by
@options.where
@options.as_json
def _remove(id_: str, author: str, config: Path | None, state: Path | None, as_json: bool) -> None:
    """End a silence now. ID is its id or the beginning of it."""
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json
    from guardian.diagnose.plain import brief

    with reached(config, state) as guardian:
        silence = _meant(guardian.store, id_)
        guardian.store.remove_silence(silence.id, brief(author, options.NAME_LENGTH))
    if as_json:
        show_json({**_document(silence), "removed": True})
    else:
        say(f"silence {silence.id} is removed: {_what(silence)}")


def _meant(store: "Store", id_: str) -> "Silence":
    found = [each for each in store.silences(store.clock.now()) if id_ and each.id.startswith(id_)]
    if len(found) != 1:
        count = f"{len(found)} silences begin" if found else "No silence in force begins"
        raise click.UsageError(f"{count} with '{id_}'. `guardian silence list` shows them.")
    return found[0]


def _what(silence: "Silence") -> str:
    heals = "no telling, no heals" if silence.no_heal else "no telling"
    return f"{heals} of {silence.target}, check {silence.check}, node {silence.node}"


def _document(silence: "Silence") -> dict[str, object]:
    return {
        "id": silence.id,
        "target": silence.target,
        "check": silence.check,
        "node": silence.node,
        "until": silence.until.isoformat(),
        "no_heal": silence.no_heal,
        "by": silence.author,
        "comment": silence.comment,
    }
