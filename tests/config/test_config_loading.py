"""What is taken, where it is looked for, and what is refused."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from redis.connection import parse_url

from guardian.config import CheckSection, CheckSettings, Config, Sections, find, load
from guardian.config.shape import host_name
from guardian.config.tree import without
from guardian.errors import ConfigError
from guardian.model import Mode
from guardian.settings import Model
from guardian.supervisors.pm2 import Params as Pm2Params
from tests.config.sections import ROOT, SECRET, SECTIONS, TEN_SECONDS, Params, faults, known_paths, loaded


def test_without_a_file_every_check_is_off_and_the_rest_has_its_defaults() -> None:
    config = load(None, SECTIONS, {})
    assert config.source is None
    assert config.mode is Mode.HEAL
    assert config.redis.url is None
    assert not any(check.enabled for check in config.checks.values())
    assert config.checks.keys() == {"process_health", "disk_space"}
    assert config.supervisors == {"pm2": Pm2Params()}
    assert config.heal.cooldown == timedelta(minutes=5)


def test_a_check_with_a_section_is_on_with_its_own_defaults(tmp_path: Path) -> None:
    config = loaded(tmp_path, "[checks.process_health]\n")
    assert config.checks == {
        "process_health": CheckSettings(True, TEN_SECONDS, None, Params()),
        "disk_space": CheckSettings(False, timedelta(minutes=1), None, Model()),
    }
    assert config.source == str(tmp_path / "guardian.toml")


def test_a_check_takes_the_common_keys_and_its_own_from_one_section(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        '[checks.process_health]\nenabled = false\ninterval = "1s"\nmode = "observe"\nlooks = 3\nsize = "1kB"\n',
    )
    found = config.checks["process_health"]
    assert found == CheckSettings(False, timedelta(seconds=1), Mode.OBSERVE, found.params, looks=3)
    assert type(found.params) is Params
    assert found.params == Params(size=1000)
    assert found.params.model_fields_set == {"size"}


def test_what_was_left_to_the_default_can_be_told_from_what_was_written(tmp_path: Path) -> None:
    assert "homes" not in load(None, SECTIONS, {}).supervisors["pm2"].model_fields_set
    config = loaded(tmp_path, '[supervisors.pm2]\nhomes = ["~/.pm2"]\n')
    assert config.supervisors["pm2"].model_fields_set == {"homes"}


def test_a_config_is_also_made_in_code_and_does_not_change() -> None:
    config = Config(node="n", heal={"cooldown": "1s"}, checks=load(None, SECTIONS, {}).checks)  # type: ignore[arg-type]
    assert config.heal.cooldown == timedelta(seconds=1)
    with pytest.raises(ValueError, match="frozen"):
        config.node = "m"  # type: ignore[misc]


def test_a_byte_order_mark_and_windows_line_ends_are_taken_for_nothing(tmp_path: Path) -> None:
    file = tmp_path / "guardian.toml"
    file.write_bytes(b'\xef\xbb\xbfmode = "observe"\r\n[heal]\r\nbudget = 7\r\n')
    assert load(file, SECTIONS, {}).heal.budget == 7


def test_a_file_of_comments_alone_is_no_mistake(tmp_path: Path) -> None:
    assert loaded(tmp_path, "# nothing yet\n").node == host_name()


def test_the_node_is_named_by_the_host_made_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    for host, name in {
        "web-1.example.com": "web-1",
        "Bob's Mac.local": "Bob-s-Mac",
        "": "localhost",
        "é": "localhost",
    }.items():
        monkeypatch.setattr("platform.node", lambda host=host: host)
        assert load(None, SECTIONS, {}).node == name


@pytest.mark.parametrize(
    ("text", "good", "wrong"),
    [
        ("[heal]\nbudget = {}", "1", "0"),
        ("[heal]\nlease = {}", '"45.001s"', '"45s"'),
        ("[worker]\nvisibility_timeout = {}", '"45.001s"', '"45s"'),
        ("[flapping]\nends = {}", "0.3", "0.31"),
        ("[checks.disk_space]\ninterval = {}", '"1s"', '"0.999s"'),
        ("node = {}", '"' + "n" * 64 + '"', '"' + "n" * 65 + '"'),
        ("node = {}", '"a.b_c-D9"', '".hidden"'),
    ],
)
def test_a_limit_holds_at_the_limit_and_not_beyond(tmp_path: Path, text: str, good: str, wrong: str) -> None:
    loaded(tmp_path, text.format(good))
    assert len(faults(tmp_path, text.format(wrong))) == 1


def test_everything_can_be_shortened_together(tmp_path: Path) -> None:
    config = loaded(tmp_path, '[worker]\ntime_limit = "1s"\nvisibility_timeout = "2s"\n[heal]\nlease = "1.5s"\n')
    assert config.heal.lease == timedelta(seconds=1.5)


def test_a_check_whose_key_would_hide_a_common_one_is_a_programming_error() -> None:
    class Clash(Model):
        interval: int = 1

    with pytest.raises(TypeError, match="process_health must not have keys of its own named interval"):
        load(None, Sections({"process_health": CheckSection("Title", TEN_SECONDS, Clash)}, {}), {})


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost/",
        "redis://localhost:6379/0",
        "redis://:p%40ss@10.0.0.1:65535/15",
        "rediss://bob:pw@redis.example.com:6380/1",
        "redis://[::1]:6379/0",
        "redis://localhost?db=2",
        "unix:///run/redis.sock",
        "unix://:pw@/run/redis.sock?db=2",
    ],
)
def test_an_address_that_is_taken_is_one_that_the_redis_client_reads(tmp_path: Path, url: str) -> None:
    found = loaded(tmp_path, f'[redis]\nurl = "{url}"\n').redis.url
    assert found is not None
    assert found.get_secret_value() == url
    assert parse_url(url)


@pytest.mark.parametrize(
    "url", ["http://localhost", "https://bob:pw@h.example:8443/hook?token=x#part", "http://[::1]:80"]
)
def test_a_webhook_may_be_any_http_address(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f'[alerts]\nwebhook = "{url}"\n').alerts.webhook


@settings(deadline=None)
@given(
    st.text(),
    st.sampled_from(["", "redis://", "rediss://h:", "unix://", "redis://:", "https://", "http://h:", "redis://["]),
)
def test_no_address_breaks_it_and_none_is_shown(tail: str, head: str) -> None:
    for key, kind in {"redis": "url", "alerts": "webhook"}.items():
        try:
            shown = repr(ROOT.model_validate({key: {kind: head + SECRET + tail}}))
        except ValidationError as error:
            shown = str(error)
        assert SECRET not in shown


def test_tables_may_be_32_deep_and_not_deeper(tmp_path: Path) -> None:
    assert faults(tmp_path, "a." * 31 + "a = 1")[0][1] == "a"
    assert faults(tmp_path, "a." * 32 + "a = 1") == [("guardian.toml", "", "is nested too deeply")]


def test_a_fault_inside_a_list_is_named_by_its_place(tmp_path: Path) -> None:
    text = "[checks.process_health]\nendpoints = [{}, { hots = 1, host = 2 }, 5]\nnamed.one.hots = 1\n"
    at = "checks.process_health."
    assert faults(tmp_path, text) == [
        ("guardian.toml", at + "endpoints[1].host", "must be text, in quotes"),
        ("guardian.toml", at + "endpoints[1].hots", "unknown key, did you mean `host`?"),
        ("guardian.toml", at + "endpoints[2]", "must be a table, like { key = value }"),
        ("guardian.toml", at + "named.one.hots", "unknown key, did you mean `host`?"),
    ]


def test_a_rule_of_a_section_is_looked_at_beside_an_unknown_key_in_it(tmp_path: Path) -> None:
    assert faults(tmp_path, "[checks.process_health]\nfewest = 6\nsizes = 1\n[heal]\nlease = 1\n") == [
        ("guardian.toml", "checks.process_health", "`fewest` must be at most `most`"),
        ("guardian.toml", "checks.process_health.sizes", "unknown key, did you mean `size`?"),
        ("guardian.toml", "heal.lease", "is 1s and must be longer than `worker.time_limit`, which is 45s"),
    ]


def test_a_key_that_may_be_of_two_kinds_is_named_as_it_is_written(tmp_path: Path) -> None:
    assert faults(tmp_path, "[checks.process_health]\nlimit = true\n") == [
        ("guardian.toml", "checks.process_health.limit", "must be a whole number, without quotes"),
        ("guardian.toml", "checks.process_health.limit", "must be text, in quotes"),
    ]


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ([], {"a": {"b": 1}, "c": [{"d": 1}, 2]}),
        ([("a", "b")], {"a": {}, "c": [{"d": 1}, 2]}),
        ([("c", 0, "d")], {"a": {"b": 1}, "c": [{}, 2]}),
        ([("c", 1)], {"a": {"b": 1}}),
        ([("a",), ("c", 0, "d")], {"c": [{}, 2]}),
    ],
)
def test_what_is_wrong_is_left_out_to_find_more(paths: Sequence[tuple[str | int, ...]], left: object) -> None:
    document = {"a": {"b": 1}, "c": [{"d": 1}, 2]}
    assert without(document, paths) == left
    assert document == {"a": {"b": 1}, "c": [{"d": 1}, 2]}


TOML_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


PATHS = sorted(known_paths(ROOT))


@settings(deadline=None)
@given(st.sampled_from(PATHS), TOML_VALUES)
def test_whatever_stands_under_a_key_is_taken_or_refused_in_plain_words(path: tuple[str, ...], value: Any) -> None:
    document = value
    for part in reversed(path):
        document = {part: document}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("guardian.config.loading.read", lambda _file: document)
        patch.setattr("guardian.config.tree.file_model", lambda _sections: ROOT)  # the same, made once
        try:
            load(Path("guardian.toml"), SECTIONS, {})
        except ConfigError as error:
            found = error.faults
        else:
            return
    assert found
    for fault in found:
        assert fault.key.startswith(path[0]) or f"`{path[0]}." in fault.reason
        assert fault.reason != "has a wrong value"
        assert not re.search(r"Input|pydantic|instance|NoneType|dict", fault.reason)


def test_the_file_is_the_option_else_the_variable_else_the_one_here(tmp_path: Path) -> None:
    environ = {"GUARDIAN_CONFIG": "by_variable.toml"}
    assert find(None, {}, tmp_path) is None
    assert find(None, {"GUARDIAN_CONFIG": ""}, tmp_path) is None
    (tmp_path / "guardian.toml").touch()
    assert find(None, {}, tmp_path) == tmp_path / "guardian.toml"
    assert find(None, environ, tmp_path) == tmp_path / "by_variable.toml"
    assert find(Path("by_option.toml"), environ, tmp_path) == tmp_path / "by_option.toml"
    assert find(Path("~/x.toml"), {}, tmp_path) == Path.home() / "x.toml"
    assert find(Path("~no-such-user-here/x"), {}, tmp_path) == tmp_path / "~no-such-user-here/x"


def test_a_file_here_that_cannot_be_read_is_told_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "guardian.toml").symlink_to(tmp_path / "gone")
    found = find(None, {}, tmp_path)
    assert found
    with pytest.raises(ConfigError, match="there is no such file"):
        load(found, SECTIONS, {})
