"""task_quality on a real file: the agent that falls back is paused, and may begin again when good results return."""

from dataclasses import replace
from pathlib import Path

import pytest

from guardian import services
from guardian.checks import task_quality
from guardian.logs.entries.reader import JsonLogs
from guardian.model import IncidentState, Reason
from tests.checks.json_lines import append
from tests.engine.drive import Drive

CHECK = "task_quality"


@pytest.fixture
def log(drive: Drive, tmp_path: Path) -> Path:
    file = tmp_path / "results.jsonl"
    remedies = services.remedies()
    text = f"[checks.{CHECK}]\nfiles = ['{file}']\n"
    drive.configure(text, {CHECK: task_quality.CHECK}, remedies, flags_file=tmp_path / "flags.json")
    drive.engine = replace(drive.engine, ports=replace(drive.engine.ports, entries=JsonLogs()))
    return file


def report(log: Path, count: int, *bad: str) -> None:
    for _ in range(count):
        append(log, *({"agent": agent, "template_fallback": agent in bad} for agent in ("writer", "reader")))


def scopes(drive: Drive) -> list[str]:
    return [flag.scope for flag in drive.store.flags.standing()]


def test_an_agent_that_falls_back_is_paused_until_a_good_result_returns(drive: Drive, log: Path) -> None:
    report(log, 10)
    drive.advance(20)
    assert (drive.every, scopes(drive)) == ([], [])
    report(log, 5, "writer")
    drive.advance(60)
    assert (drive.only().key.target, drive.only().reason) == ("agent writer", Reason.STANDING)
    assert scopes(drive) == ["agent:writer"]
    assert drive.told == [("alert", "agent writer")]
    report(log, 1)
    drive.advance(20)
    assert drive.only().state is IncidentState.RESOLVED
    assert scopes(drive) == []


def test_where_all_fall_back_all_are_paused(drive: Drive, log: Path) -> None:
    report(log, 5, "writer", "reader")
    drive.advance(20)
    assert "all" in scopes(drive)


def test_a_person_who_lifts_the_pause_is_obeyed(drive: Drive, log: Path) -> None:
    report(log, 10, "writer")
    drive.advance(20)
    drive.store.flags.lift("agent:writer", "somebody")
    report(log, 1, "writer")
    drive.advance(60)
    assert scopes(drive) == []
    assert drive.only().reason is Reason.LIFTED
