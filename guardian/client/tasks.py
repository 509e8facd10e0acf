"""Tasks in a folder of JSON files, one a file, or in a file with a list: taken, finished and added under one lock.

The same functions write as in Guardian, so that a roll back and a result never overwrite each other. A task that was
given away meanwhile (its `attempt` is another one) takes no result of whoever had it before.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from guardian.pipelines.shared.fields import FIELDS, STATES, Names, changed, printable, task_of, time_like
from guardian.pipelines.shared.lockfile import BusyError, locked
from guardian.pipelines.shared.taskfiles import Edit, Entry, TaskFiles
from guardian.ports.tasks import PipelineTask, TaskChange, TaskState

_TRIES = 50
_FAILURES = 2
"""So often may one worker have failed a task; then it is another one's."""

_TIMES = ("state_since", "created_at", "heartbeat_at", "not_before")


@dataclass(frozen=True)
class Claimed:
    """A task that this worker has. `data` is the whole of it, as it was when it was taken."""

    id: str
    worker: str
    attempt: int
    kind: str | None
    subject: str | None
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class TaskFolder:
    """`place`: a folder in which each file that `pattern` names is a task, or a file with a list of them (under `key`
    where it is an object). `fields` and `states` rename what is called otherwise there, as in `[pipelines.folder.NAME]`
    (whose `writers` is then `client`).

    All methods raise OSError, and GuardianError when the lock is held for too long or the place is damaged.
    """

    place: Path
    pattern: str = "*.json"
    key: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def claim(self, worker: str, *, kind: str | None = None) -> Claimed | None:
        """Take the oldest task that is free, or assigned to this worker; of this kind where one is named. None when
        there is none."""
        now = datetime.now(UTC)
        found = [(task, entry) for entry in self._files.entries() if (task := self._task(entry, now))]
        free = [(task, entry) for task, entry in found if _is_free(task, worker, kind, now)]
        for task, entry in sorted(free, key=lambda each: (each[0].created_at or now, each[0].id)):
            values = self._begun(entry.data or {}, task, worker, now)
            if self._files.update(entry.version, _always(values)):
                data = {**(entry.data or {}), **values}
                return Claimed(task.id, worker, task.attempt, task.kind, task.subject, data)
        return None

    def finish(self, task: Claimed, *, failed: bool = False, **values: Any) -> bool:
        """It is done, or it failed; `values` are written beside that. False, and nothing is written, when the task is
        not this worker's any more: rolled back, given to another, finished or gone."""

        def ended(data: Mapping[str, Any], now: PipelineTask) -> Mapping[str, Any]:
            failures = [*now.failed_workers, task.worker] if failed else now.failed_workers
            state = TaskState.FAILED if failed else TaskState.DONE
            change = TaskChange(state, task.worker, now.retries, now.attempt, now.not_before, failures)
            return {**values, **changed(data, change, self._names)}

        return self._change(task, ended)

    def alive(self, task: Claimed) -> bool:
        """This worker is still at it, said in the task itself. False when the task is not its own any more: then what
        it does is for nothing."""
        return self._change(task, lambda data, _: self._time("heartbeat_at", data, datetime.now(UTC)))

    def add(self, id_: str, **task: Any) -> bool:
        """A new task in a folder, free to take. Keys are as they stand in the file. False when there is a task of this
        id already."""
        name = f"{id_}{PurePath(self.pattern).suffix}"
        if (
            self._files.a_list
            or not id_
            or PurePath(name).name != name
            or name.startswith(".")
            or printable(id_) != id_
        ):
            raise ValueError(f"{id_!r} cannot be a file's name in {self.place}")
        names = self._names
        own = {names.fields["id"]: id_, names.fields["state"]: names.written(TaskState.ASSIGNED)}
        created = self._time("created_at", task, datetime.now(UTC))
        with locked(self.place):
            return _put_new(self.place / name, {**own, **created, **task})

    @property
    def _files(self) -> TaskFiles:
        return TaskFiles(Path(self.place), self.pattern, self.key)

    @property
    def _names(self) -> Names:
        states = {state: tuple(self.states.get(state.value, written)) for state, written in STATES.items()}
        return Names({**FIELDS, **self.fields}, states)

    def _task(self, entry: Entry, now: datetime) -> PipelineTask | None:
        if entry.data is None:
            return None
        stem = None if self._files.a_list else printable(Path(entry.name).stem)
        return task_of(entry.data, entry.version, self._names, now, id_=stem)

    def _begun(self, data: Mapping[str, Any], task: PipelineTask, worker: str, now: datetime) -> dict[str, Any]:
        change = TaskChange(TaskState.DOING, worker, task.retries, task.attempt, None, task.failed_workers)
        return {**changed(data, change, self._names), **self._time("state_since", data, now)}

    def _time(self, name: str, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Written as the times of this task are."""
        names = self._names.fields
        keys = [names.get(each) for each in _TIMES]
        sample = next((data[key] for key in keys if key and data.get(key) not in (None, "")), None)
        return {names[name]: time_like(at, sample)} if names.get(name) else {}

    def _change(self, mine: Claimed, values: Callable[[Mapping[str, Any], PipelineTask], Mapping[str, Any]]) -> bool:
        for _ in range(_TRIES):
            now = datetime.now(UTC)
            found = next(((task, entry) for task, entry in self._seen(mine, now) if task.id == mine.id), None)
            if found is None or not _is_of(found[0], mine):
                return False
            task, entry = found
            wanted = values(entry.data or {}, task)
            if self._files.update(entry.version, _always(wanted)):
                return True
        raise BusyError(f"task {mine.id} is changed by others all the time")

    def _seen(self, mine: Claimed, now: datetime) -> Sequence[tuple[PipelineTask, Entry]]:
        """The one that its file's name promises, else all."""
        name = f"{mine.id}{PurePath(self.pattern).suffix}"
        quick = None if self._files.a_list or PurePath(name).name != name else self._files.entry(name)
        if quick and (task := self._task(quick, now)) and task.id == mine.id:
            return [(task, quick)]
        return [(task, entry) for entry in self._files.entries() if (task := self._task(entry, now))]


def _always(values: Mapping[str, Any]) -> Edit:
    return lambda _: values


def _is_free(task: PipelineTask, worker: str, kind: str | None, now: datetime) -> bool:
    """What a field says that cannot be believed is left alone, as Guardian does."""
    return (
        task.state is TaskState.ASSIGNED
        and task.doubt is None
        and task.worker in (None, worker)
        and (task.not_before is None or task.not_before <= now)
        and kind in (None, task.kind)
        and task.failed_workers.count(worker) < _FAILURES
    )


def _is_of(task: PipelineTask, mine: Claimed) -> bool:
    return (task.state, task.worker, task.attempt) == (TaskState.DOING, mine.worker, mine.attempt)


def _put_new(path: Path, task: Mapping[str, Any]) -> bool:
    """Whole or not at all, and never over another. Under the lock."""
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(task, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        return False
    finally:
        with suppress(FileNotFoundError):
            new.unlink()
    return True
