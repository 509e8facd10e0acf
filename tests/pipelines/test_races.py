"""Eight workers at full speed against four Guardians: nothing is lost, and nothing has two owners."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from guardian.pipelines.shared.taskfiles import TaskFiles
from tests.pipelines.benches import make_table, run_sql
from tests.pipelines.racing import (
    MENDED,
    OVER,
    FileHands,
    Hands,
    Journal,
    SqlHands,
    guard,
    settled,
    work,
    work_without_a_lock,
)

WRITERS, GUARDIANS = 8, 4
SECONDS, LIMIT = 8.0, 60.0
ENOUGH = 30

pytestmark = pytest.mark.long


def race(writer: Any, folder: Path, section: str, text: str) -> tuple[Sequence[Journal], Sequence[Journal]]:
    """For SECONDS, and on a busy machine until the Guardians had enough to do."""
    with ProcessPoolExecutor(WRITERS + GUARDIANS, multiprocessing.get_context("fork")) as pool:
        writers = [pool.submit(writer, folder, number) for number in range(WRITERS)]
        guardians = [pool.submit(guard, folder, section, text, number) for number in range(GUARDIANS)]
        began = time.monotonic()
        while time.monotonic() - began < SECONDS or (_mended(folder) < ENOUGH and time.monotonic() - began < LIMIT):
            time.sleep(0.1)
        (folder / OVER).touch()
        return [each.result(60) for each in writers], [each.result(60) for each in guardians]


def _mended(folder: Path) -> int:
    return sum(int(each.read_text() or 0) for each in folder.glob(f"g*/{MENDED}"))


@pytest.mark.parametrize("kind", ["client files", "sqlite", "postgresql"])
def test_none_is_lost_none_has_two_owners_and_none_is_retried_more_than_three_times(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    hands: Hands
    workers = ", ".join(f'"w{number}"' for number in range(WRITERS))
    limits = f'workers = [{workers}]\nlimits = {{k = "1ms"}}'
    folder = tmp_path / "tasks"
    if kind == "client files":
        folder.mkdir()
        hands, section = FileHands(TaskFiles(folder)), "folder"
        text = f'path = "{folder}"\nwriters = "client"\n{limits}'
    else:
        url = request.getfixturevalue("postgres_url") if kind == "postgresql" else f"sqlite:///{tmp_path / 'tasks.db'}"
        make_table(url, "DOUBLE PRECISION")
        run_sql(url, "CREATE UNIQUE INDEX by_id ON tasks (id)")
        hands, section, text = SqlHands(url), "sql", f'url = "{url}"\ntable = "tasks"\n{limits}'
    writers, guardians = race(partial(work, hands), tmp_path, section, text)
    tasks = all_of(kind, folder, text)
    mended = sum((each.mended for each in guardians), Counter())
    finished = {id_: result for each in writers for id_, result in each.finished.items()}
    refused = sum(each.refused for each in writers)
    print(f"\n{kind}: {len(tasks)} tasks, {len(finished)} finished, {refused} late results refused, {dict(mended)}")
    assert set(tasks) == {id_ for each in writers for id_ in each.created}
    assert sum(len(each.finished) for each in writers) == len(finished), "one was finished by two"
    assert {id_: tasks[id_]["source"] for id_ in finished} == finished
    assert {tasks[id_]["state"] for id_ in finished} <= {"done", "failed"}
    claims = Counter(claim for each in writers for claim in each.claimed)
    assert not [claim for claim, count in claims.items() if count > 1], "one attempt had two owners"
    assert max(task.get("retry_count") or 0 for task in tasks.values()) <= 3
    assert not [error for each in guardians for error in each.lost]
    assert mended["roll_back_task True"] > 0
    assert mended["reassign_task True"] > 0
    assert len(finished) > 0


def all_of(kind: str, folder: Path, text: str) -> dict[str, Any]:
    if kind == "client files":
        return {entry.data["id"]: entry.data for entry in TaskFiles(folder).entries() if entry.data is not None}
    url = text.split('"')[1]
    rows = run_sql(url, "SELECT id, state, source, retry_count FROM tasks")
    return {row[0]: dict(zip(("id", "state", "source", "retry_count"), row, strict=True)) for row in rows}


def test_writers_without_a_lock_lose_no_content(tmp_path: Path) -> None:
    folder = tmp_path / "tasks"
    folder.mkdir()
    text = f'path = "{folder}"\nwriters = "rename"\nworkers = ["w8"]\nlimits = {{k = "1ms"}}'
    writers, guardians = race(partial(work_without_a_lock, folder), tmp_path, "folder", text)
    TaskFiles(folder, lockless=True).recover()
    written = sum(last + 1 for each in writers for last in each.last.values())
    lost = [id_ for each in writers for id_ in each.lost]
    lost += [id_ for each in writers for id_, last in each.last.items() if not settled(folder / f"{id_}.json", last)]
    mended = sum((each.mended for each in guardians), Counter())
    wrong = sum(each.wrong_reads for each in writers)
    print(f"\nwithout a lock: {written} contents written, {len(lost)} lost, {wrong} wrong reads, {dict(mended)}")
    assert lost == []
    assert not [error for each in guardians for error in each.lost]
    assert mended["roll_back_task True"] > 0
    assert not list((folder / ".guardian").rglob("*.swap"))
