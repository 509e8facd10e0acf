"""Judging logs that grow: made-up answers of the rotation. The rotation itself: tests/logs; with the store: below."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guardian.checks.base import Judgement
from guardian.checks.log_rotation import CHECK, Params, judge, order, probe
from guardian.errors import SourceAbsent
from guardian.logs.rotation.rotation import Rotation
from guardian.logs.tail import LogTail
from guardian.model import Status, Verdict
from guardian.ports import Fleet, LogFile, NeverActed, Ports, ProcessState, RotationOrder, SupervisedProcess, Way

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMIT = 15_000_000
DOCS = Path(__file__).parents[2] / "docs/checks/log_rotation.md"


@dataclass
class Logs:
    logs: Sequence[LogFile]
    asked: list[tuple[Sequence[str], int]] = field(default_factory=list)

    def look(self, patterns: Sequence[str], order: RotationOrder, over_bytes: int = -1) -> Sequence[LogFile]:
        self.asked.append((patterns, over_bytes))
        return self.logs

    def rotate(self, path: str, order: RotationOrder) -> str:
        raise NotImplementedError


@dataclass
class Supervised:
    fleet: Fleet
    name: str = "pm2"

    def look(self) -> Sequence[Fleet]:
        return [self.fleet]


def process(target: str, state: ProcessState = ProcessState.ONLINE, *logs: str) -> SupervisedProcess:
    return SupervisedProcess(target, state, 7, 0, NOW, NOW, None, autorestart=True, logs=logs)


def judged(
    *logs: LogFile, params: Params | None = None, fleet: Fleet | None = None, only: str | None = None
) -> Judgement:
    params = params or Params(files=("/l/*.log",))
    supervisors: Any = [Supervised(fleet)] if fleet else []
    ports = Ports("n", supervisors, NeverActed(), LogTail(), rotation=Logs(logs))
    return judge(probe(ports, params), params, {}, NOW)


def verdict(log: LogFile, **more: Any) -> Verdict:
    (found,) = judged(log, **more).verdicts
    return found


@pytest.mark.parametrize(("size", "status"), [(0, Status.OK), (LIMIT, Status.OK), (LIMIT + 1, Status.FAIL)])
def test_a_log_over_the_limit_fails(size: int, status: Status) -> None:
    found = verdict(LogFile("/l/a.log", size, Way.COLLAPSE))
    assert (found.target, found.status, found.ruled_out) == ("/l/a.log", status, None)


def test_one_that_allows_no_way_is_for_a_person(tmp_path: Path) -> None:
    found = verdict(LogFile("/l/a.log", LIMIT + 1, None, "its writer does not append"))
    assert (found.status, found.ruled_out) == (Status.FAIL, "its writer does not append")
    assert found.message.endswith(": its writer does not append")


def test_a_rotation_that_was_begun_is_gone_on_with_whatever_the_size() -> None:
    found = verdict(LogFile("/l/a.log", 10, unfinished=True))
    assert (found.status, found.ruled_out) == (Status.FAIL, None)


def test_archives_that_wait_to_be_compressed_fail() -> None:
    assert verdict(LogFile("/l/a.log", 10, bare=2)).status is Status.FAIL


def test_one_that_cannot_be_looked_at_is_unknown() -> None:
    assert verdict(LogFile("/l/a.log", error="Permission denied")).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("state", "status"), [(ProcessState.ONLINE, Status.SKIPPED), (ProcessState.STOPPED, Status.FAIL)]
)
def test_what_pm2_logrotate_rotates_is_left_to_it_while_it_runs(state: ProcessState, status: Status) -> None:
    fleet = Fleet("pm2", [process("pm2-logrotate", state), process("api", ProcessState.ONLINE, "/l/a.log")])
    big = LogFile("/l/a.log", LIMIT + 1, Way.COLLAPSE)
    assert verdict(big, fleet=fleet).status is status
    assert verdict(LogFile("/l/b.log", LIMIT + 1, Way.COLLAPSE), fleet=fleet).status is Status.FAIL


def test_a_log_that_two_tables_name_belongs_to_the_first() -> None:
    params = Params(files=("/l/*.log",), logs={"b": {"files": ("/l/a.log",), "max_size": "1MB"}})  # type: ignore[dict-item]
    assert verdict(LogFile("/l/a.log", 2_000_000, Way.COLLAPSE), params=params).status is Status.OK
    found = order(params, "/l/a.log")
    assert found is not None
    assert found.keep == 3


def test_each_table_has_limits_of_its_own() -> None:
    params = Params(logs={"b": {"files": ("/l/a.log",), "max_size": "1MB", "keep": 9}})  # type: ignore[dict-item]
    assert verdict(LogFile("/l/a.log", 2_000_000, Way.COLLAPSE), params=params).status is Status.FAIL
    found = order(params, "/l/a.log")
    assert found is not None
    assert found.keep == 9
    assert order(params, "/other.log") is None


def test_without_a_log_there_is_nothing_to_look_at() -> None:
    with pytest.raises(SourceAbsent, match="no log is named"):
        judged(params=Params())
    assert judged().nothing == "no log is there yet"


def test_the_way_is_worked_out_for_large_ones_only() -> None:
    logs = Logs([])
    probe(Ports("n", [], NeverActed(), LogTail(), rotation=logs), Params(files=("/l/*.log",), max_size="2MB"))  # type: ignore[arg-type]
    assert logs.asked == [(["/l/*.log"], 2_000_000)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reopen_signal": "USR1"},
        {"reopen_pid_file": "/run/x.pid"},
        {"reopen_signal": "KILL", "reopen_pid_file": "/run/x.pid"},
        {"reopen_signal": "HUP", "reopen_pid_file": "/run/x.pid", "reopen_command": ("x",)},
        {"max_size": "1kB"},
        {"keep": 0},
        {"reopen_within": "1m"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Params(**wrong)


def test_the_page_names_every_key() -> None:
    page = DOCS.read_text()
    assert [key for key in Params.model_fields if f"| `{key}` |" not in page] == []
    assert CHECK.every == timedelta(seconds=10)


def test_a_real_log_is_seen_with_its_way(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"line\n" * 20_000)
    params = Params(files=(tmp_path / "*.log",), max_size=65_536)
    ports = Ports("n", [], NeverActed(), LogTail(), rotation=Rotation())
    (found,) = judge(probe(ports, params), params, {}, NOW).verdicts
    assert found.status is Status.FAIL
    assert found.facts["way"] == Way.COLLAPSE
    assert [each.name for each in tmp_path.iterdir()] == ["a.log"]
