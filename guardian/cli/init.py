"""`guardian init`: the first configuration, out of what runs here."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.engine.rehearsal import Rehearsal, Would
    from guardian.setup.init import Begun


@click.command("init")
@click.option("--force", is_flag=True, help="Also where there is a file already; it is kept beside the new one.")
@options.config
@options.as_json
def COMMAND(force: bool, config: Path | None, as_json: bool) -> None:  # noqa: N802  found by this name
    """Look around, write a configuration that only observes, and say what it would heal right now.

    Starts nothing and changes nothing but that file. Exit code 2: there is one already.
    """
    from datetime import UTC, datetime

    from guardian.cli.shared.output import say, show_json
    from guardian.setup.around import Places
    from guardian.setup.init import init

    begun = init(config, force=force, places=Places(), now=datetime.now(UTC))
    if as_json:
        show_json(_document(begun))
        return
    for line in _lines(begun):
        say(line)


def _document(begun: "Begun") -> dict[str, object]:
    from guardian.setup.told import as_json

    return {
        "file": str(begun.file),
        "backup": str(begun.backup) if begun.backup else None,
        "found": as_json(begun.found),
        "would": [_would_document(would) for rehearsal in begun.rehearsals for would in rehearsal.would],
        "skipped": {rehearsal.check: rehearsal.skipped for rehearsal in begun.rehearsals if rehearsal.skipped},
        "next": _next(begun),
    }


def _would_document(would: "Would") -> dict[str, object]:
    return {
        "check": would.check,
        "target": would.verdict.target,
        "status": would.verdict.status,
        "message": would.verdict.message,
        "action": would.decision.action,
        "reason": would.decision.reason,
        "remedy": would.remedy,
    }


def _lines(begun: "Begun") -> Iterator[str]:
    from guardian.setup.told import told

    yield "Found here:"
    yield from (f"  {line}" for line in told(begun.found))
    yield f"Written: {begun.file}, mode observe"
    if begun.backup:
        yield f"The file of before is kept: {begun.backup}"
    yield "Right now, armed, it would:"
    for rehearsal in begun.rehearsals:
        yield from (f"  {line}" for line in _rehearsed(rehearsal))
    yield f"Next: {_next(begun)}"


def _rehearsed(rehearsal: "Rehearsal") -> Iterator[str]:
    if rehearsal.skipped:
        yield f"{rehearsal.check}: nothing, {rehearsal.skipped}"
    elif not rehearsal.would:
        yield f"{rehearsal.check}: nothing, {len(rehearsal.verdicts)} looked at and none fails"
    if rehearsal.braked:
        yield f"{rehearsal.check}: many fail at once, so the fleet brake would let heals go one by one"
    for would in rehearsal.would:
        how = f"heal by {would.remedy}" if would.remedy else f"tell a person ({would.decision.reason})"
        yield f"{would.verdict.target}: {would.verdict.message}: {how}"


def _next(begun: "Begun") -> str:
    return "guardian up" if begun.file.name == "guardian.toml" else f"guardian up --config {begun.file}"
