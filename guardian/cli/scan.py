"""`guardian scan`: what scripts could do, before they run. Reports only; moves nothing."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from guardian.cli.shared.scanning import Scanned

_PATH = click.Path(path_type=Path)
_SEVERITIES = ("advice", "review", "block")


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "shape", type=click.Choice(["text", "json", "sarif"]), default="text", help="Of the output.")
@click.option(
    "--policy", "policy_file", type=_PATH, help="TOML file with a table [scanner]; else as --config is found."
)
@click.option("--agent", metavar="NAME", help="By the policy for this agent.")
@click.option("--baseline", type=_PATH, help="Known findings, which do not count.")
@click.option("--write-baseline", type=_PATH, help="Write what is found as a baseline, and end with 0.")
@click.option("--reason", default="", help="Why those findings are accepted; with --write-baseline.")
@click.option("--expires", metavar="DAY", help="Until when they are; with --write-baseline.")
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default="review",
    show_default=True,
    help="The least that gives exit code 1.",
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out such names in folders (shell-style).")
@click.option("--all", "everything", is_flag=True, help="Also look into .git, caches and virtual environments.")
@click.option("--stdin-name", default="<stdin>", metavar="NAME", help="What `-` is called in the report.")
def COMMAND(  # noqa: N802  found by this name
    paths: tuple[str, ...],
    shape: str,
    policy_file: Path | None,
    agent: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    reason: str,
    expires: str | None,
    fail_on: str,
    exclude: tuple[str, ...],
    everything: bool,
    stdin_name: str,
) -> None:
    """Scan files, folders, or `-` for stdin. Runs nothing, moves nothing.

    Exit code 0: nothing found, 1: findings at or above --fail-on, 2: error.
    """
    from guardian.cli.shared import scan_shown, scanning

    policy, source = scanning.policy(policy_file, baseline, agent)
    done = scanning.scan(paths, policy, exclude=exclude, everything=everything, stdin_name=stdin_name)
    if write_baseline:
        _write(done, write_baseline, reason, expires)
        sys.exit(2 if done.errors else 0)
    sys.exit(scan_shown.show(done, policy, source, shape=shape, fail_on=fail_on))


def _write(done: "Scanned", path: Path, reason: str, expires: str | None) -> None:
    from datetime import date

    from guardian.scanner import baseline

    if not reason.strip():
        raise click.UsageError("--write-baseline needs a --reason: why are these findings accepted?")
    try:
        day = date.fromisoformat(expires) if expires else None
        path.write_text(baseline.text_of(done.reports, reason.strip(), day), encoding="utf-8")
    except ValueError:
        raise click.UsageError("--expires takes a day, like 2027-03-31") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    unread = sum(report.sha256 is None for report in done.reports)
    count = sum(len(report.findings) for report in done.reports if report.sha256 is not None)
    click.echo(f"{path}: {count} findings" + (f"; {unread} files that cannot be read are not in it" if unread else ""))
