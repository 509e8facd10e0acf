"""Tasks of a folder: one owner each, and no result of an attempt that is over."""

import json
import multiprocessing
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.client import Claimed, TaskFolder
from guardian.pipelines.folder import Params, open_folder
from guardian.ports import PipelineTask, TaskChange, TaskState

DAY = timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "tasks"
    made.mkdir()
    return made


@pytest.fixture
def folder(place: Path) -> TaskFolder:
    return TaskFolder(place)


def write(place: Path, name: str = "t1", **task: Any) -> Path:
    path = place / f"{name}.json"
    path.write_text(json.dumps({"id": name, "state": "assigned", **task}))
    return path


def read(place: Path, name: str = "t1") -> Any:
    return json.loads((place / f"{name}.json").read_text())


def claimed(folder: TaskFolder, worker: str = "w1") -> Claimed:
    found = folder.claim(worker)
    assert found is not None
    return found


def as_guardian_has_it(place: Path) -> tuple[Any, Sequence[PipelineTask]]:
    store = open_folder("tasks", Params(path=place, writers="client"))
    return store, store.read(DAY).tasks


def roll_back(place: Path, worker: str | None = None) -> None:
    store, [task] = as_guardian_has_it(place)
    assert store.change(task, TaskChange(TaskState.ASSIGNED, worker, task.retries + 1, task.attempt + 1))


def test_a_claim_says_who_and_since_when_and_leaves_the_rest(place: Path, folder: TaskFolder) -> None:
    write(place, kind="report", subject="acme", prompt="write", attempt=3, created_at=1_790_000_000)
    before = int(datetime.now(UTC).timestamp())
    task = claimed(folder)
    assert (task.id, task.worker, task.attempt, task.kind, task.subject) == ("t1", "w1", 3, "report", "acme")
    held = read(place)
    assert (held["state"], held["worker"], held["prompt"], held["attempt"]) == ("doing", "w1", "write", 3)
    assert before <= held["started_at"] <= before + 60  # in seconds, as the other time
    assert task.data == held
    assert folder.claim("w2") is None


def test_the_oldest_comes_first_and_the_kind_that_is_wanted(place: Path, folder: TaskFolder) -> None:
    for name, created, kind in (("a", 1_790_000_300, "x"), ("b", 1_790_000_100, "y"), ("c", 1_790_000_200, "x")):
        write(place, name, created_at=created, kind=kind)
    found = [folder.claim("w1", kind="x"), folder.claim("w1"), folder.claim("w1", kind="y"), folder.claim("w1")]
    assert [task.id if task else None for task in found] == ["c", "b", None, "a"]


@pytest.mark.parametrize(
    "task",
    [
        {"state": "doing"}, {"state": "done"}, {"state": "?"}, {"worker": "w2"}, {"not_before": 4_000_000_000},
        {"failed_workers": ["w1", "w1"]}, {"attempt": "many"},
    ],
)  # fmt: skip
def test_what_is_not_free_for_this_worker_is_left(place: Path, folder: TaskFolder, task: dict[str, Any]) -> None:
    path = write(place, **task)
    before = path.read_bytes()
    assert folder.claim("w1") is None
    assert path.read_bytes() == before


@pytest.mark.parametrize("task", [{"worker": "w1"}, {"not_before": 1_000_000_000}, {"failed_workers": ["w1", "w2"]}])
def test_what_is_meant_for_it_or_may_be_tried_again_is_taken(
    place: Path, folder: TaskFolder, task: dict[str, Any]
) -> None:
    write(place, **task)
    assert claimed(folder).id == "t1"


def test_a_result_ends_the_task_and_is_beside_it(place: Path, folder: TaskFolder) -> None:
    write(place)
    task = claimed(folder)
    assert folder.finish(task, output="text", state="mine")
    assert (read(place)["state"], read(place)["output"]) == ("done", "text")
    assert not folder.finish(task, output="again")
    assert read(place)["output"] == "text"


def test_a_failure_names_who_failed_it(place: Path, folder: TaskFolder) -> None:
    write(place, failed_workers=["w0"])
    assert folder.finish(claimed(folder), failed=True, error="no")
    assert (read(place)["state"], read(place)["failed_workers"], read(place)["error"]) == ("failed", ["w0", "w1"], "no")


