"""Load the file and the environment, find every fault, build the Config."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from guardian.config import tree
from guardian.config.reasons import reason
from guardian.config.secrets import Places, resolve
from guardian.config.shape import CheckSection, CheckSettings, Config, Sections
from guardian.config.source import read, written_at
from guardian.errors import ConfigError, ConfigFault
from guardian.settings import Model, duration_text

NO_FILE = "no configuration file"


def load(path: Path | None, sections: Sections, environ: Mapping[str, str]) -> Config:
    """The configuration; without a file the defaults, and every check is off. Raises ConfigError with all faults."""
    name = str(path) if path else NO_FILE
    written = written_at(path)  # before it is read: what is written in between is news
    document = read(path) if path else {}
    root = tree.file_model(sections)
    resolved = resolve(root, document, environ, name)
    validated = _validate(root, resolved.document)
    faults = [*resolved.faults, *validated.faults(root, resolved.places, name), *_twice(document, sections, name)]
    if faults or validated.value is None:
        raise ConfigError(sorted(set(faults), key=lambda fault: (fault.file != name, fault.key, fault.reason)))
    return _config(validated.value, sections, document, source=str(path) if path else None, written_at=written)


def _twice(document: Mapping[str, Any], sections: Sections, name: str) -> Iterator[ConfigFault]:
    """Task stores of two kinds with one name: what is said of a task begins with it."""
    written = document.get("pipelines", {})
    seen: dict[str, str] = {}
    for kind in sections.pipelines:
        tables = written.get(kind, {}) if isinstance(written, dict) else {}
        for each in tables if isinstance(tables, dict) else ():
            if seen.setdefault(each, kind) != kind:
                yield ConfigFault(
                    name, f"pipelines.{kind}.{each}", f"has the name of a store in `pipelines.{seen[each]}`"
                )


@dataclass(frozen=True)
class _Validated:
    """`value` has the defaults in place of what is faulty; None when not even that is valid."""

    document: Any
    value: Any
    errors: Sequence[ErrorDetails]

    def faults(self, root: type[Model], places: Places, name: str) -> Iterator[ConfigFault]:
        for error in self.errors:
            at = _path(self.document, error)
            file, key = places.get(at, (name, tree.dotted(at)))
            yield ConfigFault(file, key, reason(error, root, self.document, at))
        if self.value is None:
            return
        wrong = [_path(self.document, error) for error in self.errors]
        for rule in RULES:
            if not any(key[: len(at)] == at for key in (rule.key, rule.other) for at in wrong):
                yield from rule.faults(self.value, name)


def _validate(root: type[Model], document: Any) -> _Validated:
    """In rounds, because what concerns several keys of a section is looked at only when each key by itself is good:
    first everything, then without the unknown keys, then without what is wrong."""
    value, errors = _attempt(root, document)
    unknown = [error for error in errors if error["type"] == "extra_forbidden"]
    if unknown:
        known = tree.without(document, [_path(document, error) for error in unknown])
        value, others = _attempt(root, known)
        errors = [*unknown, *others]
    if value is None:
        good = tree.without(document, [_path(document, error) for error in errors])
        value, _ = _attempt(root, good)
    return _Validated(document, value, errors)


def _attempt(root: type[Model], document: Any) -> tuple[Any, Sequence[ErrorDetails]]:
    try:
        return root.model_validate(document), []
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)


def _path(document: Any, error: ErrorDetails) -> tree.Path:
    return error["loc"] if error["type"] == "missing" else tree.kept(document, error["loc"])


@dataclass(frozen=True)
class _Rule:
    """What two keys of different sections, or of one, owe each other."""

    key: tree.Path
    other: tree.Path
    holds: Callable[[Any, Any], bool]
    words: str

    def faults(self, value: Any, name: str) -> Iterator[ConfigFault]:
        mine, other = _value(value, self.key), _value(value, self.other)
        if not self.holds(mine, other):
            text = f"is {_text(mine)} and must be {self.words} `{tree.dotted(self.other)}`, which is {_text(other)}"
            yield ConfigFault(name, tree.dotted(self.key), text)


RULES = (
    _Rule(("heal", "lease"), ("worker", "time_limit"), lambda mine, other: mine > other, "longer than"),
    _Rule(("worker", "visibility_timeout"), ("worker", "time_limit"), lambda mine, other: mine > other, "longer than"),
    _Rule(("watch", "every"), ("watch", "blind_after"), lambda mine, other: 6 * mine <= other, "at most a sixth of"),
    _Rule(("flapping", "ends"), ("flapping", "begins"), lambda mine, other: mine <= other, "at most"),
)


def _value(value: Any, path: tree.Path) -> Any:
    for part in path:
        value = getattr(value, str(part))
    return value


def _text(value: object) -> str:
    return duration_text(value) if isinstance(value, timedelta) else str(value)


def _config(
    found: Any, sections: Sections, document: Mapping[str, Any], *, source: str | None, written_at: datetime | None
) -> Config:
    core = {name: getattr(found, name) for name in Config.model_fields if name not in tree.NOT_IN_FILE}
    written = document.get("checks", {})
    checks: dict[str, CheckSettings] = {}
    for name, section in sections.checks.items():
        own = getattr(found.checks, name)
        if section.named:
            checks |= {f"{name}.{key}": _check_settings(each, section, written=True) for key, each in own.items()}
        else:
            checks[name] = _check_settings(own, section, written=name in written)
    plugins: dict[str, Any] = {
        "supervisors": {name: getattr(found.supervisors, name) for name in sections.supervisors},
        "pipelines": {name: getattr(found.pipelines, name) for name in sections.pipelines},
    }
    said = written_at if "mode" in document else None
    return Config(source=source, mode_written_at=said, checks=checks, **plugins, **core)


def _check_settings(flat: Any, section: CheckSection, *, written: bool) -> CheckSettings:
    kind = section.params
    own = {name: getattr(flat, name) for name in kind.model_fields}
    params = kind.model_construct(_fields_set=flat.model_fields_set & own.keys(), **own)
    return CheckSettings(
        enabled=written and flat.enabled,
        interval=flat.interval,
        mode=flat.mode,
        params=params,
        own=section.own,
        looks=flat.looks,
    )
