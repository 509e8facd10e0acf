"""`guardian quarantine`: the scripts that were set aside, and giving one back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.host.quarantine import Entry, Place


@click.group("quarantine")
def COMMAND() -> None:  # noqa: N802  found by this name
    """The scripts that were set aside on this node."""


@COMMAND.command("ls")
@click.option("--all", "everything", is_flag=True, help="Those that were released as well.")
@options.where
@options.as_json
def _ls(everything: bool, config: Path | None, state: Path | None, as_json: bool) -> None:
    """What is there, the oldest first."""
    from dataclasses import asdict

    from guardian.cli.shared.output import say, show_json, show_table

    place = _place(config, state)
    found = [each for each in place.entries() if everything or each.state != "released"]
    if as_json:
        show_json({"folder": str(place.folder), "quarantined": [asdict(each) for each in found]})
        return
    if not found:
        say(f"nothing is quarantined in {place.folder}")
    rows = [(each.id, each.at[:19], each.state, each.agent or "", _why(each), each.path) for each in found]
    show_table(("id", "since", "state", "agent", "why", "path"), rows)


@COMMAND.command("show")
@click.argument("id_", metavar="ID")
@options.where
@options.as_json
def _show(id_: str, config: Path | None, state: Path | None, as_json: bool) -> None:
    """One of them with its report. ID is its id or the beginning of it."""
    from dataclasses import asdict

    from guardian.cli.shared.output import say, show_json
    from guardian.cli.shared.scan_text import lines
    from guardian.scanner.documents import report_from

    place = _place(config, state)
    entry = _meant(place, id_)
    if as_json:
        show_json({**asdict(entry), "script": str(place.of(entry.id) / "script")})
        return
    say(f"{entry.id} {entry.state} since {entry.at}, agent {entry.agent or 'none'}, node {entry.node}")
    say(f"was {entry.path}, {entry.size} bytes, mode {entry.mode:o}, sha256 {entry.sha256}")
    say(f"is {place.of(entry.id) / 'script'}" if entry.state != "released" else f"released: {_released(entry)}")
    for line in lines(report_from(_report(entry))):
        click.echo(line)


@COMMAND.command("release")
@click.argument("id_", metavar="ID")
@click.option("--reason", required=True, help="Why it may go back; kept with it.")
@click.option("--to", type=click.Path(path_type=Path), help="Where to; else where it was.")
@options.by
@options.where
@options.as_json
def _release(
    id_: str, reason: str, to: Path | None, author: str, config: Path | None, state: Path | None, as_json: bool
) -> None:
    """Put one back, never over another file. The next scan blocks it again unless an exception names its content."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from guardian.cli.shared.output import say, show_json
    from guardian.diagnose.plain import brief
    from guardian.host.quarantine import release

    if not reason.strip():
        raise click.UsageError("--reason: why may it go back?")
    place = _place(config, state)
    done = release(
        place,
        _meant(place, id_).id,
        author=brief(author, options.NAME_LENGTH),
        reason=brief(reason, options.COMMENT_LENGTH),
        now=datetime.now(UTC),
        to=to,
    )
    if as_json:
        show_json(asdict(done))
        return
    say(f"{done.id} is back: {_released(done)}")
    say("to have it pass, put this into the configuration:")
    for rule in sorted({str(each["rule"]) for each in done.report.get("findings", [])}):
        say(f'[[scanner.exceptions]] with rule = "{rule}", sha256 = "{done.sha256}" and a reason')


def _place(config: Path | None, state: Path | None) -> "Place":
    from guardian import services
    from guardian.runtime import statedir

    return services.quarantine(services.load_config(config), (state or statedir.DEFAULT).absolute())


def _meant(place: "Place", id_: str) -> "Entry":
    found = [each for each in place.entries() if id_ and each.id.startswith(id_)]
    if len(found) != 1:
        count = f"{len(found)} begin" if found else "Nothing that is quarantined begins"
        raise click.UsageError(f"{count} with '{id_}'. `guardian quarantine ls` shows them.")
    return found[0]


def _why(entry: "Entry") -> str:
    return ", ".join(sorted({str(each.get("rule")) for each in entry.report.get("findings", [])}))


def _released(entry: "Entry") -> str:
    said = entry.released or {}
    return f"{said.get('to')}, by {said.get('by')} at {said.get('at')}: {said.get('reason')}"


def _report(entry: "Entry") -> dict[str, object]:
    return {**entry.report, "path": entry.path}
