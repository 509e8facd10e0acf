"""What is written about the configuration is true: example, reference, schema."""

import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

import guardian.services
from guardian.config import Config, Sections, example, load, reference, schema
from guardian.config.shape import host_name
from guardian.config.tree import file_model
from tests.config.sections import SECTIONS, known_paths

PROJECT = Path(__file__).parent.parent.parent
BROKEN = Path(__file__).parent / "broken"

REAL = guardian.services.sections()


def test_the_example_file_is_the_one_that_the_models_give() -> None:
    """Else: guardian config example > guardian.example.toml"""
    assert (PROJECT / "guardian.example.toml").read_text() == example(REAL)


def test_the_reference_is_the_one_that_the_models_give() -> None:
    """Else: `guardian config reference`, below the mark in docs/config.md."""
    _, _, tables = (PROJECT / "docs" / "config.md").read_text().partition("guardian config reference -->\n\n")
    assert tables == reference(REAL)


def test_the_example_as_it_is_switches_on_process_health_and_changes_nothing_else() -> None:
    found = load(PROJECT / "guardian.example.toml", REAL, {})
    default = load(None, REAL, {})
    assert [name for name, settings in found.checks.items() if settings.enabled] == ["process_health"]
    same = [name for name in Config.model_fields if name not in {"source", "mode_written_at", "checks"}]
    assert [getattr(found, name) for name in same] == [getattr(default, name) for name in same]
    assert [each.params for each in found.checks.values()] == [each.params for each in default.checks.values()]


@pytest.mark.parametrize("sections", [SECTIONS, REAL], ids=["made up", "real"])
def test_what_the_example_shows_as_defaults_are_the_defaults(tmp_path: Path, sections: Sections) -> None:
    lines = example(sections).splitlines()
    unset = {line for before, line in pairwise(lines) if "efault" in before and "is required" not in before}
    active = [line[1:] if re.match(r"#[a-z\[]", line) and line not in unset else line for line in lines]
    text = "\n".join(active).replace("pipelines.sql.NAME", "pipelines.sql.OTHER")  # one name for one store
    (tmp_path / "guardian.toml").write_text(text)
    found, default = load(tmp_path / "guardian.toml", sections, {}), load(None, sections, {})
    assert all(settings.enabled for settings in found.checks.values())
    named = {name for name in found.checks if name.endswith(".NAME")}  # has no default: it is there when it is written
    assert {name: (each.interval, each.params) for name, each in found.checks.items() if name not in named} == {
        name: (each.interval, each.params) for name, each in default.checks.items()
    }
    assert found.supervisors == default.supervisors
    assert found.heal.model_fields_set == set(type(found.heal).model_fields)
    assert (found.heal, found.worker, found.redis) == (default.heal, default.worker, default.redis)


@pytest.mark.parametrize("sections", [SECTIONS, REAL], ids=["made up", "real"])
def test_each_key_is_in_the_example_and_in_the_reference_with_a_description(sections: Sections) -> None:
    examples = dict(re.findall(r"^#?\[([a-z0-9_.]+)\]\n(.*?)(?:\n\n|\Z)", example(sections), re.DOTALL | re.MULTILINE))
    tables = dict(re.findall(r"^### `\[(.*?)\]`\n(.*?)(?=^###|\Z)", reference(sections), re.DOTALL | re.MULTILINE))
    paths = list(known_paths(file_model(sections)))
    leaves = [path for path in paths if len(path) > 1 and not any(other[:-1] == path for other in paths)]
    assert len(leaves) > 30
    for *section, name in leaves:
        if len(section) == 1 and section[0] in {"checks", "supervisors", "pipelines"}:
            continue  # a check with no keys of its own is a section all the same
        assert f"#{name} = " in examples[".".join(section)]
        assert re.search(rf"^\| `{name}` \| .+ \| .+ \| \S.+ \|$", tables[".".join(section)], re.MULTILINE)


def test_no_key_of_a_check_that_is_off_stands_below_the_heading_of_one_that_is_on() -> None:
    headings = re.findall(r"^#?\[checks\..*\]$", example(SECTIONS), re.MULTILINE)
    assert headings == ["#[checks.disk_space]", "[checks.process_health]"]


def test_the_example_names_nothing_of_this_machine() -> None:
    text = example(REAL) + reference(REAL) + json.dumps(schema(REAL))
    assert str(Path.home()) not in text
    assert f'"{host_name()}"' not in text


def test_lists_of_tables_are_in_the_reference() -> None:
    assert '| `endpoints[].host` | text | `"localhost"` | Where. |' in reference(SECTIONS)


def test_the_schema_says_the_same_as_the_loader(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(schema(REAL))
    jsonschema.Draft202012Validator.check_schema(schema(REAL))
    assert validator.is_valid(tomllib.loads(example(REAL)))
    assert validator.is_valid({"heal": {"cooldown": 5, "budget": 1}, "supervisors": {"pm2": {"homes": ["x"]}}})
    for name in ("typo_key", "typo_section", "typo_check", "text_for_true", "fraction_for_whole", "section_as_value"):
        assert not validator.is_valid(tomllib.loads((BROKEN / f"{name}.toml").read_text())), name


def test_the_defaults_in_the_schema_are_written_as_in_the_file() -> None:
    found = schema(SECTIONS)["$defs"]
    assert found["Heal"]["properties"]["cooldown"]["default"] == "5m"
    assert "default" not in found["Redis"]["properties"]["url"]
    assert found["Redis"]["properties"]["url"]["type"] == "string"
