"""The `guardian` program as click has it: one command a file, and what was foreseen as clear lines and an exit code."""

import importlib
import io
import pkgutil
from collections.abc import Sequence
from difflib import get_close_matches

import click

from guardian import __version__
from guardian.cli.shared.refused import INTERRUPTED, complain, explained
from guardian.errors import GuardianError


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


def run(arguments: Sequence[str]) -> int:
    """The exit code. Raises BrokenPipeError when nobody reads what is printed any more."""
    try:
        given = PROGRAM.main(list(arguments), prog_name="guardian", standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except _ReaderGone as gone:
        raise BrokenPipeError from gone
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        complain(shown.getvalue().splitlines())
        return error.exit_code
    except GuardianError as error:
        return explained(error)
    return given if isinstance(given, int) else 0
