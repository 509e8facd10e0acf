"""`guardian`: finds the command, and turns whatever was foreseen into clear lines and an exit code.

0 ok, 1 something fails, 2 usage or configuration, 3 unknown (the store is away, nothing runs). A command that found
out one of these ends with `sys.exit`.
"""

import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import IO, NoReturn

import click

from guardian import __version__
from guardian.errors import ConfigError, GuardianError, HistoryError, NotRunning, StoreError

REFUSED, UNKNOWN = 2, 3
_INTERRUPTED, _BROKEN_PIPE = 128 + 2, 128 + 13  # as a shell reports SIGINT and SIGPIPE


class _ReaderGone(Exception):  # noqa: N818  named for what happened
    """Nobody reads what is printed any more. Click would make a BrokenPipeError an exit code 1: "something fails"."""


class _Commands(click.Group):
    """Each module beside this one is a command, imported when it is asked for. Folders hold what they share."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click calls it
        folder = importlib.import_module("guardian.cli").__path__
        return sorted(info.name for info in pkgutil.iter_modules(folder) if not info.ispkg and info.name != "main")

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"guardian.cli.{name}").COMMAND
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGone from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = get_close_matches(args[0], self.list_commands(ctx), 1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{close[0]}'?", ctx) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="guardian", message="%(prog)s %(version)s")
def PROGRAM() -> None:  # noqa: N802  as the commands' COMMAND
    """Watch AI agents, heal what can be healed, and tell a person the rest.

    Exit codes: 0 ok, 1 something fails, 2 usage or configuration, 3 unknown.
    """


def main() -> NoReturn:
    """The program, as `guardian` and `python -m guardian`."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # any path, any terminal
    sys.exit(_outcome(sys.argv[1:]))


def _outcome(arguments: Sequence[str]) -> int:
    """The exit code; what was foreseen is said on stderr."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (_ReaderGone, BrokenPipeError):
        _discard(sys.stdout)
        return _BROKEN_PIPE
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        given = PROGRAM.main(list(arguments), prog_name="guardian", standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except click.Abort:
        return _INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        _complain(shown.getvalue().splitlines())
        return error.exit_code
    except GuardianError as error:
        return _explained(error)
    return given if isinstance(given, int) else 0


def _explained(error: GuardianError) -> int:
    match error:
        case ConfigError():
            lines, code = [str(fault) for fault in error.faults], REFUSED
        case StoreError():
            lines, code = [f"Guardian's store is away: {error}"], UNKNOWN
        case HistoryError():
            lines, code = [f"the history cannot be read: {error}"], UNKNOWN
        case NotRunning():
            lines, code = [str(error)], UNKNOWN
        case _:
            lines, code = [str(error)], REFUSED
    _complain(lines)
    return code


def _complain(lines: Sequence[str]) -> None:
    from guardian.diagnose.plain import plain

    for line in lines:
        click.echo(plain(line), err=True)


def _discard(stream: IO[str]) -> None:
    """Nobody reads on: what is still buffered goes nowhere, in silence."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
