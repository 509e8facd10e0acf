"""Each bad script is caught for what it does, each good one passes."""

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
