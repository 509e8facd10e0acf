"""`guardian check`: what checks there are, and a look by hand."""

import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.config import CheckSettings
    from guardian.model import Verdict

_BY_BADNESS = ("fail", "unknown", "ok", "skipped")


@click.group("check")
def COMMAND() -> None:  # noqa: N802  found by this name
    """List the checks, or look by hand."""


@COMMAND.command("list")
@options.config
@options.as_json
def _list(config: Path | None, as_json: bool) -> None:
    """What checks there are, and which are on."""
    from guardian import services
    from guardian.cli.shared.output import show_json, show_table
    from guardian.settings import duration_text

    loaded = services.load_config(config)
    known = services.checks_of(loaded)
    found = [(name, known[name], settings) for name, settings in loaded.checks.items()]
    if as_json:
        show_json(
            {
                "checks": [
                    {
                        "check": name,
                        "title": check.title,
                        "enabled": settings.enabled,
                        "interval_seconds": settings.interval.total_seconds(),
                        "mode": settings.mode or loaded.mode,
                        "remedy": check.remedy,
                    }
                    for name, check, settings in found
                ]
            }
        )
        return
    rows = [
        (name, "on" if each.enabled else "off", duration_text(each.interval), each.mode or loaded.mode, check.title)
        for name, check, each in found
    ]
    show_table(("check", "is", "every", "mode", "what it looks at"), rows)


@COMMAND.command("run")
@click.argument("name")
@options.where
@options.as_json
def _run(name: str, config: Path | None, state: Path | None, as_json: bool) -> None:
    """Look now, on this machine. Changes nothing and stores nothing.

    Exit code 0: ok, 1: something fails, 3: unknown.
    """
    from guardian import services
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import say, show_json, show_table
    from guardian.engine.patrol import rehearse

    settings = _settings(name, services.load_config(config).checks)
    with reached(config, state) as guardian:
        engine = services.build(guardian.config, guardian.url, guardian.state)
        try:
            outcome, verdicts = rehearse(engine, name)
        finally:
            engine.store.close()
    ordered = sorted(verdicts, key=lambda verdict: _BY_BADNESS.index(verdict.status))
    if as_json:
        show_json(_document(name, engine.node, outcome.message, ordered))
    else:
        say(f"{name} on {engine.node}{'' if settings.enabled else ' (it is off)'}: {outcome.message}")
        rows = [(verdict.status, verdict.target, verdict.message, verdict.ruled_out or "") for verdict in ordered]
        show_table(("status", "target", "message", "no heal because"), rows)
    sys.exit(_code(ordered))


def _settings(name: str, known: Mapping[str, "CheckSettings"]) -> "CheckSettings":
    if name in known:
        return known[name]
    close = get_close_matches(name, known, 1)
    hint = f" Did you mean '{close[0]}'?" if close else " `guardian check list` shows them."
    raise click.UsageError(f"There is no check '{name}'.{hint}")


def _code(verdicts: Sequence["Verdict"]) -> int:
    states = {str(verdict.status) for verdict in verdicts}
    return 1 if "fail" in states else 3 if "unknown" in states else 0


def _document(name: str, node: str, message: str, verdicts: Sequence["Verdict"]) -> dict[str, object]:
    from guardian.diagnose.plain import plain_json

    return {
        "check": name,
        "node": node,
        "ok": _code(verdicts) == 0,
        "message": message,
        "verdicts": [
            {
                "target": verdict.target,
                "status": verdict.status,
                "message": verdict.message,
                "severity": verdict.severity,
                "no_heal_because": verdict.ruled_out,
                "facts": plain_json(verdict.facts),
            }
            for verdict in verdicts
        ],
    }
