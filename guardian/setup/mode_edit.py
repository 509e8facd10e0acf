"""The key `mode` of a configuration file, changed in its text: comments and layout stay. Pure."""

import re
import tomllib

import tomlkit
from tomlkit.exceptions import TOMLKitError

from guardian.errors import GuardianError
from guardian.model import Mode

_COMMENTED = re.compile(r"^#[ \t]*mode[ \t]*=.*$", re.MULTILINE)
_SECTION = re.compile(r"^[ \t]*\[", re.MULTILINE)
_MARK = "\ufeff"


class EditError(GuardianError):
    """The text cannot be changed safely."""


def with_mode(text: str, mode: Mode) -> str:
    """The same file, but for its mode. Raises EditError where anything else would become different."""
    body = text.removeprefix(_MARK)
    before = tomllib.loads(body)
    if not isinstance(before.get("mode", ""), str):
        raise EditError("its `mode` is no text")
    for changed in (_set(body, mode) if "mode" in before else _uncommented(body, mode), _first_line(body, mode)):
        if changed is not None and _is(changed, before | {"mode": str(mode)}):
            return text[: len(text) - len(body)] + changed
    raise EditError(f'write `mode = "{mode}"` at the top by hand')


def _set(body: str, mode: Mode) -> str | None:
    try:
        document = tomlkit.parse(body)
        document["mode"] = str(mode)
        return tomlkit.dumps(document)
    except TOMLKitError:  # it is stricter than Python's own reader here and there
        return None


def _uncommented(body: str, mode: Mode) -> str | None:
    """In place of the commented key, where the example file has it."""
    section = _SECTION.search(body)
    found = _COMMENTED.search(body, 0, section.start() if section else len(body))
    if found is None:
        return None
    end = "\r" if found[0].endswith("\r") else ""
    return f'{body[: found.start()]}mode = "{mode}"{end}{body[found.end() :]}'


def _first_line(body: str, mode: Mode) -> str:
    newline = "\r\n" if "\r\n" in body else "\n"
    return f'mode = "{mode}"{newline}{body}'


def _is(changed: str, wanted: dict[str, object]) -> bool:
    try:
        return tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        return False
