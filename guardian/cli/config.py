"""`guardian config`: look the configuration over before anything starts, and what there is to configure."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # `guardian --help` stays quick
    from guardian.config import Config, Sections
    from guardian.errors import ConfigFault

_PATH = click.Path(path_type=Path, readable=False)  # the loader says what is wrong with it
_REFUSED = 2


@click.group("config")
def COMMAND() -> None:  # noqa: N802  found by this name
    """Check and describe the configuration."""


@COMMAND.command("check")
@click.option("--config", type=_PATH, help="Configuration file; else $GUARDIAN_CONFIG, else ./guardian.toml.")
@click.option("--json", "as_json", is_flag=True, help='Print {"ok", "source", "faults": [{file, key, reason}]}.')
def _check(config: Path | None, as_json: bool) -> None:
    """Find every mistake. Exit code 0: none, 2: some."""
    from guardian import services
    from guardian.config import find
    from guardian.errors import ConfigError

    path = find(config, os.environ, Path.cwd())
    try:
        loaded = services.load_config(config)
        faults = [*services.plugin_faults(loaded), *services.address_faults(loaded)]
    except ConfigError as error:
        faults = [*error.faults]
    if faults:
        _say(_json(path, faults) if as_json else _refusal(faults))
        sys.exit(_REFUSED)
    _say(_json(path, ()) if as_json else _approval(loaded))


@COMMAND.command("schema")
def _schema() -> None:
    """Print the JSON Schema of the file, for editors."""
    from guardian.config import schema

    _say(json.dumps(schema(_sections()), indent=2, ensure_ascii=False))


@COMMAND.command("example")
def _example() -> None:
    """Print a file with every key and its default, ready for use."""
    from guardian.config import example

    _say(example(_sections()).removesuffix("\n"))


@COMMAND.command("reference")
def _reference() -> None:
    """Print the tables of docs/config.md."""
    from guardian.config import reference

    _say(reference(_sections()).removesuffix("\n"))


def _say(text: str) -> None:
    """Whatever a path is made of, and whatever the terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def _sections() -> "Sections":
    from guardian import services

    return services.sections()


def _json(path: Path | None, faults: "Sequence[ConfigFault]") -> str:
    listed: list[Mapping[str, str]] = [
        {"file": fault.file, "key": fault.key, "reason": fault.reason} for fault in faults
    ]
    return json.dumps({"ok": not faults, "source": str(path) if path else None, "faults": listed}, indent=2)


def _refusal(faults: "Sequence[ConfigFault]") -> str:
    count = "1 mistake" if len(faults) == 1 else f"{len(faults)} mistakes"
    return "\n".join([*map(str, faults), count])


def _approval(loaded: "Config") -> str:
    on = [name for name, settings in loaded.checks.items() if settings.enabled]
    checks = f"checks on: {', '.join(on)}" if on else "every check is off"
    if loaded.source is None:
        return f"no configuration file: {checks}"
    return f"{loaded.source}: ok, node {loaded.node}, mode {loaded.mode}, {checks}"
