"""What every section of the configuration is made of: the frozen base, and values as people write them.

Durations are timedeltas (`10s`, `1h30m`, `2 days`, or a number of seconds), sizes bytes (`15MB`), shares numbers
from 0 to 1. A wrong value raises ValueError in plain words; `guardian.config` gathers them as faults.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
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

LONGEST = timedelta(days=3650)
LARGEST_BYTES = 2**50

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SECONDS = {
    "ms": Decimal("0.001"),
    **{name: Decimal(seconds) for name, seconds in _UNITS.items()},
    **dict.fromkeys(("sec", "secs", "second", "seconds"), Decimal(1)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), Decimal(60)),
    **dict.fromkeys(("hour", "hours"), Decimal(3600)),
    **dict.fromkeys(("day", "days"), Decimal(86_400)),
    **dict.fromkeys(("week", "weeks"), Decimal(604_800)),
}
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([a-zA-Z]{1,8})\s*")  # blanks in one place each: no backtracking
_WRITTEN = re.compile(rf"\s*(?:{_PART.pattern})+")
_LARGEST_SECONDS = 10**12  # a timedelta holds it; whether it is too long is said below
_DURATION_HINT = "a duration is written like `10s`, `1h30m` or `2 days`, or as a number of seconds"

_BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_BYTES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_SIZE = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,9})?)\s*([a-zA-Z]{0,3})")
_SIZE_HINT = "a size is written like `15MB` (1000 x 1000) or `15MiB` (1024 x 1024), or as a number of bytes"


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


def duration(value: object) -> timedelta:
    """A length of time from what a person wrote. Exact to the microsecond, zero to ten years."""
    match value:
        case timedelta():
            found = value
        case str():
            found = _written_duration(value)
        case int() | float() if not isinstance(value, bool) and -_LARGEST_SECONDS < value < _LARGEST_SECONDS:
            found = timedelta(seconds=value)
        case _:
            raise ValueError(_DURATION_HINT)
    if found < timedelta(0):
        raise ValueError("must not be negative")
    if found > LONGEST:
        raise ValueError("must be at most ten years")
    return found


def _written_duration(text: str) -> timedelta:
    if text.strip().startswith("-"):
        raise ValueError("must not be negative")
    if not _WRITTEN.fullmatch(text):
        raise ValueError(_DURATION_HINT)
    seconds = Decimal(0)
    for number, unit in _PART.findall(text):
        if unit.lower() not in _SECONDS:
            raise ValueError(f"`{unit}` is no unit of time; {_DURATION_HINT}")
        seconds += Decimal(number) * _SECONDS[unit.lower()]
    if seconds > LONGEST.total_seconds():
        raise ValueError("must be at most ten years")
    return timedelta(microseconds=round(seconds * 10**6))


def duration_text(value: timedelta) -> str:
    """The shortest way to write it that reads back as the same value: `10s`, `1h30m`, `0.25s`."""
    micros = value // timedelta(microseconds=1)
    if micros == 0:
        return "0s"
    parts = []
    for unit in ("d", "h", "m"):
        count, micros = divmod(micros, _UNITS[unit] * 10**6)
        if count:
            parts.append(f"{count}{unit}")
    if micros:
        whole, rest = divmod(micros, 10**6)
        fraction = f".{rest:06d}".rstrip("0") if rest else ""
        parts.append(f"{whole}{fraction}s")
    return "".join(parts)


def rough_text(value: timedelta) -> str:
    """For people: whole seconds, the two largest units: `12s`, `2m5s`, `3d4h`. The sign is dropped."""
    parts = _PART.findall(duration_text(timedelta(seconds=int(abs(value).total_seconds()))))
    return "".join(number + unit for number, unit in parts[:2])


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


def size_bytes(value: object) -> int:
    """A number of bytes from what a person wrote, up to 1 PiB."""
    match value:
        case bool():
            raise ValueError(_SIZE_HINT)
        case int():
            found = value
        case str() if (match := _SIZE.fullmatch(value.strip())) and match[2].lower() in _BYTES:
            found = int(Decimal(match[1]) * _BYTES[match[2].lower()])
        case _:
            raise ValueError(_SIZE_HINT)
    if not 0 <= found <= LARGEST_BYTES:
        raise ValueError("must not be negative" if found < 0 else "must be at most 1 PiB")
    return found


def size_text(value: int) -> str:
    """The largest unit that divides it: `15MB`, `512B`."""
    for unit in ("TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "kB"):
        if value and value % _BYTES[unit.lower()] == 0:
            return f"{value // _BYTES[unit.lower()]}{unit}"
    return f"{value}B"


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
