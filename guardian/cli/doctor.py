"""`guardian doctor`: the usual mistakes, and how to mend each."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.doctor.base import Report


@click.command("doctor")
@options.where
@options.as_json
def COMMAND(config: Path | None, state: Path | None, as_json: bool) -> None:  # noqa: N802  found by this name
    """Look for the usual mistakes, and say how to mend each. Changes nothing.

    Exit code 0: nothing found, 1: something, 3: something could not be looked at.
    """
    from guardian.cli.shared.output import show_json
    from guardian.doctor.base import Surroundings
    from guardian.doctor.examine import examine

    report = examine(config, state, Surroundings())
    if as_json:
        show_json(_document(report))
    else:
        _print(report)
    sys.exit(1 if report.findings else 3 if report.blind else 0)


def _document(report: "Report") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "ok": not report.findings and not report.blind,
        "findings": [asdict(finding) for finding in report.findings],
        "could_not_look": [{"area": area, "reason": reason} for area, reason in report.blind.items()],
        "notes": list(report.notes),
    }


def _print(report: "Report") -> None:
    from guardian.cli.shared.output import say

    for each in report.findings:
        say(f"{each.severity}: {each.what}. {each.why[:1].upper()}{each.why[1:]}. To mend: {each.mend}")
    for area, reason in report.blind.items():
        say(f"could not look at {area}: {reason}")
    for note in report.notes:
        say(f"note: {note}")
    count = len(report.findings)
    if not count and not report.blind:
        say("nothing found", style="ok")
    elif count:
        say(f"{count} finding{'' if count == 1 else 's'}; what each means: docs/doctor.md")
