"""What any task store has to keep, on every kind of store."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from guardian.errors import RemedyError, SourceError
from guardian.pipelines.sql import Sql
from guardian.ports import PipelineTask, TaskChange, TaskState
from tests.pipelines.benches import Bench, bench_of, make_table, opened, run_sql
from tests.postgres_server import PostgresServer

DAY = timedelta(days=1)
ROLLED_BACK = TaskChange(TaskState.ASSIGNED, None, 1, 1, failed_workers=["w1"])


def put_doing(bench: Bench, id_: str = "a", **more: object) -> None:
    began = time.time() - 3600
    task = {"id": id_, "state": "doing", "kind": "k", "subject": "s", "worker": "w1", "created_at": began - 60}
    bench.put(**{**task, "started_at": began, "retry_count": 0, "attempt": 0, **more})


def found(bench: Bench, id_: str = "a") -> PipelineTask:
    task = bench.store.find(id_)
    assert task is not None
    return task


def test_an_empty_store_is_read_as_such(bench: Bench) -> None:
    reading = bench.store.read(DAY)
    assert (reading.store, reading.tasks, reading.damaged, reading.error) == ("main", [], [], None)
    assert (reading.cap, reading.absent, reading.observe_only) == (6, False, None)


def test_open_tasks_are_read_with_their_fields_and_old_closed_ones_are_not(bench: Bench) -> None:
    put_doing(bench, source="sync", failed_workers=["w0"], heartbeat_at=time.time() - 5)
    bench.put(id="b", state="assigned", created_at=time.time() - 9e6)
    bench.put(id="c", state="done", created_at=time.time() - 60, started_at=time.time() - 50)
    bench.put(id="d", state="done", created_at=time.time() - 9e6, started_at=time.time() - 9e6)
    tasks = {task.id: task for task in bench.store.read(DAY).tasks}
    assert set(tasks) - {"d"} == {"a", "b", "c"}
    assert "d" not in tasks
    task = tasks["a"]
    assert (task.state, task.kind, task.subject, task.worker, task.source) == ("doing", "k", "s", "w1", "sync")
    assert (task.retries, task.attempt, task.failed_workers, task.doubt) == (0, 0, ("w0",), None)
    assert task.state_since is not None
    assert timedelta(minutes=59) < datetime.now(UTC) - task.state_since < timedelta(minutes=61)


def test_a_task_is_found_by_its_id(bench: Bench) -> None:
    put_doing(bench)
    assert found(bench).worker == "w1"
    assert bench.store.find("b") is None


def test_a_change_writes_what_it_says_and_clears_the_worker_and_its_times(bench: Bench) -> None:
    put_doing(bench, heartbeat_at=time.time() - 5)
    until = datetime.fromtimestamp(round(time.time()) + 60, UTC)
    change = TaskChange(TaskState.ASSIGNED, None, 1, 2, not_before=until, failed_workers=["w1"])
    assert bench.store.change(found(bench), change)
    task = found(bench)
    assert (task.state, task.worker, task.retries, task.attempt) == ("assigned", None, 1, 2)
    assert (task.not_before, task.failed_workers) == (until, ("w1",))
    assert (bench.get("a")["started_at"], bench.get("a")["heartbeat_at"]) == (None, None)
    assert (task.kind, task.subject) == ("k", "s")


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"state": "done"},
        {"worker": "w2"},
        {"retry_count": 1},
        {"attempt": 1},
        {"started_at": 1777892400.0},
        {"heartbeat_at": 1777892400.0},
    ],
    ids=lambda each: next(iter(each)),
)
def test_a_task_that_changed_since_it_was_seen_is_left_alone(bench: Bench, meanwhile: dict[str, object]) -> None:
    put_doing(bench)
    seen = found(bench)
    put_doing(bench, **meanwhile)
    before = bench.get("a")
    assert not bench.store.change(seen, ROLLED_BACK)
    assert bench.get("a") == before
    bench.remove("a")
    assert not bench.store.change(seen, ROLLED_BACK)


def test_of_many_that_change_one_task_at_once_one_wins(bench: Bench) -> None:
    put_doing(bench)
    seen = found(bench)
    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(lambda _: bench.store.change(seen, ROLLED_BACK), range(8)))
    assert won.count(True) == 1
    assert found(bench).retries == 1


def test_two_tasks_of_one_id_are_doubted(tmp_path: Path, postgres_url: str) -> None:
    put_doing(folder := bench_of("files", tmp_path))
    (tmp_path / "tasks" / "copy.json").write_text('{"id": "a", "state": "doing"}')
    reading = folder.store.read(DAY)
    assert [task.doubt for task in reading.tasks] == ["its id is also in copy.json"]
    assert [(each.name, each.reason, each.movable) for each in reading.damaged] == [
        ("copy.json", "has the id of another: a", False)
    ]
    put_doing(rows := bench_of("postgresql", tmp_path, postgres_url))
    run_sql(postgres_url, "INSERT INTO tasks SELECT * FROM tasks")
    assert [task.doubt for task in rows.store.read(DAY).tasks] == ["several rows have its id"]
    assert found(rows).doubt == "several rows have its id"


ABSENT: dict[str, Callable[[Path], tuple[str, str]]] = {
    "folder": lambda folder: ("folder", f'path = "{folder}/none"\nwriters = "client"'),
    "sqlite": lambda folder: ("sql", f'url = "sqlite:///{folder}/none.db"\ntable = "tasks"'),
}


@pytest.mark.parametrize("kind", ABSENT)
def test_a_store_that_is_not_there_is_absent_and_is_not_made_by_looking(kind: str, tmp_path: Path) -> None:
    reading = opened(tmp_path, *ABSENT[kind](tmp_path)).read(DAY)
    assert reading.absent
    assert reading.error is not None
    assert [each.name for each in tmp_path.iterdir()] == ["guardian.toml"]


def test_a_database_without_the_table_or_a_column_is_an_error_that_names_it(tmp_path: Path, postgres_url: str) -> None:
    for url in (f"sqlite:///{tmp_path}/tasks.db", postgres_url):
        run_sql(url, "CREATE TABLE others (id TEXT, state TEXT)")
        store = opened(tmp_path, "sql", f'url = "{url}"\ntable = "tasks"')
        assert "tasks" in str(store.read(DAY).error)
        with pytest.raises(SourceError):
            store.find("a")
        store = opened(tmp_path, "sql", f'url = "{url}"\ntable = "others"')
        assert "worker" in str(store.read(DAY).error) or "kind" in str(store.read(DAY).error)


def test_a_postgresql_that_hangs_is_an_error_soon(
    tmp_path: Path, postgres_process: PostgresServer, postgres_url: str
) -> None:
    bench = bench_of("postgresql", tmp_path, postgres_url, more='timeout = "500ms"')
    put_doing(bench)
    seen = found(bench)
    postgres_process.hang()
    try:
        began = time.monotonic()
        assert bench.store.read(DAY).error is not None
        with pytest.raises(RemedyError):
            bench.store.change(seen, ROLLED_BACK)
        assert time.monotonic() - began < 20
    finally:
        postgres_process.resume()
    postgres_process.stop()
    reading = bench.store.read(DAY)
    assert (reading.error is not None, reading.absent) == (True, False)
    with pytest.raises(RemedyError) as refused:
        bench.store.change(seen, ROLLED_BACK)
    assert refused.value.done is False


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_row_that_somebody_holds_is_waited_for_only_shortly(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else None
    bench = bench_of(kind, tmp_path, url, more='timeout = "200ms"')
    put_doing(bench)
    seen = found(bench)
    holding = _hold(url or f"sqlite:///{tmp_path / 'tasks.db'}")
    try:
        with pytest.raises(RemedyError):
            bench.store.change(seen, ROLLED_BACK)
        assert bench.store.read(DAY).error is None
    finally:
        holding.close()  # type: ignore[attr-defined]
    assert found(bench).state == "doing"


def _hold(url: str) -> object:
    """A transaction that changed the task and does not end."""
    if url.startswith("sqlite"):
        held = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        return held
    session = psycopg.connect(url)
    session.execute("UPDATE tasks SET worker = 'w9'")
    return session


@pytest.mark.parametrize("time_type", ["TIMESTAMPTZ", "TIMESTAMP", "BIGINT", "TEXT"])
def test_postgresql_has_times_and_ids_of_any_type(tmp_path: Path, postgres_url: str, time_type: str) -> None:
    make_table(postgres_url, time_type)
    run_sql(postgres_url, "ALTER TABLE tasks ALTER id TYPE INTEGER USING id::integer")
    run_sql(postgres_url, "ALTER TABLE tasks ALTER failed_workers TYPE JSONB USING failed_workers::jsonb")
    began = {"BIGINT": "1777892400000", "TEXT": "'2026-05-04T11:00:00Z'"}.get(time_type, "'2026-05-04 11:00:00+00'")
    run_sql(postgres_url, "INSERT INTO tasks (id, state, worker) VALUES (7, 'doing', 'w')")
    run_sql(postgres_url, f"UPDATE tasks SET created_at = {began}, started_at = {began}")  # noqa: S608
    store = opened(tmp_path, "sql", f'url = "{postgres_url}"\ntable = "public.tasks"')
    (seen,) = store.read(DAY).tasks
    assert (seen.id, seen.state_since, seen.doubt) == ("7", datetime(2026, 5, 4, 11, tzinfo=UTC), None)
    until = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert store.change(seen, TaskChange(TaskState.ASSIGNED, None, 1, 1, not_before=until, failed_workers=["w"]))
    task = store.find("7")
    assert task is not None
    assert (task.not_before, task.failed_workers, task.state_since) == (until, ("w",), None)


def test_names_of_fields_and_states_are_the_operators(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "x.task").write_text('{"status": "Wartet", "who": null, "tries": 2, "type": "train"}')
    store = opened(
        tmp_path,
        "folder",
        f'path = "{tmp_path / "t"}"\nwriters = "client"\npattern = "*.task"\ncap = 2\nworkers = ["w1"]\n'
        'limits = {train = "2h"}\n'
        "[pipelines.folder.main.fields]\nstate = 'status'\nworker = 'who'\nretries = 'tries'\nkind = 'type'\n"
        "attempt = ''\n[pipelines.folder.main.states]\nassigned = ['wartet']\ndoing = ['macht']",
    )
    reading = store.read(DAY)
    assert (reading.cap, reading.workers, dict(reading.limits)) == (2, ("w1",), {"train": timedelta(hours=2)})
    (task,) = reading.tasks
    assert (task.id, task.state, task.retries, task.kind) == ("x", "assigned", 2, "train")
    assert store.change(task, TaskChange(TaskState.DOING, "w1", 3, 1))
    text = (tmp_path / "t" / "x.task").read_text()
    assert text == '{"status": "macht", "who": "w1", "tries": 3, "type": "train"}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('key = "tasks"', "nobody said how its writers write"),
        ('writers = "rename"\nkey = "tasks"', "a list whose writers do not hold the client's lock"),
    ],
)
def test_what_cannot_be_changed_safely_is_only_observed(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "t.json"
    file.write_text('{"tasks": [{"id": "a", "state": "doing"}]}')
    store = opened(tmp_path, "folder", f'path = "{file}"\n{text}')
    reading = store.read(DAY)
    assert why in str(reading.observe_only)
    with pytest.raises(RemedyError) as refused:
        store.change(reading.tasks[0], ROLLED_BACK)
    assert refused.value.done is False
    assert sorted(each.name for each in tmp_path.iterdir()) == ["guardian.toml", "t.json"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_columns_that_lead_no_index_are_named(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else f"sqlite:///{tmp_path / 'tasks.db'}"
    make_table(url, "BIGINT")
    store = opened(tmp_path, "sql", f'url = "{url}"\ntable = "tasks"')
    assert isinstance(store, Sql)
    assert store.unindexed() == ["id", "state", "created_at"]
    run_sql(url, "CREATE INDEX one ON tasks (state, created_at)")
    run_sql(url, "CREATE UNIQUE INDEX two ON tasks (id)")
    assert store.unindexed() == ["created_at"]
