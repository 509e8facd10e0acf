"""cursor_queue on real folders, from the incident to its end: seen, moved, verified, told where that is no help."""

from dataclasses import replace
from pathlib import Path

import pytest

from guardian.checks import cursor_queue
from guardian.config.queues import Params
from guardian.heal import balance_queues
from guardian.model import IncidentState, Reason
from guardian.queues.opening import opened
from tests.engine.drive import Drive

CHECK = "cursor_queue"
SETTINGS = """
[checks.cursor_queue]
max_depth = 100
[checks.cursor_queue.queues.alice]
folder = "{folder}/alice"
group = "writers"
[checks.cursor_queue.queues.bob]
folder = "{folder}/bob"
group = "writers"
"""


@pytest.fixture
def inboxes(drive: Drive, tmp_path: Path) -> Path:
    for name in ("alice", "bob"):
        (tmp_path / name).mkdir()
    settings = SETTINGS.format(folder=tmp_path)
    drive.configure(settings, {CHECK: cursor_queue.CHECK}, {"balance_queues": balance_queues.REMEDY})
    params = drive.engine.config.checks[CHECK].params
    assert isinstance(params, Params)
    drive.engine = replace(drive.engine, ports=replace(drive.engine.ports, queues=opened(params)))
    return tmp_path


def put(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"{folder.name}-{number}.json").touch()


def held(inboxes: Path) -> tuple[int, int]:
    return len(list((inboxes / "alice").iterdir())), len(list((inboxes / "bob").iterdir()))


def test_an_uneven_group_is_evened_out_once_and_that_is_verified(drive: Drive, inboxes: Path) -> None:
    put(inboxes / "alice", 60)
    drive.advance(600)
    incident = drive.only()
    assert incident.key.target == "alice"
    assert (incident.state, incident.attempt) == (IncidentState.RESOLVED, 1)
    assert held(inboxes) == (30, 30)
    assert drive.told == []
    assert {(act.target, act.act) for act in drive.store.acts("node-1")} == {("cursor_queue/alice", "repair")}


def test_when_the_worker_dies_in_between_the_next_one_moves_only_what_is_left(drive: Drive, inboxes: Path) -> None:
    put(inboxes / "alice", 60)
    remedy = drive.engine.remedies["balance_queues"]

    def dies(_order: object) -> object:
        drive.engine.ports.queues.move("alice", "bob", 10)
        raise SystemExit

    drive.engine = replace(drive.engine, remedies={"balance_queues": replace(remedy, bind=dies)})
    with pytest.raises(SystemExit):
        drive.advance(600)
    drive.engine = replace(drive.engine, remedies={"balance_queues": remedy})
    drive.after = drive.leases_run_out
    drive.advance(600)
    assert held(inboxes) == (30, 30)
    assert drive.only().state is IncidentState.RESOLVED


def test_a_queue_over_its_limit_goes_to_a_person_at_once_and_nothing_is_moved(drive: Drive, inboxes: Path) -> None:
    put(inboxes / "alice", 101)
    put(inboxes / "bob", 60)
    drive.advance(60)
    assert drive.only().reason is Reason.REMEDY_RULED_OUT
    assert drive.told == [("alert", "alice")]
    assert [task["kind"] for task in drive.tasks()] == ["attention"]
    assert held(inboxes) == (101, 60)
    for file in list((inboxes / "alice").iterdir())[:50]:
        file.unlink()
    drive.advance(60)
    assert drive.only().state is IncidentState.RESOLVED


def test_a_folder_that_is_gone_is_unknown_and_told_when_it_lasts(drive: Drive, inboxes: Path) -> None:
    (inboxes / "bob").rmdir()
    drive.advance(60)
    assert drive.only().reason is Reason.LASTING_UNKNOWN
    assert "No such file" in drive.only().message
