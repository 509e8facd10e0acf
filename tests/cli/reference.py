"""docs/cli.md out of the commands: `python -m tests.cli.reference > docs/cli.md`."""

from collections.abc import Iterator

import click

from guardian.cli.shared import options
from guardian.cli.shared.program import PROGRAM

_HEAD = """\
# The command line

Every command has `--help`. Exit codes: 0 ok, 1 something fails, 2 usage or configuration, 3 unknown (the store is away,
or no Guardian runs here); 130 after Ctrl-C. With `--json` a command prints one JSON document on stdout, with times in
ISO 8601; errors go to stderr. On a terminal there are tables, in a pipe plain columns.

Where the table names these without a word:

{shared}

This page is made from the commands themselves (`python -m tests.cli.reference`).

| command | what it does | options |
| --- | --- | --- |
"""


def reference() -> str:
    context = click.Context(PROGRAM, info_name="guardian")
    shared = "\n".join(f"- {_option(each, context, whole=True)}" for each in _shared())
    return _HEAD.format(shared=shared) + "".join(_rows(PROGRAM, context))


def _shared() -> list[click.Option]:
    """--config, --state, --json, --by and --comment, as every command has them."""
    command = click.command()(options.where(options.as_json(options.by(options.comment(lambda: None)))))
    return [each for each in command.params if isinstance(each, click.Option)]


def _rows(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _rows(below, click.Context(below, info_name=name, parent=context))
        return
    arguments = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
    given = [_option(each, context) for each in command.params if isinstance(each, click.Option) and not each.hidden]
    does = " ".join((command.help or "").split())
    yield f"| `{' '.join([context.command_path, *arguments])}` | {_cell(does)} | {_cell('<br>'.join(given))} |\n"


def _option(option: click.Option, context: click.Context, *, whole: bool = False) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    known = not whole and option.help in {each.help for each in _shared()}
    return f"`{option.opts[0]}`" if known else f"`{option.opts[0]}{value}` {option.help or ''}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(reference(), end="")
