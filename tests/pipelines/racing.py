"""What the processes of the race do: workers that create, claim and finish tasks, and Guardians that mend them, each as
fast as it can. Each gives what it believes to have done."""

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg

from guardian.decide.stuck import Patience
from guardian.errors import GuardianError, RemedyError
from guardian.heal import reassign_task, roll_back_task
from guardian.logs.tail import LogTail
from guardian.pipelines.shared.lockfile import BusyError
from guardian.pipelines.shared.taskfiles import Entry, TaskFiles
from guardian.pipelines.sql import rows  # noqa: F401  loaded before the processes are forked
from guardian.ports import NeverActed, Ports
from tests.pipelines.benches import opened

MOST, HELD = 150, 5
OVER, MENDED = "over", "mended"
"""Files: the race is over; how many tasks a Guardian mended so far."""
IMPATIENT = Patience(max_age=timedelta(milliseconds=1), retries=3)


@dataclass
class Journal:
    """`claimed`: id and attempt; `finished`: id and the result that was taken."""

    created: list[str] = field(default_factory=list)
    claimed: list[tuple[str, int]] = field(default_factory=list)
    finished: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    mended: Counter[str] = field(default_factory=Counter)
    wrong_reads: int = 0
    lost: list[str] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)


class Hands(Protocol):
    """How a worker of some store changes its tasks."""

    def create(self, id_: str) -> None: ...

    def claim(self, worker: str) -> tuple[str, int] | None: ...

    def finish(self, id_: str, attempt: int, worker: str, state: str, result: str) -> bool: ...


