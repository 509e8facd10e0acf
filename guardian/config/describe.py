"""The configuration for people and editors, out of the models: JSON Schema, the example file, the reference."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from guardian.config.shape import Sections
from guardian.config.tree import COMMON, file_model
from guardian.settings import duration_text, size_text

ON_AT_FIRST = frozenset({"checks.process_health"})
"""What the example switches on: of use at once on any machine with a supervisor."""

_WIDTH = 100

_HEAD = """\
# Guardian's configuration. Every key stands here with its default, behind a `#`: take the `#` away and
# change the value. A check whose section is absent is off. Look the file over with
# `guardian config check`. What the values may be: docs/config.md.
"""


def schema(sections: Sections) -> dict[str, Any]:
    """JSON Schema of the file, for editors. Rules between keys are not in it."""
    found = file_model(sections).model_json_schema(schema_generator=_Schema)
    return {"$schema": GenerateJsonSchema.schema_dialect, **found, "title": "Guardian's configuration"}


class _Schema(GenerateJsonSchema):
    """As the file is written: durations as text, and TOML has no null."""

    def encode_default(self, dft: Any) -> Any:
        return duration_text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True)
class _Key:
    """One key as documented; `found` is its part of the schema."""

    name: str
    found: Mapping[str, Any]

    @property
    def doc(self) -> str:
        text = _one_line(self.found.get("description", ""))
        env = self.found.get("env")
        return f"{text} Or by the environment variable `{env}`." if env else text

    @property
    def default(self) -> str:
        """In words, for the reference."""
        if words := self.found.get("default_is"):
            return str(words)
        return f"`{self.literal}`" if "default" in self.found else "not set"

    @property
    def literal(self) -> str:
        """As it is written in the file; where there is no fixed default, an example."""
        value = self.found.get("default", self.found.get("examples", [""])[0])
        return toml(size_text(value) if self.found.get("format") == "guardian-size" else value)

    @property
    def remark(self) -> str:
        """What the example says of a key whose literal is not its default."""
        if words := self.found.get("default_is"):
            return f" Default: {words}."
        return "" if "default" in self.found else " Not set by default."


@dataclass(frozen=True)
class _Section:
    path: str
    doc: str
    keys: Sequence[_Key]


def _sections(whole: Mapping[str, Any]) -> list[_Section]:
    return list(_walk(whole, whole, ""))


def _walk(whole: Mapping[str, Any], node: Mapping[str, Any], path: str) -> Iterator[_Section]:
    parts = {name: _resolved(whole, part) for name, part in node["properties"].items()}
    keys = [
        key
        for name, part in parts.items()
        if "properties" not in part and not _named(whole, path, part)
        for key in _keys(whole, name, part)
    ]
    if path.startswith("checks."):
        keys.sort(key=lambda key: COMMON.index(key.name) if key.name in COMMON else len(COMMON))
    if keys:
        yield _Section(path, _one_line(node.get("description", "")) if path else "", keys)
    for name, part in parts.items():
        below = f"{path}.{name}" if path else name
        if "properties" in part:
            yield from _walk(whole, part, below)
        elif named := _named(whole, path, part):
            yield from _walk(whole, named, f"{below}.NAME")


def _named(whole: Mapping[str, Any], path: str, part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The tables of a section that holds checks or task stores by name."""
    if path not in ("checks", "pipelines"):
        return None
    found = _resolved(whole, part.get("additionalProperties", {}))
    return found if "properties" in found else None


def _keys(whole: Mapping[str, Any], name: str, part: Mapping[str, Any]) -> Iterator[_Key]:
    """The key, and those of the tables in it where it is a list of tables, or a table of them under free names."""
    yield _Key(name, part)
    named: Mapping[str, Any] = next(iter(part.get("patternProperties", {}).values()), {})
    for mark, table in (("[]", part.get("items", {})), (".NAME", named)):
        for key, inner in _resolved(whole, table).get("properties", {}).items():
            yield from _keys(whole, f"{name}{mark}.{key}", _resolved(whole, inner))


def _resolved(whole: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """With what it refers to put in; its own words go before those."""
    if "$ref" not in part:
        return dict(part)
    target = whole["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return {**_resolved(whole, target), **{key: value for key, value in part.items() if key != "$ref"}}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def toml(value: object) -> str:
    """A value as TOML writes it."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return str(value).lower()
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
        case _:
            return repr(value)


def example(sections: Sections) -> str:
    """The whole file with every key commented out, ready to be used as it is."""
    found = _sections(schema(sections))
    # What is on comes last: a key uncommented below a heading that is not would fall into the section before.
    checks = [section for section in found if section.path.startswith("checks.")]
    checks.sort(key=lambda section: section.path in ON_AT_FIRST)
    top = [section for section in found if not section.path]
    others = [section for section in found if section.path and section not in checks]
    return "\n".join([_HEAD, *map(_section_example, [*top, *checks, *others])])


def _section_example(section: _Section) -> str:
    off = section.path.startswith(("checks.", "pipelines.")) and section.path not in ON_AT_FIRST
    lines = _comment(section.doc)
    if section.path:
        lines.append(f"{'#' if off else ''}[{section.path}]")
    for key in section.keys:
        if "." not in key.name:
            lines += [*_comment(key.doc + key.remark), f"#{key.name} = {key.literal}"]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False, break_on_hyphens=False
    )


def reference(sections: Sections) -> str:
    """Markdown: a table for each section."""
    return "\n".join(map(_section_reference, _sections(schema(sections))))


def _section_reference(section: _Section) -> str:
    title = f"`[{section.path}]`" if section.path else "At the top of the file"
    cells = [(f"`{key.name}`", _kind(key.found), key.default, key.doc) for key in section.keys]
    rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
    doc = [section.doc, ""] if section.doc else []
    return "\n".join([f"### {title}", "", *doc, "| key | value | default | |", "| --- | --- | --- | --- |", *rows, ""])


_KINDS = {
    "guardian-duration": "duration",
    "guardian-size": "size",
    "password": "secret",
    "path": "path",
    "boolean": "`true` or `false`",
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "object": "table",
}


def _kind(found: Mapping[str, Any]) -> str:
    if "enum" in found:
        return " or ".join(f"`{value}`" for value in found["enum"])
    if found.get("type") == "array":
        return f"list of {_kind(found.get('items', {}))}"
    words = _KINDS.get(found.get("format", "")) or _KINDS.get(found.get("type", ""), "table")
    if "minimum" in found and "maximum" in found:
        return f"{words}, {found['minimum']} to {found['maximum']}"
    return words
