"""Why a value is refused, in plain words: the validator's own speak of Python, and show what was written."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from guardian.config import tree
from guardian.settings import Model

_MOST_LISTED = 12

_SECTION = frozenset({"model_type", "model_attributes_type", "dict_type", "mapping_type"})
_LIST = "must be a list, in square brackets"
_NUMBER = "must be a number, without quotes"

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "must be text, in quotes",
    "bool_type": "must be true or false, without quotes",
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number, without quotes",
    "float_type": _NUMBER,
    "decimal_type": _NUMBER,
    "finite_number": "must be a number, not nan or inf",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
}

_LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda limit: f"must be at least {limit['ge']:g}",
    "greater_than": lambda limit: f"must be more than {limit['gt']:g}",
    "less_than_equal": lambda limit: f"must be at most {limit['le']:g}",
    "less_than": lambda limit: f"must be less than {limit['lt']:g}",
    "too_short": lambda limit: f"must have at least {_count(limit['min_length'], 'entry', 'entries')}",
    "too_long": lambda limit: f"must have at most {_count(limit['max_length'], 'entry', 'entries')}",
    "string_too_short": lambda limit: (
        f"must have at least {_count(limit['min_length'], 'character', 'characters')}"
        if limit["min_length"] > 1
        else "must not be empty"
    ),
    "string_too_long": lambda limit: f"must have at most {_count(limit['max_length'], 'character', 'characters')}",
    "string_pattern_mismatch": lambda limit: f"must have the form {limit['pattern']}",
    "literal_error": lambda limit: f"must be {limit['expected']}".replace("'", "`"),
    "value_error": lambda limit: str(limit["error"]),
}


def reason(error: ErrorDetails, root: type[Model], document: Any, at: tree.Path) -> str:
    """What was written is not shown: it may be a secret."""
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown(root, document, at)
    if kind in _SECTION:
        if any(isinstance(part, int) for part in at):
            return "must be a table, like { key = value }"
        return f"must be a section: `[{tree.dotted(at)}]` on a line of its own, its keys below"
    if kind in _LIMITS:
        return _LIMITS[kind](error["ctx"])
    return _WORDS.get(kind, "has a wrong value")


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {many}"


def _unknown(root: type[Model], document: Any, at: tree.Path) -> str:
    *above, name = at
    what = _what(document, at)
    names = tree.names_at(root, tuple(above))
    plain = str(name).lower().replace("-", "_")
    if close := get_close_matches(plain, names, 1):
        return f"unknown {what}, did you mean `{close[0]}`?"
    elsewhere = [tree.dotted(path) for path in tree.all_paths(root) if path[-1] == plain]
    if len(elsewhere) == 1:
        return f"unknown {what}, did you mean `{elsewhere[0]}`?"
    if not names or len(names) > _MOST_LISTED:
        return f"unknown {what}"
    return f"unknown {what}; here may stand " + ", ".join(f"`{known}`" for known in names)


def _what(document: Any, at: tree.Path) -> str:
    if at[0] in {"checks", "supervisors"} and len(at) == 2:  # noqa: PLR2004 - [checks.NAME]
        return str(at[0]).removesuffix("s")
    for part in at:
        document = document[part]
    return "section" if isinstance(document, dict) else "key"