@pytest.mark.parametrize("again_mine", [False, True])
def test_a_result_of_an_attempt_that_is_over_is_refused(place: Path, folder: TaskFolder, again_mine: bool) -> None:
    write(place)
    old = claimed(folder)
    roll_back(place)
    assert not folder.alive(old)
    assert not folder.finish(old, output="late")
    new = claimed(folder, "w1" if again_mine else "w2")
    assert new.attempt == old.attempt + 1
    assert not folder.finish(old, output="late")
    assert "output" not in read(place)
    assert folder.finish(new, output="good")
    assert read(place)["output"] == "good"


def test_a_task_that_is_gone_or_damaged_takes_no_result(place: Path, folder: TaskFolder) -> None:
    path = write(place)
    task = claimed(folder)
    path.write_text("{")
    assert not folder.finish(task)
    path.unlink()
    assert not folder.finish(task)
    assert not folder.alive(task)


def test_a_sign_of_life_is_in_the_task(place: Path, folder: TaskFolder) -> None:
    write(place)
    task = claimed(folder)
    assert folder.alive(task)
    _, [seen] = as_guardian_has_it(place)
    assert seen.heartbeat_at is not None
    assert abs(datetime.now(UTC) - seen.heartbeat_at) < timedelta(minutes=1)
    assert folder.finish(task)


def test_a_new_task_is_whole_and_never_over_another(place: Path, folder: TaskFolder) -> None:
    assert folder.add("t1", kind="report", prompt="\u2713")
    assert not folder.add("t1", kind="other")
    assert {path.name for path in place.iterdir()} == {".guardian.lock", "t1.json"}
    _, [task] = as_guardian_has_it(place)
    assert (task.id, task.state, task.kind, task.doubt) == ("t1", TaskState.ASSIGNED, "report", None)
    assert task.created_at is not None
    assert claimed(folder).data["prompt"] == "\u2713"


@pytest.mark.parametrize("id_", ["", "..", "a/b", ".hidden", "../up", "new\nline", "/abs"])
def test_what_cannot_be_a_files_name_is_refused(place: Path, folder: TaskFolder, id_: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file's name"):
        folder.add(id_)
    assert list(place.parent.iterdir()) == [place]


def test_other_names_of_fields_and_states_are_used(place: Path) -> None:
    own = TaskFolder(
        place, "*.task", fields={"state": "status", "worker": "owner"}, states={"assigned": ["todo"], "doing": ["wip"]}
    )
    assert own.add("t1")
    task = claimed(own)
    held = json.loads((place / "t1.task").read_text())
    assert (held["status"], held["owner"]) == ("wip", "w1")
    assert own.finish(task)
    assert json.loads((place / "t1.task").read_text())["status"] == "done"


def test_a_file_with_a_list_works_alike(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"tasks": [{"id": "a", "state": "doing"}, {"id": "b", "state": "assigned"}]}))
    listed = TaskFolder(file, key="tasks")
    task = claimed(listed)
    assert task.id == "b"
    assert listed.finish(task, output=1)
    assert [each["state"] for each in json.loads(file.read_text())["tasks"]] == ["doing", "done"]
    with pytest.raises(ValueError, match="cannot be a file's name"):
        listed.add("c")


def _worker(place: Path, name: str, done: Any) -> None:
    folder = TaskFolder(place)
    while task := folder.claim(name):
        assert folder.finish(task, by=name)
        done.put((task.id, name))


def test_of_many_workers_each_task_has_one(place: Path) -> None:
    for number in range(40):
        write(place, f"t{number:02}")
    context = multiprocessing.get_context("fork")
    done = context.Queue()
    workers = [context.Process(target=_worker, args=(place, f"w{number}", done)) for number in range(4)]
    for each in workers:
        each.start()
    found = [done.get(timeout=60) for _ in range(40)]
    for each in workers:
        each.join(60)
    assert [each.exitcode for each in workers] == [0] * 4
    assert sorted(id_ for id_, _ in found) == [f"t{number:02}" for number in range(40)]
    assert {id_: read(place, id_)["by"] for id_, _ in found} == dict(found)
