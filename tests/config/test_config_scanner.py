"""The table [scanner] is read twice: by the scanner alone, which is quick, and with the whole configuration."""

from pathlib import Path

import pytest

from guardian import services
from guardian.config import Scanner
from guardian.errors import ConfigError
from guardian.scanner.policy import Policy
from guardian.scanner.policy_file import _LIMITS, ELSEWHERE, load

WHOLE = """
[scanner]
allowlist = ["GitHub.com", "*.example.com"]
max_bytes = "2MB"
max_seconds = 2
max_nodes = 1000
inline_comments = true
memory = "200MB"
quarantine_roots = ["/srv/scripts"]
deep_every = "12h"
[[scanner.exceptions]]
rule = "G205"
path = "tools/*.py"
reason = "ours"
expires = 2027-03-31
[scanner.agents.writer]
allowlist = []
max_bytes = 1000
[[scanner.agents.writer.exceptions]]
rule = "G402"
path = "*"
line = 3
reason = "asks"
expires = "2027-03-31"
"""


def test_both_readers_know_the_same_keys() -> None:
    assert set(Scanner.model_fields) == {*_LIMITS, "agents", *ELSEWHERE}


@pytest.mark.parametrize("text", [WHOLE, "[scanner]\n"])
def test_both_readers_read_the_same_policy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "guardian.toml"
    path.write_text(text)
    assert services.scan_policy(services.load_config(path)) == load(path)
    assert services.scan_policy(services.load_config(path)).version == load(path).version


def test_without_a_table_it_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "guardian.toml"
    path.write_text("[redis]\n")
    assert services.scan_policy(services.load_config(path)) == Policy()


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "guardian.toml"
    path.write_text(
        "[scanner]\nallowlist = ['https://a.test']\nmax_nodes = 'x'\nmemory = 1\n"
        "[[scanner.exceptions]]\nrule = 'eval'\nreason = 'x'\npath = '*'\n"
    )
    with pytest.raises(ConfigError) as error:
        services.load_config(path)
    keys = [fault.key for fault in error.value.faults]
    assert sorted(keys) == ["scanner.allowlist", "scanner.exceptions[0].rule", "scanner.max_nodes", "scanner.memory"]
