"""`guardian quarantine`: what is there, and giving it back."""

import hashlib
import json
from pathlib import Path

import pytest

from guardian.host.quarantine import Entry, Place, take
from guardian.scanner import scan_source
from tests.cli.running import Program

BAD = b"eval('1')\n"


@pytest.fixture
def held(folder: Path) -> Path:
    """Where the script was that is quarantined under the id abc1."""
    path = folder / "made" / "bad.py"
    path.parent.mkdir()
    path.write_bytes(BAD)
    report = {**scan_source(BAD, filename=str(path)).as_json()}
    report["findings"] = [vars(each) for each in scan_source(BAD).findings]
    sha256, at = hashlib.sha256(BAD).hexdigest(), "2027-01-15T12:00:00+00:00"
    wanted = Entry("abc1", "moving", "", sha256, at, "n1", "writer", 0, 0, report=report)
    assert take(Place(folder / ".guardian" / "quarantine", [path.parent]), str(path), wanted).id
    return path


def test_it_is_listed_and_shown(guardian: Program, held: Path) -> None:
    listed = guardian("quarantine", "ls")
    assert listed.code == 0
    assert all(word in listed.out for word in ("abc1", "writer", "G101", str(held)))
    (entry,) = json.loads(guardian("quarantine", "ls", "--json").out)["quarantined"]
    assert (entry["id"], entry["state"]) == ("abc1", "kept")
    shown = guardian("quarantine", "show", "abc")
    assert f"was {held}, 10 bytes" in shown.out
    assert f"{held}:1:1: G101 block" in shown.out
    assert json.loads(guardian("quarantine", "show", "abc1", "--json").out)["agent"] == "writer"


def test_it_is_released_for_a_reason(guardian: Program, held: Path) -> None:
    assert guardian("quarantine", "release", "abc1").code == 2
    assert guardian("quarantine", "release", "abc1", "--reason", " ").code == 2
    done = guardian("quarantine", "release", "abc1", "--reason", "looked at", "--by", "ann")
    assert done.code == 0
    assert f"abc1 is back: {held}, by ann at" in done.out
    assert 'rule = "G101"' in done.out
    assert held.read_bytes() == BAD
    assert guardian("quarantine", "ls").out.startswith("nothing is quarantined")
    assert "released" in guardian("quarantine", "ls", "--all").out
    again = guardian("quarantine", "release", "abc1", "--reason", "x")
    assert (again.code, again.err) == (2, "abc1 was released already\n")


def test_what_is_not_there_is_said(guardian: Program, held: Path) -> None:
    refused = guardian("quarantine", "show", "zzz")
    assert refused.code == 2
    assert "Nothing that is quarantined begins with 'zzz'" in refused.err
