"""The policy as it is written, and what its version stands for."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from guardian.errors import ConfigError
from guardian.scanner.policy import DEFAULT_ALLOWLIST, AgentPolicy, Exemption, Policy
from guardian.scanner.policy_file import load

SHA = "ab" * 32
NO_HOST = "is no host: write it like `github.com`, or `*.example.com` for all below it"
SECONDS = "must be a number of seconds, more than 0 and at most 30"


def write(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    path = write(folder, text)
    with pytest.raises(ConfigError) as error:
        load(path)
    assert all(fault.file == str(path) for fault in error.value.faults)
    return sorted(f"{fault.key}: {fault.reason}" for fault in error.value.faults)


def test_a_whole_policy_is_read(tmp_path: Path) -> None:
    policy = load(
        write(
            tmp_path,
            f"""
            mode = "observe"
            [scanner]
            allowlist = ["GitHub.com.", "*.example.com"]
            max_bytes = "2MB"
            max_seconds = 2
            max_nodes = 1000
            inline_comments = true
            quarantine_roots = ["/srv/scripts"]
            [[scanner.exceptions]]
            rule = "G205"
            path = "tools/*.py"
            reason = " built by us "
            expires = 2027-03-31
            [[scanner.exceptions]]
            rule = "G001"
            sha256 = "{SHA}"
            line = 3
            reason = "a template"
            expires = "2027-03-31"
            [scanner.agents.writer]
            allowlist = []
            [[scanner.agents.writer.exceptions]]
            rule = "G402"
            path = "*"
            reason = "asks its user"
            """,
        )
    )
    base, source = str(tmp_path), str(tmp_path / "policy.toml")
    assert policy == Policy(
        allowlist=("github.com", "*.example.com"),
        max_bytes=2_000_000,
        max_seconds=2.0,
        max_nodes=1000,
        inline_comments=True,
        exceptions=(
            Exemption("G205", "built by us", path="tools/*.py", expires=date(2027, 3, 31), base=base, source=source),
            Exemption("G001", "a template", sha256=SHA, line=3, expires=date(2027, 3, 31), base=base, source=source),
        ),
        agents={
            "writer": AgentPolicy(
                allowlist=(), exceptions=(Exemption("G402", "asks its user", path="*", base=base, source=source),)
            )
        },
    )


def test_an_empty_table_is_the_default(tmp_path: Path) -> None:
    policy = load(write(tmp_path, "[scanner]\n"))
    assert policy == Policy()
    assert policy.allowlist == DEFAULT_ALLOWLIST
    assert not policy.inline_comments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("scanner = 3", ["scanner: must be a table"]),
        ("", ["scanner: there is no table `[scanner]` in this file"]),
        ("[scanner", [": is not TOML: Expected ']' at the end of a table declaration (at end of document)"]),
        ("[scanner]\nallowlst = []", ["scanner.allowlst: there is no such key, did you mean `allowlist`?"]),
        ("[scanner]\nallowlist = 'github.com'", ["scanner.allowlist: must be a list of hosts in quotes"]),
        (
            "[scanner]\nallowlist = ['https://github.com']",
            [f"scanner.allowlist: `https://github.com` {NO_HOST}"],
        ),
        ("[scanner]\nmax_bytes = 0", ["scanner.max_bytes: must be more than zero"]),
        ("[scanner]\nmax_seconds = true", [f"scanner.max_seconds: {SECONDS}"]),
        ("[scanner]\nmax_nodes = '5'", ["scanner.max_nodes: must be a whole number"]),
        ("[scanner]\ninline_comments = 1", ["scanner.inline_comments: must be `true` or `false`"]),
        ("[scanner]\nexceptions = 1", ["scanner.exceptions: must be tables: `[[scanner.exceptions]]`"]),
        (
            "[[scanner.exceptions]]\nrule = 'G205'\nreason = 'x'",
            ["scanner.exceptions[0]: says of no file: give it a `path` or a `sha256`"],
        ),
        (
            "[[scanner.exceptions]]\nrule = 'G001'\nreason = 'x'\npath = '*'",
            ["scanner.exceptions[0]: G001 is excepted by content alone: give it a `sha256`"],
        ),
        (
            "[[scanner.exceptions]]\nrule = 'eval'\npath = ''\nsha256 = 'AB'\nline = 0\nexpires = 'soon'\nwhy = 1",
            [
                "scanner.exceptions[0].expires: must be a day, like 2027-03-31",
                "scanner.exceptions[0].line: must be more than zero",
                "scanner.exceptions[0].path: must be a path in quotes; `*` stands for anything",
                "scanner.exceptions[0].reason: must say why, in 1 to 500 characters",
                "scanner.exceptions[0].rule: must be a rule's id, like `G205`",
                "scanner.exceptions[0].sha256: must be 64 small hexadecimal digits",
                "scanner.exceptions[0].why: there is no such key",
                "scanner.exceptions[0]: says of no file: give it a `path` or a `sha256`",
            ],
        ),
        ("[scanner.agents]\nwriter = 1", ["scanner.agents.writer: must be a table"]),
        ("[scanner.agents.writer]\nagents = 1", ["scanner.agents.writer.agents: there is no such key"]),
    ],
)  # fmt: skip
def test_every_mistake_is_named(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert faults(tmp_path, text) == expected


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "nothing.toml", "there is no such file"), (tmp_path, "is no regular file")):
        with pytest.raises(ConfigError, match=said):
            load(path)


@pytest.mark.parametrize(
    "other",
    [
        Policy(allowlist=("github.com",)),
        Policy(max_bytes=1),
        Policy(max_seconds=1),
        Policy(max_nodes=1),
        Policy(inline_comments=True),
        Policy(exceptions=(Exemption("G205", "why", path="*"),)),
        Policy(exceptions=(Exemption("G205", "why", path="*", expires=date(2027, 1, 1)),)),
        Policy(agents={"writer": AgentPolicy(max_bytes=1)}),
    ],
)
def test_another_policy_has_another_version(other: Policy) -> None:
    assert other.version != Policy().version
    assert replace(other).version == other.version


def test_other_rules_are_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Policy().version
    monkeypatch.setattr("guardian.scanner.policy.engine_version", lambda: "other")
    assert Policy().version != before


def test_an_agent_has_its_own_limits_and_the_exceptions_of_both() -> None:
    common, own = Exemption("G205", "all", path="*"), Exemption("G402", "own", path="*")
    policy = Policy(
        max_nodes=7, exceptions=(common,), agents={"writer": AgentPolicy(allowlist=(), max_bytes=1, exceptions=(own,))}
    )
    assert policy.for_agent("writer") == Policy(allowlist=(), max_bytes=1, max_nodes=7, exceptions=(common, own))
    assert policy.for_agent("other") == policy.for_agent(None) == Policy(max_nodes=7, exceptions=(common,))


def test_a_script_that_comes_as_text_is_excepted_by_its_content_alone() -> None:
    by_path, by_content = Exemption("G205", "x", path="*"), Exemption("G205", "y", sha256=SHA)
    assert Policy(exceptions=(by_path, by_content)).for_text().exceptions == (by_content,)
