"""orchestrator_activity on real files."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.checks import orchestrator_activity
from guardian.checks.orchestrator_activity import Params
from guardian.errors import SourceAbsent
from guardian.logs.entries.reader import JsonLogs
from guardian.model import Status, Verdict
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import NOW

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


class Looks:
    def __init__(self, folder: Path) -> None:
        self.folder, self.memory = folder, {}
        self.params = Params(files=(folder / "*.log",))
        self.ports = replace(plain_ports(), entries=JsonLogs())

    def write(self, name: str, at: datetime) -> Path:
        path = self.folder / name
        path.touch()
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def look(self, now: datetime = NOW) -> Verdict:
        found: Any = orchestrator_activity.probe(self.ports, self.params)
        judgement = orchestrator_activity.judge(found, self.params, self.memory, now)
        self.memory = judgement.memory
        return judgement.verdicts[0]


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    return Looks(tmp_path)


@pytest.mark.parametrize(("age", "status"), [(HOUR, Status.OK), (HOUR + SECOND, Status.FAIL)])
def test_nothing_new_for_longer_than_the_limit_fails(looks: Looks, age: timedelta, status: Status) -> None:
    looks.write("a.log", NOW - age)
    assert looks.look().status is status


def test_the_newest_counts(looks: Looks) -> None:
    looks.write("a.log", NOW - 5 * HOUR)
    looks.write("b.log", NOW - SECOND)
    (looks.folder / "c.log").mkdir()
    found = looks.look()
    assert (found.status, found.target) == (Status.OK, "orchestrator")
    assert found.message == f"active: {looks.folder}/b.log was written last, 1s ago"


@pytest.mark.parametrize(("ahead", "status"), [(60, Status.OK), (61, Status.UNKNOWN)])
def test_a_time_stamp_in_the_future_is_unknown(looks: Looks, ahead: int, status: Status) -> None:
    looks.write("a.log", NOW + ahead * SECOND)
    assert looks.look().status is status


def test_a_file_that_was_never_there_is_unknown_and_one_that_is_gone_counts_from_its_last_writing(looks: Looks) -> None:
    assert looks.look().status is Status.UNKNOWN
    path = looks.write("a.log", NOW - SECOND)
    looks.write("old.log", NOW - 9 * HOUR)
    assert looks.look().status is Status.OK
    path.unlink()
    assert looks.look().status is Status.OK
    (looks.folder / "old.log").unlink()
    gone = looks.look(NOW + 2 * HOUR)
    assert gone.status is Status.FAIL
    assert gone.message.endswith("and is gone")


def test_what_cannot_be_looked_at_is_unknown(looks: Looks) -> None:
    (looks.folder / "a.log").symlink_to("a.log")
    assert looks.look().message == f"could not look: {looks.folder}/a.log: Too many levels of symbolic links"


def test_without_files_it_is_skipped() -> None:
    with pytest.raises(SourceAbsent, match="give it `files`"):
        orchestrator_activity.probe(plain_ports(), Params())


def test_a_memory_that_is_not_understood_is_forgotten(looks: Looks) -> None:
    looks.memory = {"path": 7, "at": "x"}
    assert looks.look().status is Status.UNKNOWN
