"""Fields of the lines of a JSON log."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from guardian.diagnose.plain import brief

_LONGEST_NAME = 100

Name = Annotated[str, Field(min_length=1, max_length=200)]
"""What a field is called; a dot goes into an object (`usage.input_tokens`)."""


def picked(data: Mapping[str, Any], name: str) -> Any:
    """The value under a field's name; None where there is none. A name with a dot may be a key as it stands."""
    if name in data:
        return data[name]
    value: Any = data
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def name_of(value: Any) -> str | None:
    """A name fit to show, out of a field's value; None where it holds none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return brief(str(value)[: 4 * _LONGEST_NAME], _LONGEST_NAME) or None
