"""The mirror of the control flags: a JSON file that says what stands, whoever wrote it last."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.engine import flags
from guardian.ports import EVERYTHING, Flag, NoFlags
from tests.engine.drive import Drive

EVERY = timedelta(seconds=60)


@pytest.fixture
def file(drive: Drive) -> Path:
    """The mirror of a Guardian that has one."""
    made = drive.folder / "flags.json"
    drive.engine = replace(drive.engine, flags_file=made)
    return made


def put(drive: Drive, scope: str = EVERYTHING, **changes: Any) -> Flag:
    flag = Flag(scope, 0.0, "why: \u2713", "ann", drive.clock.now(), **changes)
    assert drive.store.flags.put(flag)
    return flag


def held(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def test_it_says_what_stands_and_until_when_it_is_to_be_believed(drive: Drive, file: Path) -> None:
    put(drive)
    flags.keep(drive.engine)
    now = drive.clock.now()
    assert held(file) == {
        "schema_version": 1,
        "generated_at": now.isoformat(),
        "stale_after": (now + 3 * EVERY).isoformat(),
        "flags": [
            {
                "scope": "all",
                "share": 0.0,
                "reason": "why: \u2713",
                "by": "ann",
                "since": now.isoformat(),
                "until": None,
                "incident": None,
            }
        ],
    }


def test_the_sweep_writes_it_anew_when_it_is_old_or_says_something_else(drive: Drive, file: Path) -> None:
    flags.keep(drive.engine)
    first = file.stat().st_ino
    drive.clock.forward(29)
    flags.keep(drive.engine)
    assert file.stat().st_ino == first
    drive.clock.forward(2)
    flags.keep(drive.engine)
    assert held(file)["generated_at"] == drive.clock.now().isoformat()
    put(drive, until=drive.clock.now() + timedelta(seconds=1))
    flags.keep(drive.engine)
    assert len(held(file)["flags"]) == 1
    drive.clock.forward(1)
    flags.keep(drive.engine)
    assert held(file)["flags"] == []
    assert drive.raw.hlen("t:flags") == 0


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"flags": []}', '{"flags": [], "generated_at": "x"}'])
def test_a_file_that_is_broken_is_written_anew(drive: Drive, file: Path, broken: str) -> None:
    file.write_text(broken)
    flags.keep(drive.engine)
    assert held(file)["flags"] == []


def test_one_that_cannot_be_written_is_an_incident_until_it_can(drive: Drive, file: Path) -> None:
    file.mkdir()
    for _ in range(2):
        flags.keep(drive.engine)
    [incident] = drive.open
    assert (incident.key.target, "flags.json cannot be written" in incident.message) == (flags.MIRROR, True)
    file.rmdir()
    flags.keep(drive.engine)
    assert drive.open == []


@dataclass
class _Changing(NoFlags):
    """Another process puts a flag, and writes the file, between this one's reading and its writing."""

    file: Path
    answers: list[Sequence[Flag]] = field(default_factory=list)

    def standing(self) -> Sequence[Flag]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_of_two_that_write_at_once_the_later_state_stays(drive: Drive, tmp_path: Path) -> None:
    file, now = tmp_path / "flags.json", drive.clock.now()
    newer = Flag(EVERYTHING, 0.0, "", "ann", now)
    changing = _Changing(file, [[], [newer]])
    assert flags.mirror(changing, file, drive.clock, EVERY) is None
    assert [each["scope"] for each in held(file)["flags"]] == ["all"]


def test_what_changes_without_end_is_left_to_the_next_sweep(drive: Drive, tmp_path: Path) -> None:
    now = drive.clock.now()
    states = [[Flag(f"agent:{number}", 0.0, "", "ann", now)] for number in range(20)]
    changing = _Changing(tmp_path, list(states))
    flags.mirror(changing, tmp_path / "flags.json", drive.clock, EVERY)
    assert len(changing.answers) > 10


def test_the_time_in_it_can_be_read_as_the_store_has_it(drive: Drive, file: Path) -> None:
    until = drive.clock.now() + timedelta(hours=1)
    put(drive, "agent:a", until=until)
    flags.keep(drive.engine)
    assert datetime.fromisoformat(held(file)["flags"][0]["until"]) == until