@dataclass
class SqlHands:
    url: str

    def create(self, id_: str) -> None:
        self._run(
            "INSERT INTO tasks (id, state, kind, created_at, retry_count, attempt) "
            "VALUES (?, 'assigned', 'k', ?, 0, 0)",
            id_,
            time.time(),
        )

    def claim(self, worker: str) -> tuple[str, int] | None:
        found = self._run(
            "UPDATE tasks SET state = 'doing', worker = ?, started_at = ? WHERE state = 'assigned' "
            "AND (worker IS NULL OR worker = ?) AND id = (SELECT id FROM tasks WHERE state = 'assigned' "
            "AND (worker IS NULL OR worker = ?) LIMIT 1) RETURNING id, attempt",
            worker,
            time.time(),
            worker,
            worker,
        )
        return found[0] if found else None

    def finish(self, id_: str, attempt: int, worker: str, state: str, result: str) -> bool:
        return bool(
            self._run(
                "UPDATE tasks SET state = ?, source = ? "
                "WHERE id = ? AND state = 'doing' AND worker = ? AND attempt = ? RETURNING id",
                state, result, id_, worker, attempt,
            )
        )  # fmt: skip

    def _run(self, sql: str, *values: object) -> list[Any]:
        with self._connected() as connection:
            text = sql if self.url.startswith("sqlite") else sql.replace("?", "%s")
            cursor = connection.execute(text, values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        if self.url.startswith("sqlite"):
            connection: Any = sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        else:
            connection = psycopg.connect(self.url, autocommit=True)
        try:
            yield connection
        finally:
            connection.close()


@dataclass
class FileHands:
    files: TaskFiles

    def create(self, id_: str) -> None:
        new = self.files.place / f".{id_}.new"
        new.write_text(json.dumps({"id": id_, "state": "assigned", "kind": "k", "created_at": time.time()}))
        new.rename(self.files.place / f"{id_}.json")

    def claim(self, worker: str) -> tuple[str, int] | None:
        names = [path.name for path in self.files.place.glob("[a-z]*.json")]
        for name in random.sample(names, min(10, len(names))):
            entry = self.files.entry(name)
            if entry is not None and _is_free(entry, worker):
                doing = {"state": "doing", "worker": worker, "started_at": time.time()}
                if self._update(entry, doing) and entry.data is not None:
                    return entry.data["id"], entry.data.get("attempt", 0)
        return None

    def finish(self, id_: str, attempt: int, worker: str, state: str, result: str) -> bool:
        entry = self.files.entry(f"{id_}.json")
        if entry is None or entry.data is None:
            return False
        mine = ("doing", worker, attempt)
        if (entry.data["state"], entry.data["worker"], entry.data.get("attempt", 0)) != mine:
            return False
        return self._update(entry, {"state": state, "source": result})

    def _update(self, entry: Entry, values: dict[str, object]) -> bool:
        try:
            return self.files.update(entry.version, lambda _: values, seconds=10)
        except BusyError:
            return False


def _is_free(entry: Entry, worker: str) -> bool:
    data = entry.data or {}
    return data.get("state") == "assigned" and data.get("worker") in (None, worker)


def work(hands: Hands, folder: Path, number: int) -> Journal:
    worker, journal, dice = f"w{number}", Journal(), random.Random(number)
    held: list[tuple[str, int]] = []
    while not (folder / OVER).exists():
        if len(journal.created) < MOST and dice.random() < 0.4:
            id_ = f"t{number}-{len(journal.created)}"
            hands.create(id_)
            journal.created.append(id_)
        if (claim := hands.claim(worker)) is not None:
            journal.claimed.append(claim)
            held.append(claim)
        if len(held) > HELD:
            finish(hands, journal, held.pop(dice.randrange(len(held))), worker, dice)
    return journal


def finish(hands: Hands, journal: Journal, claim: tuple[str, int], worker: str, dice: random.Random) -> None:
    result = f"{worker} {claim[1]} {dice.random()}"
    if hands.finish(*claim, worker, dice.choice(("done", "done", "failed")), result):
        assert claim[0] not in journal.finished, "finished twice"
        journal.finished[claim[0]] = result
    else:
        journal.refused += 1


def work_without_a_lock(tasks: Path, folder: Path, number: int) -> Journal:
    """Its own tasks, renamed into place whole without looking at any lock. What it wrote last is what it must find,
    whatever Guardian made of the state meanwhile."""
    journal, dice = Journal(), random.Random(number)
    for each in range(20):
        journal.last[f"t{number}-{each}"] = -1
    while not (folder / OVER).exists():
        id_ = dice.choice(list(journal.last))
        path, last = tasks / f"{id_}.json", journal.last[id_]
        if last >= 0 and _sequence(path) != last:
            if settled(path, last):
                journal.wrong_reads += 1
            else:
                journal.lost.append(id_)
        task = {
            "id": id_,
            "state": dice.choice(("assigned", "doing", "doing", "done")),
            "kind": "k",
            "worker": f"w{number}",
        }
        new = tasks / f".{id_}.new"
        new.write_text(json.dumps({**task, "started_at": time.time() - 60, "sequence": last + 1}))
        new.rename(path)
        journal.last[id_] = last + 1
    return journal


def settled(path: Path, sequence: int) -> bool:
    """Whether it is right within a second: only for a moment it was not."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        if _sequence(path) == sequence:
            return True
        time.sleep(0.001)
    return False


def _sequence(path: Path) -> int:
    return int(json.loads(path.read_bytes())["sequence"])


def guard(folder: Path, section: str, text: str, number: int) -> Journal:
    """Rolls back and reassigns whatever is in doing, by the real remedies."""
    own = folder / f"g{number}"
    own.mkdir()
    store, journal, dice = opened(own, section, text), Journal(), random.Random(-number)
    ports = Ports("n", [], NeverActed(), LogTail(), tasks=(store,))
    while not (folder / OVER).exists():
        reading = store.read(timedelta(0))
        if reading.error is not None:
            journal.mended[f"blind: {reading.error}"] += 1
        doing = [task for task in reading.tasks if task.state == "doing"]
        for task in dice.sample(doing, min(5, len(doing))):
            act: Callable[..., Any] = dice.choice((roll_back_task.act, reassign_task.act))
            try:
                done = act(ports, f"main/{task.id}", IMPATIENT)
                journal.mended[f"{act.__module__.rpartition('.')[2]} {done.changed}"] += 1
            except RemedyError as error:
                journal.mended[str(error)[:60]] += 1
            except GuardianError as error:  # whatever else: seen by the test
                journal.lost.append(str(error))
        (own / MENDED).write_text(str(sum(count for what, count in journal.mended.items() if what.endswith("True"))))
    return journal
