"""`guardian report`: what a span of time came to, out of the history."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from guardian.cli.shared import options


class _Moment(click.ParamType[datetime]):
    """A duration (so long ago), a date, or a date and time; without an offset it is UTC."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from guardian.settings import duration

        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        except ValueError:
            pass
        try:
            return datetime.now(UTC) - duration(value)
        except ValueError:
            self.fail(f"'{value}' is neither a duration like 7d nor a time like 2026-11-24T08:00", param, ctx)


@click.command("report")
@click.option("--since", type=_Moment(), default="7d", help="From when: 7d (ago), or 2026-11-24T08:00.")
@click.option("--until", type=_Moment(), default="0s", help="Until when, written like --since; else now.")
@options.where
@options.as_json
def COMMAND(  # noqa: N802  found by this name
    since: datetime, until: datetime, config: Path | None, state: Path | None, as_json: bool
) -> None:
    """Incidents, times, heals and scans of a span of time, as Markdown. Exit code 3: the history is empty or away."""
    from guardian import services
    from guardian.cli.shared.output import say, show_json
    from guardian.engine import report
    from guardian.runtime import statedir

    if since >= until:
        raise click.UsageError(f"--since ({since:%Y-%m-%d %H:%M}) must be before --until ({until:%Y-%m-%d %H:%M}).")
    history = services.open_history(services.load_config(config), state or statedir.DEFAULT)
    past = history.read(since, until)
    if past is None or past.began is None:
        click.echo("the history is empty: Guardian fills it while it runs (guardian up)", err=True)
        sys.exit(3)
    if as_json:
        show_json(report.document(past))
        return
    for line in report.markdown(past).splitlines():
        say(line)
