"""Durations, sizes and moments as people and programs write them: pure, and quick to load.

Durations are timedeltas (`10s`, `1h30m`, `2 days`, or a number of seconds), sizes bytes (`15MB`). A wrong value raises
ValueError in plain words.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

LONGEST = timedelta(days=3650)
_MILLISECONDS_FROM = 10**11
"""As seconds, the year 5138: nobody means that."""
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
    """For people: whole seconds, the largest unit and the next one: `12s`, `2m5s`, `3d4h`, and `3d` for three days and
    five seconds. The sign is dropped."""
    parts = _PART.findall(duration_text(timedelta(seconds=int(abs(value).total_seconds()))))
    largest = parts[0][1]
    return "".join(number + unit for number, unit in parts[:2] if unit == largest or largest + unit in "dhms")


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


def moment(value: object) -> datetime | None:
    """The time that a program wrote: epoch seconds or milliseconds, or ISO 8601 (without a zone it is UTC); None where
    it says none."""
    try:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, str):
            at = datetime.fromisoformat(value.strip())
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
            return None
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds, UTC)
    except (ValueError, OverflowError, OSError, ArithmeticError):
        return None
