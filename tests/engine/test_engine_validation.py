"""ai_validation on a real file, from the drop to its end: told at once, with a task that names the worst samples."""

from dataclasses import replace
from pathlib import Path

import pytest

from guardian.checks import ai_validation
from guardian.logs.entries.reader import JsonLogs
from guardian.model import IncidentState, Reason
from tests.checks.json_lines import append
from tests.engine.drive import Drive

CHECK = "ai_validation"


@pytest.fixture
def log(drive: Drive, tmp_path: Path) -> Path:
    file = tmp_path / "validation.jsonl"
    drive.configure(f"[checks.{CHECK}]\nfiles = ['{file}']\n", {CHECK: ai_validation.CHECK})
    drive.engine = replace(drive.engine, ports=replace(drive.engine.ports, entries=JsonLogs()))
    return file


def write(log: Path, count: int, bad: str = "") -> None:
    """Of three agents, one in twenty fails; of the bad one three in four."""
    for number in range(count):
        agent, turn = f"a{number % 3}", number // 3
        passed = turn % 4 == 0 if agent == bad else number % 20 != 0
        append(log, {"agent": agent, "validator": "lint", "passed": passed, "id": f"{agent}-{turn}", "score": turn})


def test_a_drop_of_one_agent_is_told_at_once_with_a_quality_review(drive: Drive, log: Path) -> None:
    write(log, 600)
    drive.advance(60)
    assert drive.every == []
    write(log, 120, bad="a1")
    drive.advance(20)
    incident = drive.only()
    assert (incident.key.target, incident.reason) == ("agent a1", Reason.NO_REMEDY)
    assert drive.told == [("alert", "agent a1")]
    (task,) = drive.tasks()
    assert task["kind"] == "quality_review"
    samples = task["evidence"]["facts"]["worst_samples"]
    assert samples[0] == "a1-1"  # with the least score
    assert len(samples) == 10
    assert all(sample.startswith("a1-") for sample in samples)
    write(log, 300)
    drive.advance(20)
    assert drive.only().state is IncidentState.RESOLVED
    assert drive.told[-1] == ("resolved", "agent a1")
    assert [task["kind"] for task in drive.tasks("done")] == ["quality_review"]


def test_each_line_counts_once_even_where_looks_compete(drive: Drive, log: Path) -> None:
    write(log, 300)
    drive.advance(10)
    for _ in range(3):
        drive.patrol(CHECK)
    memory = drive.store.last_look(CHECK, drive.engine.node).memory
    assert memory["crew"]["streams"]["all"]["base"][0][1] == 300


def test_too_few_results_are_unknown_for_days_and_no_incident(drive: Drive, log: Path) -> None:
    write(log, 30)
    drive.advance(300)
    assert not drive.patrol(CHECK).ok
    assert drive.every == []
    log.unlink()
    drive.advance(60)
    assert drive.only().reason is Reason.LASTING_UNKNOWN
