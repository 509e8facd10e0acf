"""`guardian version`: what runs here, for a report."""

import platform

import click

from guardian import __version__
from guardian.cli.shared import options

_LIBRARIES = ("celery", "kombu", "redis", "pydantic", "sqlalchemy")


@click.command("version")
@options.as_json
def COMMAND(as_json: bool) -> None:  # noqa: N802  found by this name
    """Guardian's version, and those of what it stands on."""
    from importlib.metadata import version

    from guardian.cli.shared.output import say, show_json

    found = {"guardian": __version__, "python": platform.python_version(), "system": platform.platform()}
    found |= {name: version(name) for name in _LIBRARIES}
    if as_json:
        show_json(found)
        return
    for name, text in found.items():
        say(f"{name} {text}")
