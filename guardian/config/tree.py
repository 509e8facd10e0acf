"""The whole file as one model, made of the sections at hand; and paths into it."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from pydantic import Field, create_model

from guardian.config.shape import CheckSection, Config, Interval, ModeName, Sections
from guardian.settings import Model, text_of

Path = tuple[str | int, ...]
"""Keys and list indexes, from the top of the file."""

COMMON = ("enabled", "interval", "mode", "looks")
"""The keys that every check's section has."""

CheckName = Annotated[str, text_of(r"[A-Za-z0-9_-]{1,64}", "a name of 1 to 64 letters, digits, `_` or `-`")]
"""Of a check or a task store that its section names."""

NOT_IN_FILE = ("source", "mode_written_at", "supervisors", "pipelines", "checks")
_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")


def file_model(sections: Sections) -> type[Model]:
    """Config as it is written: with a section for each plug-in."""
    core = {name: (info.annotation, info) for name, info in Config.model_fields.items() if name not in NOT_IN_FILE}
    checks = {name: check_model(name, section) for name, section in sections.checks.items()}
    named = {name for name, section in sections.checks.items() if section.named}
    plugins = {
        "supervisors": _container("Supervisors", "What runs the processes.", sections.supervisors),
        "pipelines": _container("Pipelines", "Where tasks are kept.", sections.pipelines, sections.pipelines),
        "checks": _container("Checks", "The checks. One that has no section here is off.", checks, named),
    }
    fields: dict[str, Any] = core | {name: (kind, Field(default_factory=kind)) for name, kind in plugins.items()}
    return create_model("GuardianFile", __base__=Model, **fields)


def _container(name: str, doc: str, models: Mapping[str, type[Model]], named: Collection[str] = ()) -> type[Model]:
    fields: dict[str, Any] = {
        key: (Mapping[CheckName, kind], Field(default_factory=dict))  # type: ignore[valid-type]
        if key in named
        else (kind, Field(default_factory=kind))
        for key, kind in models.items()
    }
    return create_model(name, __base__=Model, __doc__=doc, **fields)


def check_model(name: str, section: CheckSection) -> type[Model]:
    """One check's section, with the keys that every check has. Raises TypeError for a key that is one of those."""
    if clash := set(COMMON) & section.params.model_fields.keys():
        raise TypeError(f"the check {name} must not have keys of its own named {', '.join(sorted(clash))}")
    fields: dict[str, Any] = {
        "enabled": (bool, Field(default=True, description="A section switches its check on; `false` keeps it off.")),
        "interval": (Interval, Field(section.every, description="From look to look, at least 1s.")),
        "mode": (
            ModeName | None,
            Field(
                None,
                description="For this check alone.",
                json_schema_extra={"default_is": "`mode` at the top"},
                examples=["observe"],
            ),
        ),
        "looks": (
            int,
            Field(1, ge=1, le=1000, description="Looks in a row that must fail before it counts; soft till then."),
        ),
    }
    return create_model(f"check_{name}", __base__=section.params, __doc__=section.title + ".", **fields)


def dotted(path: Path) -> str:
    """As a person writes it: `checks.process_health.homes[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{_shown(part)}"
    return text.removeprefix(".")


def _shown(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key if len(key) <= 40 else key[:40] + "...")  # noqa: PLR2004


def names_at(root: type[Model], path: Path) -> Sequence[str]:
    """The keys that may stand in the table at this path."""
    annotation: Any = root
    for part in path:
        annotation = _step(annotation, part)
    kind = model_in(annotation)
    return tuple(kind.model_fields) if kind else ()


def all_paths(root: type[Model], at: Path = ()) -> Iterator[Path]:
    """Every key outside of lists."""
    for name, field in root.model_fields.items():
        yield (*at, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, Model):
            yield from all_paths(field.annotation, (*at, name))


def model_in(annotation: Any) -> type[Model] | None:
    """The model that a value of this type is, or None; looks into `Model | None`, not into lists."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    if _is_container(annotation):
        return None
    return next((found for arg in get_args(annotation) if (found := model_in(arg))), None)


def _is_container(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping | Sequence | set | frozenset)


def _step(annotation: Any, part: str | int) -> Any:
    """The type one key or index further in; None where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        field = annotation.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = get_args(annotation)
    if _is_container(annotation):
        return arguments[-1 if isinstance(part, str) else 0] if arguments else None
    return next((found for arg in arguments if (found := _step(arg, part)) is not None), None)


def kept(document: Any, path: Path) -> Path:
    """As much of the path as the document has (the validator names union members too), and the last key where that
    is what is missing."""
    found: list[str | int] = []
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            continue
        found.append(part)
    return tuple(found)


def without(document: Any, paths: Sequence[Path]) -> Any:
    """A copy that lacks what is at these paths; a list with a bad entry goes whole."""
    if isinstance(document, list):
        return [without(value, _below(paths, index)) for index, value in enumerate(document)]
    if not isinstance(document, dict):
        return document
    gone = {path[0] for path in paths if len(path) == 1 or (len(path) == 2 and isinstance(path[1], int))}  # noqa: PLR2004
    return {key: without(value, _below(paths, key)) for key, value in document.items() if key not in gone}


def _below(paths: Sequence[Path], key: str | int) -> Sequence[Path]:
    return [path[1:] for path in paths if len(path) > 1 and path[0] == key]
