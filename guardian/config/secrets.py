"""Where a secret comes from: its key, a file named by the key `<key>_file`, or an environment variable, which the
key `<key>_env` names where there is no fixed one.

Runs before validation, so that a value is checked the same way wherever it comes from.
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from guardian.config import tree
from guardian.errors import ConfigFault
from guardian.settings import Model, user_path

Places = Mapping[tree.Path, tuple[str, str]]
"""Where a value really was written (file, key), for those that are not at their own key."""

ENVIRONMENT = "environment"

_LONGEST = 65_536


@dataclass(frozen=True)
class Resolved:
    """The document with each secret under its own key."""

    document: Mapping[str, Any]
    places: Places
    faults: list[ConfigFault]


def resolve(root: type[Model], document: Mapping[str, Any], environ: Mapping[str, str], file: str) -> Resolved:
    """Find every secret. An empty environment variable counts as not set."""
    resolver = _Resolver(environ, file)
    return Resolved(resolver.table(root, document, ()), resolver.places, resolver.faults)


@dataclass(frozen=True)
class _Resolver:
    environ: Mapping[str, str]
    file: str
    places: dict[tree.Path, tuple[str, str]] = field(default_factory=dict)
    faults: list[ConfigFault] = field(default_factory=list)

    def table(self, model: type[Model], table: Mapping[str, Any], at: tree.Path) -> dict[str, Any]:
        found = dict(table)
        for name, info in model.model_fields.items():
            path = (*at, name)
            if _is_secret(info.annotation):
                named = f"{name}_env" in model.model_fields
                self._secret(found, name, _named(found, name) if named else _variable(info), path)
            elif (inner := tree.model_in(info.annotation)) and isinstance(found.get(name, {}), dict):
                if (resolved := self.table(inner, found.get(name, {}), path)) or name in found:
                    found[name] = resolved
            elif isinstance(values := found.get(name), list | dict):
                found[name] = self._each(info.annotation, values, path)
        return found

    def _each(self, annotation: Any, values: list[Any] | dict[str, Any], at: tree.Path) -> Any:
        """The tables in a list, or in a table of free names."""
        inner = next((model for part in get_args(annotation) if (model := tree.model_in(part))), None)
        if inner is None:
            return values

        def one(key: str | int, value: Any) -> Any:
            return self.table(inner, value, (*at, key)) if isinstance(value, dict) else value

        if isinstance(values, dict):
            return {key: one(key, value) for key, value in values.items()}
        return [one(index, value) for index, value in enumerate(values)]

    def _secret(self, table: dict[str, Any], name: str, variable: str | None, at: tree.Path) -> None:
        key, file_key = tree.dotted(at), tree.dotted((*at[:-1], f"{name}_file"))
        asked = f"{name}_env" in table
        given = {
            f"`{key}`": name in table,
            f"`{file_key}`": f"{name}_file" in table,
            f"the environment variable `{variable}`": bool(variable and (asked or self.environ.get(variable))),
        }
        sources = [words for words, there in given.items() if there]
        if len(sources) > 1:
            self._fault(key, f"is given more than once, by {' and '.join(sources)}: keep one")
        elif f"{name}_file" in table:
            self._from_file(table, name, file_key, at)
        elif variable and (value := self.environ.get(variable)):
            table[name] = value.strip()
            self.places[at] = (ENVIRONMENT, variable)
        elif variable and asked:
            self._fault(tree.dotted((*at[:-1], f"{name}_env")), "names an environment variable that is not set")

    def _from_file(self, table: dict[str, Any], name: str, file_key: str, at: tree.Path) -> None:
        try:
            path = user_path(table[f"{name}_file"])
        except ValueError:
            return  # said by the validation of that key
        try:
            table[name] = _first_line(path)
        except ValueError as error:
            self._fault(file_key, str(error))
        else:
            self.places[at] = (self.file, file_key)

    def _fault(self, key: str, reason: str) -> None:
        self.faults.append(ConfigFault(self.file, key, reason))


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(_is_secret(part) for part in get_args(annotation))


def _named(table: Mapping[str, Any], name: str) -> str | None:
    """The variable that the table names; what is no name is refused by the validation of that key."""
    variable = table.get(f"{name}_env")
    return variable if isinstance(variable, str) and variable else None


def _variable(info: FieldInfo) -> str | None:
    extra = info.json_schema_extra
    return str(extra["env"]) if isinstance(extra, dict) and "env" in extra else None


def _first_line(path: Path) -> str:
    """Never waits: only a regular file is opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError(f"{path} is no regular file")
        with path.open("rb") as file:
            line = file.readline(_LONGEST + 1)
        text = line.decode("utf-8-sig").strip()
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text") from None
    if len(line) > _LONGEST:
        raise ValueError(f"the first line of {path} is over 64 KiB")
    if not text:
        raise ValueError(f"the first line of {path} is empty")
    return text
