"""What the operator's exceptions and the baseline take out."""

import json
from datetime import date
from pathlib import Path

import pytest

from guardian.errors import ConfigError
from guardian.scanner import baseline
from guardian.scanner.exceptions import sift, unused
from guardian.scanner.policy import Exemption
from guardian.scanner.report import Excepted, Finding, ScanReport, ScanVerdict, Severity

SHA, OTHER, TODAY = "ab" * 32, "cd" * 32, date(2027, 1, 15)


def finding(rule: str = "G205", line: int = 3) -> Finding:
    return Finding(rule, Severity.BLOCK, line, 1, line, 2, "x", "message", "why", "instead")


def report(findings: list[Finding], sha256: str | None = SHA, excepted: tuple[Excepted, ...] = ()) -> ScanReport:
    return ScanReport("/srv/a.py", ScanVerdict.BLOCK, findings, sha256, "v", 0.0, excepted)


def is_excepted(exemption: Exemption, path: str = "/srv/a.py", rule: str = "G205", sha256: str | None = SHA) -> bool:
    kept, excepted = sift([finding(rule)], [exemption], path=path, sha256=sha256, today=TODAY)
    assert len(kept) + len(excepted) == 1
    return bool(excepted)


@pytest.mark.parametrize(
    ("exemption", "expected"),
    [
        (Exemption("G205", "why", path="*"), True),
        (Exemption("G201", "why", path="*"), False),
        (Exemption("G205", "why", path="/srv/*.py"), True),
        (Exemption("G205", "why", path="/srv/b.py"), False),
        (Exemption("G205", "why", path="a.py", base="/srv"), True),
        (Exemption("G205", "why", path="a.py", base="/elsewhere"), False),
        (Exemption("G205", "why", path="a.py", base="/s[r]v"), False),  # the folder is no pattern
        (Exemption("G205", "why", sha256=SHA), True),
        (Exemption("G205", "why", sha256=OTHER), False),
        (Exemption("G205", "why", sha256=SHA, path="/else/*"), False),
        (Exemption("G205", "why", sha256=SHA, line=3), True),
        (Exemption("G205", "why", sha256=SHA, line=4), False),
        (Exemption("G205", "why", path="*", expires=TODAY), True),
        (Exemption("G205", "why", path="*", expires=date(2027, 1, 14)), False),
    ],
)
def test_an_exception_takes_out_what_it_names(exemption: Exemption, expected: bool) -> None:
    assert is_excepted(exemption) is expected


def test_a_way_around_the_folder_leads_nowhere() -> None:
    exemption = Exemption("G205", "why", path="/srv/tools/*")
    assert not is_excepted(exemption, "/srv/tools/../evil.py")
    assert is_excepted(exemption, "/srv/x/../tools/a.py")


def test_what_nobody_could_read_is_excepted_by_its_content_alone() -> None:
    assert not is_excepted(Exemption("G001", "why", path="*"), rule="G001")
    assert is_excepted(Exemption("G001", "why", sha256=SHA), rule="G001")
    assert not is_excepted(Exemption("G001", "why", sha256=SHA), rule="G001", sha256=None)


def test_the_reason_goes_with_it() -> None:
    _, excepted = sift([finding()], [Exemption("G205", "ours", path="*")], path="/a", sha256=SHA, today=TODAY)
    assert excepted == [Excepted(finding(), "ours")]


def test_unused_ones_are_said() -> None:
    used, idle = Exemption("G205", "x", sha256=SHA), Exemption("G205", "y", sha256=OTHER)
    late = Exemption("G205", "z", sha256=SHA, expires=date(2026, 1, 1))
    reports = [report([], excepted=(Excepted(finding(), "x"),)), report([finding()])]
    assert unused([used, idle, late], reports, TODAY) == [idle, late]


def test_a_baseline_takes_out_what_it_was_made_of_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    before = [report([finding(), finding(line=9)]), report([finding("G001")], sha256=None)]
    path.write_text(baseline.text_of(before, "looked at", date(2027, 2, 1)))
    known = baseline.load(path)
    assert {(each.rule, each.line) for each in known} == {("G205", 3), ("G205", 9)}
    new = [finding(), finding(line=9), finding(line=10), finding("G201")]
    kept, excepted = sift(new, known, path="/anywhere", sha256=SHA, today=TODAY)
    assert kept == new[2:]
    assert [each.reason for each in excepted] == ["looked at"] * 2
    assert sift(new, known, path="/anywhere", sha256=OTHER, today=TODAY) == (new, [])
    assert sift(new, known, path="/anywhere", sha256=SHA, today=date(2027, 2, 2)) == (new, [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("[]", "is no baseline"),
        ("\udcff", "is not UTF-8"),
        ("[" * 100_000, "."),
        ('{"baseline": 2, "entries": []}', "is no baseline"),
        ('{"baseline": 1}', "has no list `entries`"),
        ('{"baseline": 1, "entries": [1]}', r"entries\[0\]: must be a table"),
        (json.dumps({"baseline": 1, "entries": [{"rule": "G205", "path": "*", "reason": "x"}]}), "by `sha256` alone"),
        (json.dumps({"baseline": 1, "entries": [{"rule": "G205", "sha256": SHA}]}), "must say why"),
    ],
)
def test_a_baseline_that_is_wrong_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=said):
        baseline.load(path)
    with pytest.raises(ConfigError, match="no such file"):
        baseline.load(tmp_path / "nothing")
