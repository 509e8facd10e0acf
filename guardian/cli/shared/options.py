"""Options that several commands have, defined once."""

import getpass
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)

NAME_LENGTH, COMMENT_LENGTH = 100, 500
"""The most characters kept of who and why."""

config = click.option("--config", type=_PATH, help="Configuration file; else $GUARDIAN_CONFIG, else ./guardian.toml.")
state = click.option("--state", type=_PATH, help="State directory; else ./.guardian.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
comment = click.option("--comment", default="", help="Why, for whoever asks later.")


def where(command: _Command) -> _Command:
    """--config and --state: which Guardian is meant."""
    return config(state(command))


def by(command: _Command) -> _Command:
    """--by, in the command's `author`."""
    return click.option("--by", "author", metavar="NAME", default=_user, help="Who; else the user's name.")(command)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        return "somebody"


class Duration(click.ParamType[timedelta]):
    """`2h`, `1h30m`, `2 days`, or a number of seconds; more than zero."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        from guardian.settings import duration

        try:
            length = duration(float(value) if _is_number(value) else value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not length:
            self.fail("must be more than zero", param, ctx)
        return length


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.strip().isdecimal()
