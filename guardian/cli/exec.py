"""`guardian exec`: scan a script, and run exactly the bytes that were scanned."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import click

from guardian.cli.shared import options

_PATH = click.Path(path_type=Path)
_REFUSED = 126


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("script", type=_PATH)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--policy", "policy_file", type=_PATH, help="TOML file with a table [scanner]; else the configuration.")
@click.option("--agent", metavar="NAME", help="By the policy for this agent.")
@click.option("--receipt", type=_PATH, help="A scan receipt (JSON file) in place of a scan.")
@click.option("--ask", is_flag=True, help="Have the Guardian that runs scan it, which writes it down and alerts.")
@click.option("--allow-review", is_flag=True, help="Run it with the scan verdict review, too.")
@click.option("--time-limit", type=options.Duration(), default="10m", show_default=True, help="Then it is ended.")
@click.option("--memory", default="2GB", show_default=True, metavar="SIZE", help="The most that each process may take.")
@click.option("--processes", type=click.IntRange(1), default=32, show_default=True, help="The most that it may start.")
@click.option("--env", "variables", multiple=True, metavar="NAME", help="Let it have this environment variable.")
@click.option("--state", type=_PATH, help="State directory; else ./.guardian.")
def COMMAND(  # noqa: N802  found by this name
    script: Path,
    arguments: tuple[str, ...],
    policy_file: Path | None,
    agent: str | None,
    receipt: Path | None,
    ask: bool,
    allow_review: bool,
    time_limit: timedelta,
    memory: str,
    processes: int,
    variables: tuple[str, ...],
    state: Path | None,
) -> None:
    """Scan SCRIPT; if it is allowed, run the bytes that were scanned, isolated and within limits.

    Exit code: the script's; 126: not allowed to run, 124: its time was over, 125: too many processes.
    """
    from guardian.host.run_script import Limits, clean, run
    from guardian.units import size_bytes

    try:
        limits = Limits(time_limit.total_seconds(), size_bytes(memory), processes)
    except ValueError as error:
        raise click.UsageError(f"--memory: {error}") from None
    if receipt:
        source = _by_receipt(script, receipt, state, policy_file)
    else:
        source = _by_scan(script, agent, state, policy_file, ask=ask, allow_review=allow_review)
    if source is None:
        sys.exit(_REFUSED)
    sys.stdout.flush()
    sys.exit(run(source, str(script), arguments, limits, clean(os.environ, variables)))


def _by_receipt(script: Path, receipt: Path, state: Path | None, policy: Path | None) -> bytes | None:
    from guardian.client import verify_receipt

    try:
        text = receipt.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{receipt} cannot be read: {error}") from None
    verified = verify_receipt(script, text, state=state, config=policy)
    if not verified:
        click.echo(f"{script} is not run: {verified.reason}", err=True)
    return verified.source


def _by_scan(
    script: Path, agent: str | None, state: Path | None, policy: Path | None, *, ask: bool, allow_review: bool
) -> bytes | None:
    from guardian.cli.shared import scan_text
    from guardian.client import scan
    from guardian.scanner import policy_found
    from guardian.scanner.report import ScanVerdict

    policy_found.found(policy, os.environ)  # a policy that is wrong is said as such
    scanned = scan(script, agent=agent, state=state, in_process=not ask, config=policy)
    fit = (ScanVerdict.ALLOW, ScanVerdict.REVIEW) if allow_review else (ScanVerdict.ALLOW,)
    if scanned.verdict in fit:
        return scanned.source
    for line in scan_text.lines(scanned.report):
        click.echo(line, err=True)
    click.echo(f"{script} is not run: the scan verdict is {scanned.verdict}", err=True)
    return None
