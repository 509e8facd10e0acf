import json
import os
from pathlib import Path
from typing import Any

import pytest

from guardian.pipelines.shared import swap
from guardian.pipelines.shared.exchange import exchange, exists
from guardian.pipelines.shared.lockfile import BusyError, lock_of, locked
from guardian.pipelines.shared.swap import digest_of
from guardian.pipelines.shared.taskfiles import DamageError, TaskFiles


def write(path: Path, task: dict[str, Any], **how: Any) -> bytes:
    raw = json.dumps(task, **how).encode()
    path.write_bytes(raw)
    return raw


def done(_task: Any) -> dict[str, Any]:
    return {"state": "done"}


def only(files: TaskFiles) -> str:
    (entry,) = files.entries()
    return entry.version


@pytest.fixture(params=[False, True], ids=["locked", "lockless"])
def files(tmp_path: Path, request: pytest.FixtureRequest) -> TaskFiles:
    return TaskFiles(tmp_path, lockless=request.param)


def test_a_task_is_changed_when_it_is_as_it_was_seen_and_keeps_its_other_keys(files: TaskFiles) -> None:
    path = files.place / "a.json"
    write(path, {"state": "doing", "n": [1, "ä"]}, indent=4, ensure_ascii=False)
    path.chmod(0o640)
    assert files.update(only(files), done)
    assert path.read_text("utf-8") == json.dumps({"state": "done", "n": [1, "ä"]}, indent=4, ensure_ascii=False)
    assert path.stat().st_mode & 0o777 == 0o640
    assert not list((files.place / ".guardian").rglob("*.swap"))


def test_a_task_that_changed_meanwhile_is_left_alone(files: TaskFiles) -> None:
    path = files.place / "a.json"
    write(path, {"state": "doing"})
    version = only(files)
    raw = write(path, {"state": "done", "result": 1})
    assert not files.update(version, done)
    assert path.read_bytes() == raw
    path.unlink()
    assert not files.update(version, done)


def test_what_a_lockless_writer_renames_there_in_the_last_moment_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, path = TaskFiles(tmp_path, lockless=True), tmp_path / "a.json"
    write(path, {"state": "doing"})
    version, writes = only(files), iter(({"state": "done", "by": 1}, {"state": "done", "by": 2}))

    def late(held: Path, at: Path) -> None:
        if (task := next(writes, None)) is not None:
            write(tmp_path / "new", task)
            (tmp_path / "new").replace(at)
        exchange(held, at)

    monkeypatch.setattr(swap, "exchange", late)
    assert not files.update(version, done)
    assert json.loads(path.read_bytes()) == {"state": "done", "by": 2}
    assert not list((tmp_path / ".guardian").rglob("*.swap"))


class Killed(BaseException):
    pass


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("late", [False, True])
def test_what_a_killed_process_left_is_finished_or_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, late: bool
) -> None:
    files, path = TaskFiles(tmp_path, lockless=True), tmp_path / "a.json"
    write(path, {"state": "doing"})
    version = only(files)

    def dies(held: Path, at: Path) -> None:
        if late:
            write(path, {"state": "done", "result": 7})
        if when == "after":
            exchange(held, at)
        raise Killed

    monkeypatch.setattr(swap, "exchange", dies)
    with pytest.raises(Killed):
        files.update(version, lambda _task: {"state": "assigned"})
    monkeypatch.setattr(swap, "exchange", exchange)
    files.recover()
    expected = {"state": "done", "result": 7} if late else {"state": "assigned" if when == "after" else "doing"}
    assert json.loads(path.read_bytes()) == expected
    assert not list((tmp_path / ".guardian" / "swap").iterdir())


def test_a_half_written_replacement_is_never_put_in_place(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    raw = write(path, {"state": "doing"})
    folder = tmp_path / ".guardian" / "swap" / f"{digest_of(raw)}.{'0' * 32}"
    folder.mkdir(parents=True)
    (folder / "part").write_bytes(b'{"sta')
    TaskFiles(tmp_path, lockless=True).recover()
    assert path.read_bytes() == raw
    assert not folder.exists()


def test_what_was_taken_out_and_is_no_longer_the_newest_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    newest = write(path, {"state": "doing", "worker": "b"})
    folder = tmp_path / ".guardian" / "swap" / f"{'1' * 32}.{'0' * 32}"
    folder.mkdir(parents=True)
    (folder / "a.json.swap").write_bytes(b'{"state": "done"}')
    TaskFiles(tmp_path, lockless=True).recover()
    assert path.read_bytes() == newest
    assert (tmp_path / ".guardian" / "set-aside" / "a.json.swap").read_bytes() == b'{"state": "done"}'


@pytest.mark.parametrize("key", [None, "tasks"])
def test_one_task_of_a_list_is_changed_wherever_it_moved_to(tmp_path: Path, key: str | None) -> None:
    place = tmp_path / "tasks.json"
    files = TaskFiles(place, key=key)

    def put(tasks: list[dict[str, Any]]) -> None:
        place.write_text(json.dumps({"version": 2, key: tasks} if key else tasks))

    put([{"id": "a", "state": "doing"}, {"id": "b", "state": "doing"}])
    version = files.entries()[0].version
    put([{"id": "b", "state": "done"}, {"id": "a", "state": "doing"}])
    assert files.update(version, done)
    assert [entry.data for entry in files.entries()] == [{"id": "b", "state": "done"}, {"id": "a", "state": "done"}]
    assert not files.update(version, done)


def test_two_entries_of_a_list_that_are_alike_are_left_alone_when_they_moved(tmp_path: Path) -> None:
    place = tmp_path / "tasks.json"
    place.write_text(json.dumps([{"id": "a"}]))
    version = TaskFiles(place).entries()[0].version
    place.write_text(json.dumps([{"id": "b"}, {"id": "a"}, {"id": "a"}]))
    assert not TaskFiles(place).update(version, done)


def test_who_finds_the_lock_held_gives_up_after_its_time(files: TaskFiles) -> None:
    write(files.place / "a.json", {"state": "doing"})
    version = only(files)
    with locked(files.place), pytest.raises(BusyError):
        files.update(version, done, seconds=0.05)
    assert files.update(version, done)


def test_a_lock_file_that_somebody_removes_locks_all_the_same(tmp_path: Path) -> None:
    with locked(tmp_path):
        lock_of(tmp_path).unlink()
        with locked(tmp_path), pytest.raises(BusyError), locked(tmp_path, 0.05):
            pass


def test_a_damaged_file_is_set_aside_never_over_another(files: TaskFiles) -> None:
    for number in range(2):
        (files.place / "a.json").write_bytes(b"{%d" % number)
        aside = files.set_aside("a.json")
        assert aside.read_bytes() == b"{%d" % number
        assert not (files.place / "a.json").exists()
    assert len(list(aside.parent.iterdir())) == 2


def test_a_file_that_is_whole_by_now_is_not_set_aside(files: TaskFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.place / "a.json"
    raw = write(path, {"state": "doing"})
    with pytest.raises(DamageError):
        files.set_aside("a.json")
    path.write_bytes(b"{")
    keep = swap.keep

    def late(at: Path, folder: Path) -> Path:
        path.write_bytes(raw)
        return keep(at, folder)

    monkeypatch.setattr(swap, "keep", late)
    with pytest.raises(DamageError):
        files.set_aside("a.json")
    assert path.read_bytes() == raw


def test_this_system_has_the_exchange() -> None:
    assert exists() == (os.uname().sysname == "Linux")
