"""A worker is lost in the middle of a task that has a limit of its own."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from sqlite3 import connect

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Scene

_AGE = 3600
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.stuck_tasks]
[pipelines.sql.drill]
url = "sqlite:///{database}"
table = "tasks"
workers = ["writer-1", "writer-2", "writer-3"]
limits = {{article = "10m"}}
"""
)
_TABLE = """CREATE TABLE tasks (id TEXT PRIMARY KEY, state TEXT, kind TEXT, subject TEXT, worker TEXT, source TEXT,
created_at REAL, started_at REAL, heartbeat_at REAL, not_before REAL, retry_count INTEGER, attempt INTEGER,
failed_workers TEXT)"""


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    """writer-2 has something to do already, so writer-3 is to get it."""
    database = folder / "tasks.db"
    with closing(connect(database)) as session, session:
        session.execute(_TABLE)
        columns = "id, state, kind, worker, created_at, started_at"
        put = f"INSERT INTO tasks ({columns}) VALUES (?, 'doing', 'article', ?, ?, ?)"  # noqa: S608
        for id_, worker in (("task-1", "writer-1"), ("task-2", "writer-2")):
            session.execute(put, (id_, worker, time.time(), time.time()))

    def loses() -> None:
        with closing(connect(database)) as session, session:
            session.execute("UPDATE tasks SET started_at = ? WHERE id = 'task-1'", (time.time() - _AGE,))

    words = "a SQLite table of two tasks, with a limit of 10 minutes for their kind, and three workers"
    yield Staged(_CONFIG.format(database=database), words, loses, lambda: _moved(database))


def _moved(database: Path) -> str:
    with closing(connect(database)) as session:
        rows = session.execute(
            "SELECT id, state, worker, retry_count, failed_workers FROM tasks ORDER BY id"
        ).fetchall()
    wanted = [
        ("task-1", "assigned", "writer-3", 1, json.dumps(["writer-1"])),
        ("task-2", "doing", "writer-2", None, None),
    ]
    if rows != wanted:
        raise SandboxError(f"the tasks are {rows}")
    return "task-1 is assigned to writer-3, who has nothing to do; writer-1 is noted as one that failed it"


SCENE = Scene(
    "A worker is lost in the middle of a task, and another one gets it",
    "stuck_tasks",
    stage,
    limit=timedelta(seconds=60),
)
