"""Where the configuration file is, and what it says as TOML. A file that cannot be read is one fault."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guardian.errors import ConfigError, ConfigFault
from guardian.settings import user_path

VARIABLE = "GUARDIAN_CONFIG"
DEFAULT = "guardian.toml"

LARGEST = 2**20
DEEPEST = 32

_PLACE = re.compile(r"(.*?)\s*\((?:at line (\d+), column (\d+)|at end of document)\)", re.DOTALL)
_LONG_KEY = re.compile(r"""(?<![\w"'.-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){64}""")
_TOO_DEEP = "is nested too deeply"
_TWICE = re.compile(r"Cannot declare \((.*)\) twice")
_NAME = re.compile(r"'([^']*)'")
_MEANINGS = {
    "Invalid value": "no value that TOML knows; text stands in straight quotes",
    "Illegal character '\\n'": "the text has no closing quote on its line",
    "Cannot overwrite a value": "the key stands twice",
}


class _UnreadableError(Exception):
    """Why, in plain words."""


def find(option: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The file to use: the option, else $GUARDIAN_CONFIG, else ./guardian.toml where that is; None for none. One
    that was asked for by name is given whether it is there or not."""
    asked = str(option) if option is not None else environ.get(VARIABLE)
    if asked:
        return cwd / _home(asked)
    default = cwd / DEFAULT
    return default if os.path.lexists(default) else None


def _home(text: str) -> Path:
    """Shells leave the `~` of `--config=~/guardian.toml` as it is."""
    try:
        return user_path(text)
    except ValueError:
        return Path(text)


def written_at(path: Path | None) -> datetime | None:
    """When the file was changed last; None without one that can be asked."""
    with suppress(OSError, ValueError, OverflowError):
        if path is not None:
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return None


def read(path: Path) -> dict[str, Any]:
    """The file's content. Raises ConfigError."""
    try:
        return _shallow(_parsed(_text(_content(path))))
    except _UnreadableError as error:
        raise ConfigError([ConfigFault(str(path), "", str(error))]) from None


def _content(path: Path) -> bytes:
    """Never waits: only a regular file is opened."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _UnreadableError("is a folder, not a file")
        if not stat.S_ISREG(mode):
            raise _UnreadableError("is no regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise _UnreadableError("there is no such file") from None
    except (OSError, ValueError) as error:
        raise _UnreadableError(f"cannot be read: {getattr(error, 'strerror', None) or 'no path'}") from None
    if len(content) > LARGEST:
        raise _UnreadableError("is over 1 MiB: no configuration")
    return content


def _text(content: bytes) -> str:
    """Some editors put a byte order mark first: that of UTF-8 is taken for nothing."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _UnreadableError("is UTF-16: save it as UTF-8")
    if b"\0" in content:
        raise _UnreadableError("is a binary file, not text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _UnreadableError(f"is not UTF-8: line {line} has a character in another encoding") from None
    if not text.strip():
        raise _UnreadableError("the file is empty")
    return text


def _parsed(text: str) -> dict[str, Any]:
    if _LONG_KEY.search(text):  # the parser's time grows with the square of it
        raise _UnreadableError(_TOO_DEEP)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _UnreadableError("is not TOML: " + _explained(str(error))) from None
    except RecursionError:
        raise _UnreadableError(_TOO_DEEP) from None
    except ValueError:  # the limit of Python's own number parser
        raise _UnreadableError("is not TOML: a number in it is too long") from None


def _explained(message: str) -> str:
    match = _PLACE.fullmatch(message)
    if not match:
        return message
    what, line, column = match.groups()
    place = f"line {line}, column {column}" if line else "at the end"
    return f"{place}: {_MEANINGS.get(what) or _twice(what) or what[:1].lower() + what[1:]}"


def _twice(what: str) -> str | None:
    names = _TWICE.fullmatch(what)
    return f"`[{'.'.join(re.findall(_NAME, names[1]))}]` stands twice" if names else None


def _shallow(document: dict[str, Any]) -> dict[str, Any]:
    """Refuses what later steps, which recurse, should not meet."""
    level: list[Any] = [document]
    for _ in range(DEEPEST + 1):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise _UnreadableError(_TOO_DEEP)
    return document


def _inside(value: object) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []
