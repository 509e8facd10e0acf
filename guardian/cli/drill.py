"""`guardian drill`: break something on purpose, and see Guardian mend it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:  # `guardian --help` stays quick
    from datetime import timedelta

    from guardian.drill.crash import Outcome

_FAILED = 1


@click.group("drill")
def COMMAND() -> None:  # noqa: N802  found by this name
    """Break something on purpose, and measure how it is mended."""


@COMMAND.command("crash")
@click.option("--app", metavar="NAME", help="A process that the running Guardian watches; else one of the drill's own.")
@click.option("--yes", is_flag=True, help="Kill --app without asking.")
@options.where
@options.as_json
def _crash(app: str | None, yes: bool, config: Path | None, state: Path | None, as_json: bool) -> None:
    """Kill a process, and time it: seen, running again, verified.

    Without --app, a Guardian, a supervisor and a process are started for it and cleared away again. Exit code 0: healed
    and verified in time, 1: not, 2: the drill cannot be held, 3: no Guardian runs.
    """
    from guardian.cli.shared.output import show_json
    from guardian.drill import crash

    if app is None and (config or state or yes):
        raise click.UsageError("--config, --state and --yes go with --app.")
    outcome = crash.crash_throwaway(_progress) if app is None else _crash_app(app, config, state, yes)
    if as_json:
        show_json(crash.as_json(outcome))
    else:
        _print(outcome)
    sys.exit(0 if outcome.ok else _FAILED)


def _crash_app(app: str, config: Path | None, state: Path | None, yes: bool) -> "Outcome":
    from guardian.diagnose.plain import plain
    from guardian.drill import crash
    from guardian.drill.victim import find_victim

    victim = find_victim(config, state, app)
    if not yes:
        question = f"kill -9 {plain(app)} (process {victim.pid}, under {victim.supervisor.name})?"
        click.confirm(question, abort=True, err=True)
    return crash.crash(victim, _progress)


def _progress(text: str) -> None:
    click.echo(text, err=True)


def _print(outcome: "Outcome") -> None:
    from guardian.cli.shared.output import say, show_table

    if outcome.by_itself and outcome.running is not None:
        seconds = outcome.running.total_seconds()
        say(
            f"{outcome.supervisor} restarted it by itself after {seconds:.1f} s: nothing for Guardian to do", style="ok"
        )
        return
    say(f"{outcome.target}, under {outcome.supervisor}")
    rows = {
        "seen": outcome.seen,
        "running again": outcome.running,
        "  from seen to running again": outcome.repair,
        "verified, and the incident resolved": outcome.verified,
    }
    show_table(("after kill -9", "seconds"), [(name, _seconds(length)) for name, length in rows.items()])
    for line in _conclusion(outcome):
        say(line, style="ok" if outcome.ok else "fail")


def _seconds(length: "timedelta | None") -> str:
    return f"{length.total_seconds():7.2f}" if length is not None else "      -"


def _conclusion(outcome: "Outcome") -> list[str]:
    limit = f"{outcome.heal_limit.total_seconds():.0f} s"
    if outcome.ok:
        return [f"healed within {limit}, and verified"]
    lines = [f"not healed within {limit} and verified"]
    if outcome.incident and outcome.incident.reason:
        lines.append(f"because: {outcome.incident.reason}")
    if outcome.running is None:
        lines.append(f"{outcome.target} is still down")
    if outcome.log:
        lines.append(f"Guardian's log: {outcome.log}")
    return lines
