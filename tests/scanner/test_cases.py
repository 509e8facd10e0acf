"""Each bad script is caught for what it does, each good one passes."""

import re
from pathlib import Path

import pytest

from guardian.scanner import scan_file
from guardian.scanner.report import ScanVerdict, Severity
from tests.scanner.shared_cases import POLICY, expected, scripts


@pytest.mark.parametrize("path", scripts("bad", "own_bad"), ids=lambda path: path.stem)
def test_a_bad_script_is_caught_by_its_rule(path: Path) -> None:
    report = scan_file(path, policy=POLICY)
    found = {each.rule for each in report.findings if each.severity is not Severity.ADVICE}
    assert found & expected(path), report.findings
    assert report.verdict is not ScanVerdict.ALLOW


@pytest.mark.parametrize("path", scripts("good", "own_good"), ids=lambda path: path.stem)
def test_a_good_script_has_nothing_above_advice(path: Path) -> None:
    report = scan_file(path, policy=POLICY)
    assert [each for each in report.findings if each.severity is not Severity.ADVICE] == []
    assert report.verdict is ScanVerdict.ALLOW


def test_the_readme_tells_of_as_many_cases_as_there_are() -> None:
    """Else its table is of other cases: `python -m bench scanners` prints the rows."""
    bad, good, own_bad, own_good = (len(scripts(name)) for name in ("bad", "good", "own_bad", "own_good"))
    head = f"found of {bad} | false alarms of {good} | time for all |"
    head += f" found of {own_bad} more | false alarms of {own_good} more |"
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"| | {head}\n" in text
    assert re.search(rf"^\| `guardian scan` \| {bad} \| 0 \| [\d.]+ s \| {own_bad} \| 0 \|$", text, re.MULTILINE)
