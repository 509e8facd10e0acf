"""Real task stores of each kind, and how a test brings their tasks about."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg

from guardian.config import load
from guardian.ports import TaskStore
from guardian.services import sections, task_stores

KINDS = ("files", "renamed", "list", "list under a key", "sqlite", "postgresql")
COLUMNS = (
    "id", "state", "kind", "subject", "worker", "source", "created_at", "started_at", "heartbeat_at",
    "not_before", "retry_count", "attempt", "failed_workers",
)  # fmt: skip


class Bench(Protocol):
    """A real store with nothing in it; the task's own names are the defaults'."""

    store: TaskStore

    def put(self, **task: Any) -> None:
        """Add it, or replace the one of its id."""
        ...

    def get(self, id_: str) -> Mapping[str, Any]: ...

    def remove(self, id_: str) -> None: ...


@dataclass
class Files:
    store: TaskStore
    folder: Path

    def put(self, **task: Any) -> None:
        new = self.folder / f".{task['id']}"
        new.write_text(json.dumps(task), encoding="utf-8")
        new.replace(self.folder / f"{task['id']}.json")

    def get(self, id_: str) -> Mapping[str, Any]:
        return json.loads((self.folder / f"{id_}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def remove(self, id_: str) -> None:
        (self.folder / f"{id_}.json").unlink()


@dataclass
class ListFile:
    store: TaskStore
    file: Path
    key: str | None = None

    def put(self, **task: Any) -> None:
        self._write([*(each for each in self._tasks() if each["id"] != task["id"]), task])

    def get(self, id_: str) -> Mapping[str, Any]:
        return next(each for each in self._tasks() if each["id"] == id_)

    def remove(self, id_: str) -> None:
        self._write([each for each in self._tasks() if each["id"] != id_])

    def _tasks(self) -> list[dict[str, Any]]:
        found = json.loads(self.file.read_text(encoding="utf-8"))
        return found[self.key] if self.key else found  # type: ignore[no-any-return]

    def _write(self, tasks: list[dict[str, Any]]) -> None:
        self.file.write_text(json.dumps({"version": 1, self.key: tasks} if self.key else tasks), encoding="utf-8")


@dataclass
class Rows:
    store: TaskStore
    url: str

    def put(self, **task: Any) -> None:
        self.remove(task["id"])
        values = [json.dumps(task[name]) if isinstance(task.get(name), list) else task.get(name) for name in COLUMNS]
        marks = ", ".join([self._mark] * len(COLUMNS))
        self._run(f"INSERT INTO tasks ({', '.join(COLUMNS)}) VALUES ({marks})", values)  # noqa: S608

    def get(self, id_: str) -> Mapping[str, Any]:
        (row,) = self._run(f"SELECT {', '.join(COLUMNS)} FROM tasks WHERE id = {self._mark}", [id_])  # noqa: S608
        return dict(zip(COLUMNS, row, strict=True))

    def remove(self, id_: str) -> None:
        self._run(f"DELETE FROM tasks WHERE id = {self._mark}", [id_])  # noqa: S608

    @property
    def _mark(self) -> str:
        return "?" if self.url.startswith("sqlite") else "%s"

    def _run(self, sql: str, values: list[Any]) -> list[Any]:
        return run_sql(self.url, sql, values)


def run_sql(url: str, sql: str, values: list[Any] | None = None) -> list[Any]:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10) as connection:
            found = connection.execute(sql, values or []).fetchall()
        connection.close()
        return found
    with psycopg.connect(url) as session:
        cursor = session.execute(sql, values or None)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def make_table(url: str, time: str = "REAL") -> None:
    kinds = dict.fromkeys(("retry_count", "attempt"), "INTEGER")
    kinds |= dict.fromkeys(("created_at", "started_at", "heartbeat_at", "not_before"), time)
    columns = ", ".join(f"{name} {kinds.get(name, 'TEXT')}" for name in COLUMNS)
    run_sql(url, f"CREATE TABLE tasks ({columns})")


def opened(folder: Path, section: str, text: str) -> TaskStore:
    """A store out of a real configuration file, named `main`."""
    file = folder / "guardian.toml"
    file.write_text(f"[pipelines.{section}.main]\n{text}\n", encoding="utf-8")
    (store,) = task_stores(load(file, sections(), {}))
    return store


def bench_of(kind: str, folder: Path, postgres_url: str | None = None, more: str = "") -> Bench:
    tasks = folder / "tasks"
    if kind in ("files", "renamed"):
        tasks.mkdir()
        writers = "client" if kind == "files" else "rename"
        return Files(opened(folder, "folder", f'path = "{tasks}"\nwriters = "{writers}"\n{more}'), tasks)
    if kind.startswith("list"):
        file, key = folder / "tasks.json", "tasks" if kind != "list" else None
        text = f'path = "{file}"\nwriters = "client"\n' + (f'key = "{key}"\n' if key else "")
        made = ListFile(opened(folder, "folder", text + more), file, key)
        made._write([])
        return made
    url = f"sqlite:///{folder / 'tasks.db'}" if kind == "sqlite" else postgres_url
    assert url is not None
    make_table(url, "DOUBLE PRECISION" if kind == "postgresql" else "REAL")
    return Rows(opened(folder, "sql", f'url = "{url}"\ntable = "tasks"\n{more}'), url)
