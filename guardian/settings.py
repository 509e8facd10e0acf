"""What every section of the configuration is made of: the frozen base, and values as people write them.

Durations are timedeltas (`10s`, `1h30m`, `2 days`, or a number of seconds), sizes bytes (`15MB`), shares numbers
from 0 to 1. A wrong value raises ValueError in plain words; `guardian.config` gathers them as faults.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    WithJsonSchema,
)

from guardian.units import LARGEST_BYTES as LARGEST_BYTES  # noqa: PLC0414  what writes a section finds its values here
from guardian.units import LONGEST as LONGEST  # noqa: PLC0414
from guardian.units import duration as duration  # noqa: PLC0414
from guardian.units import duration_text as duration_text  # noqa: PLC0414
from guardian.units import rough_text as rough_text  # noqa: PLC0414
from guardian.units import size_bytes as size_bytes  # noqa: PLC0414
from guardian.units import size_text as size_text  # noqa: PLC0414


class Model(BaseModel):
    """Frozen; unknown keys refused; no value is taken for another type (`true` is no number, `"5"` neither).

    The string under a key, or `Field(description=...)`, is its documentation: every key has one. Every key has a
    default, so that a section can be left out.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_default=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        ser_json_inf_nan="constants",
    )


def at_least(least: timedelta) -> AfterValidator:
    """Refuses a shorter duration: `Annotated[Duration, at_least(timedelta(seconds=1))]`."""

    def check(value: timedelta) -> timedelta:
        if value < least:
            raise ValueError(f"must be at least {duration_text(least)}")
        return value

    return AfterValidator(check)


def at_most(most: timedelta) -> AfterValidator:
    """Refuses a longer duration."""

    def check(value: timedelta) -> timedelta:
        if value > most:
            raise ValueError(f"must be at most {duration_text(most)}")
        return value

    return AfterValidator(check)


def _more_than_zero(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("must be more than zero")
    return value


def one_of(kind: type[StrEnum]) -> BeforeValidator:
    """Takes the written name of a member: `Annotated[Mode, one_of(Mode)]`."""
    names = [str(member) for member in kind]
    hint = "must be " + " or ".join(f"`{name}`" for name in names)

    def check(value: object) -> StrEnum:
        if isinstance(value, str):
            if value in names:
                return kind(value)
            if close := get_close_matches(value.lower(), names, 1):
                raise ValueError(f"{hint}, did you mean `{close[0]}`?")
        raise ValueError(hint)

    return BeforeValidator(check)


def text_of(pattern: str, words: str) -> AfterValidator:
    """Refuses other text, saying what it must be: `Annotated[str, text_of("[a-z]+", "small letters")]`."""
    allowed = re.compile(pattern)

    def check(value: str) -> str:
        if not allowed.fullmatch(value):
            raise ValueError(f"must be {words}")
        return value

    return AfterValidator(check)


def user_path(value: object) -> Path:
    """A path with `~` made the home folder. A relative one starts where Guardian was started."""
    if not isinstance(value, str | Path):
        raise ValueError("must be a path in quotes")  # noqa: TRY004 - pydantic gathers ValueErrors
    if not str(value).strip() or "\0" in str(value):
        raise ValueError("must be a path, not empty" if "\0" not in str(value) else "a path holds no NUL")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("there is no such home folder") from None


def _written(schema_type: str, text: str, least: dict[str, int], *examples: object) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "anyOf": [{"type": "string", "minLength": 1}, {"type": schema_type, **least}],
            "format": text,
            "examples": list(examples),
        }
    )


def _shown(as_text: Callable[[Any], str]) -> PlainSerializer:
    return PlainSerializer(as_text, return_type=str, when_used="json")


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    _shown(duration_text),
    _written("number", "guardian-duration", {"minimum": 0}, "10s", "1h30m", 90),
]
"""Zero or more."""

PositiveDuration = Annotated[
    timedelta,
    BeforeValidator(duration),
    AfterValidator(_more_than_zero),
    _shown(duration_text),
    _written("number", "guardian-duration", {"exclusiveMinimum": 0}, "10s", "1h30m", 90),
]

ByteSize = Annotated[
    int,
    BeforeValidator(size_bytes),
    _shown(size_text),
    _written("integer", "guardian-size", {"minimum": 0}, "15MB", 15_000_000),
]

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole: 0.4 is 40 %."""

Secret = SecretStr
"""Never printed. Beside a key `x` of this type, a key `x_file: UserPath | None` lets its value be a file's first
line; `Field(json_schema_extra={"env": NAME})` lets it come from the environment."""

UserPath = Annotated[
    Path,
    BeforeValidator(user_path),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "path", "minLength": 1}),
]
