"""`guardian rules`: what the scanner looks for."""

import textwrap
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.scanner.report import Rule

_WIDTH = 80


@click.command("rules")
@click.argument("id_", metavar="[ID]", required=False)
@options.as_json
def COMMAND(id_: str | None, as_json: bool) -> None:  # noqa: N802  found by this name
    """What the scanner looks for; with an ID (G205) all of that rule."""
    from dataclasses import asdict

    from guardian.cli.shared.output import show_json, show_table
    from guardian.scanner import rules

    known = {rule.id: rule for rule in rules()}
    if id_ is not None and id_.upper() not in known:
        close = get_close_matches(id_.upper(), known, 1)
        raise click.UsageError(f"There is no rule '{id_}'." + (f" Did you mean '{close[0]}'?" if close else ""))
    chosen = [known[id_.upper()]] if id_ else list(known.values())
    if as_json:
        show_json({"rules": [asdict(rule) for rule in chosen]})
    elif id_:
        _print(chosen[0])
    else:
        rows = [(rule.id, rule.severity, f"CWE-{rule.cwe}", rule.name, rule.what) for rule in chosen]
        show_table(("rule", "severity", "cwe", "name", "what it looks for"), rows)


def _print(rule: "Rule") -> None:
    click.echo(f"{rule.id} {rule.name}: {rule.severity}, confidence {rule.confidence}, CWE-{rule.cwe}")
    for label, text in (("what", rule.what), ("why", rule.why), ("instead", rule.instead)):
        click.echo("\n".join(textwrap.wrap(f"{label}: {text}", _WIDTH, subsequent_indent="  ")))
    click.echo("example:")
    click.echo(textwrap.indent(rule.example.rstrip(), "    "))
