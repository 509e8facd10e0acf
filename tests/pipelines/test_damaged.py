"""Damaged task files: each is named, none is lost, and the others are handled."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.errors import RemedyError
from guardian.ports import TaskReading
from tests.pipelines.benches import opened

DAY = timedelta(days=1)
GOOD: dict[str, Any] = {"state": "doing", "worker": "w", "started_at": 1777892400}


def raw(text: str | bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(text if isinstance(text, bytes) else text.encode())


def task(**fields: Any) -> Callable[[Path], object]:
    return lambda path: path.write_text(json.dumps({**GOOD, **fields}))


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"state": "doing", "notes": "')
        file.truncate(100_000_000)


NOT_JSON = {
    "empty": raw(""),
    "blank": raw("  \n"),
    "cut": raw('{"id": "a", "sta'),
    "cut in a letter": raw('{"id": "ä'.encode()[:-1]),
    "binary": raw(bytes(range(256))),
    "NUL bytes": raw(b"\0" * 512),
    "latin-1": raw('{"id": "ä"}'.encode("latin-1")),
    "two objects": raw('{"state": "doing"}{"state": "done"}'),
    "a trailing comma": raw('{"state": "doing",}'),
    "python": raw("{'state': 'doing'}"),
    "half of UTF-16": raw('{"id": "a"}'.encode("utf-16")[:-1]),
    "a list": raw('[{"state": "doing"}]'),
    "a number": raw("17"),
    "a text": raw('"doing"'),
    "null": raw("null"),
    "deep": raw("[" * 200_000 + "]" * 200_000),
    "a deep member": raw('{"a":' * 100_000 + "1" + "}" * 100_000),
    "a number without end": raw('{"retry_count": ' + "9" * 10_000 + "}"),
    "a merge conflict": raw('<<<<<<< HEAD\n{"state": "doing"}\n'),
}
KEPT_FROM_READING = {
    "100 MB in a line": large,
    "a link out of the folder": lambda path: path.symlink_to("/etc/hostname"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a pipe": os.mkfifo,
}
NO_ID = {"an id that is a list": task(id=[1]), "an id that is true": task(id=True), "a fraction as id": task(id=1.5)}
DOUBTFUL = {
    "no state": raw("{}"),
    "a state that is a number": task(state=1),
    "a negative time": task(started_at=-1),
    "a time of 1970": task(started_at=0),
    "a time of no day": task(started_at="2026-02-31T00:00:00"),
    "a time as numbers in text": task(started_at="1777892400"),
    "a time far in the future": task(started_at=99999999999),
    "a time past all calendars": task(started_at=1e300),
    "an infinite time": task(started_at=float("inf")),
    "a time that is true": task(created_at=True),
    "a time that is an object": task(heartbeat_at={"at": 1}),
    "a not-before in a thousand years": task(not_before="3026-01-01"),
    "a negative count": task(retry_count=-1),
    "a count as text": task(retry_count="2"),
    "half an attempt": task(attempt=0.5),
    "a worker that is a list": task(worker=["w"]),
    "failed workers that are numbers": task(failed_workers=[1, 2]),
    "failed workers that are a text": task(failed_workers="w"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "good.json").write_text(json.dumps(GOOD))
    return tmp_path / "tasks"


def read(folder: Path, writers: str = "client") -> TaskReading:
    return opened(folder.parent, "folder", f'path = "{folder}"\nwriters = "{writers}"').read(DAY)


def test_there_are_forty_of_them() -> None:
    assert len(NOT_JSON) + len(KEPT_FROM_READING) + len(NO_ID) + len(DOUBTFUL) >= 40


def test_all_of_them_at_once_are_named_each_and_the_good_one_is_read(folder: Path) -> None:
    for name, make in {**NOT_JSON, **KEPT_FROM_READING, **NO_ID, **DOUBTFUL}.items():
        make(folder / f"{name}.json")
    reading = read(folder)
    assert reading.error is None
    assert {each.name.removesuffix(".json") for each in reading.damaged} == {*NOT_JSON, *KEPT_FROM_READING, *NO_ID}
    assert {each.name.removesuffix(".json") for each in reading.damaged if each.movable} == set(NOT_JSON)
    assert all(each.reason for each in reading.damaged)
    assert {task.id for task in reading.tasks if task.doubt} == set(DOUBTFUL)
    (good,) = [task for task in reading.tasks if not task.doubt]
    assert (good.id, good.worker) == ("good", "w")


@pytest.mark.parametrize("writers", ["client", "rename"])
def test_what_is_no_json_can_be_set_aside_and_nothing_of_it_is_lost(folder: Path, writers: str) -> None:
    for name, make in {**NOT_JSON, **KEPT_FROM_READING, **NO_ID}.items():
        make(folder / f"{name}.json")
    store = opened(folder.parent, "folder", f'path = "{folder}"\nwriters = "{writers}"')
    for name in NOT_JSON:
        content = (folder / f"{name}.json").read_bytes()
        assert Path(store.set_aside(f"{name}.json")).read_bytes() == content
        assert not (folder / f"{name}.json").exists()
    for name in {**KEPT_FROM_READING, **NO_ID, "good": None, "none": None}:
        with pytest.raises(RemedyError):
            store.set_aside(f"{name}.json")
    assert {each.name.removesuffix(".json") for each in store.read(DAY).damaged} == {*KEPT_FROM_READING, *NO_ID}


def test_a_damaged_file_of_a_name_that_is_no_text_is_named_and_set_aside(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff\n.json")).write_bytes(b"{")
    store = opened(folder.parent, "folder", f'path = "{folder}"\nwriters = "client"')
    (damaged,) = store.read(DAY).damaged
    assert damaged.name == "\N{REPLACEMENT CHARACTER}" * 2 + ".json"
    assert Path(store.set_aside(damaged.name)).read_bytes() == b"{"


def test_a_file_that_may_not_be_read_is_named() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as place:  # the test's own folder is closed to other users
        folder = Path(place) / "tasks"
        folder.mkdir()
        (folder / "secret.json").touch(mode=0)
        store = opened(folder.parent, "folder", f'path = "{folder}"')
        Path(place).chmod(0o755)
        with nobody():
            damaged = store.read(DAY).damaged
    assert [(each.name, each.reason) for each in damaged] == [("secret.json", "cannot be read: Permission denied")]


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read every file."""
    user = os.geteuid()
    if not user:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("text", ["", "{", "17", '{"tasks": {}}', "[" * 100_000])
@pytest.mark.parametrize("key", ["", 'key = "tasks"'])
def test_a_list_file_that_is_damaged_is_an_error_of_the_store(tmp_path: Path, text: str, key: str) -> None:
    file = tmp_path / "tasks.json"
    file.write_text(text)
    reading = opened(tmp_path, "folder", f'path = "{file}"\nwriters = "client"\n{key}').read(DAY)
    assert reading.error is not None
    assert not reading.absent


def test_damaged_entries_of_a_list_are_named_and_the_others_read(tmp_path: Path) -> None:
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps([{"id": "a", **GOOD}, 17, {"state": "doing"}, None, {"id": "a", **GOOD}]))
    reading = opened(tmp_path, "folder", f'path = "{file}"\nwriters = "client"').read(DAY)
    assert [task.doubt for task in reading.tasks] == ["its id is also in tasks.json[4]"]
    assert [each.name for each in reading.damaged] == [
        "tasks.json[1]",
        "tasks.json[2]",
        "tasks.json[3]",
        "tasks.json[4]",
    ]
