"""Tasks as JSON files: a folder with one task a file, or one file with a list of them.

What may be changed depends on how the others write: holding the client's lock; or, on Linux, by renaming whole files
into place, so that a file can be exchanged and put back. Files that are rewritten in place are only observed.
"""

import errno
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from guardian.errors import GuardianError, RemedyError, SourceError
from guardian.pipelines.base import Now, PipelinePlugin, StoreParams, utc_now
from guardian.pipelines.shared.exchange import exists
from guardian.pipelines.shared.fields import Names, changed, printable, task_of
from guardian.pipelines.shared.readings import recent
from guardian.pipelines.shared.taskfiles import DamageError, Entry, TaskFiles
from guardian.ports import DamagedTask, PipelineTask, TaskChange, TaskReading
from guardian.settings import ByteSize, UserPath

_T = TypeVar("_T")

_IN_PLACE = "nobody said how its writers write (`writers`), so it is only observed"
_LIST = "a list whose writers do not hold the client's lock is only observed"
_NO_EXCHANGE = "only Linux can exchange two files: have its writers hold the client's lock (`writers`)"
_NOT_HERE = (errno.EINVAL, errno.ENOSYS, errno.EXDEV)
_UNTOUCHED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENAMETOOLONG, *_NOT_HERE)


class Params(StoreParams):
    """Tasks as JSON files: a folder with one task a file, or one file with a list."""

    path: UserPath = Field(examples=["/srv/agents/tasks"], json_schema_extra={"default_is": "none: it is required"})
    """The folder, or the file."""
    pattern: str = Field("*.json", min_length=1, max_length=200)
    """Which files of the folder are tasks, shell-style; hidden ones never are."""
    key: str | None = Field(None, examples=["tasks"])
    """Where the file holds an object: the key under which it has the list."""
    writers: Literal["client", "rename", "in_place"] = "in_place"
    """How the others write. `client`: by guardian.client, or holding the same lock. `rename`: each a whole new file,
    renamed into place (on Linux; not for a list). `in_place`: in any other way, so Guardian only observes."""
    largest: ByteSize = 16_000_000
    """A larger file is not read."""


@dataclass(frozen=True)
class Folder:
    """See guardian.ports.TaskStore."""

    name: str
    params: Params
    names: Names
    files: TaskFiles
    now: Now = utc_now

    @property
    def limits(self) -> Mapping[str, timedelta]:
        return self.params.limits

    def read(self, within: timedelta) -> TaskReading:
        now, observe_only = self.now(), self._observe_only()
        reading = TaskReading(self.name, observe_only=observe_only, **self.params.about)
        try:
            if observe_only is None:
                with suppress(OSError, GuardianError):  # else the next change does it
                    self.files.recover()
            entries = self.files.entries()
        except FileNotFoundError:
            return replace(reading, error=f"{self.files.place} is not there", absent=True)
        except OSError as error:
            return replace(reading, error=f"{self.files.place} cannot be read: {error.strerror}")
        except DamageError as error:
            return replace(reading, error=str(error))
        tasks, damaged = self._sorted(entries, now)
        return replace(reading, tasks=recent(tasks, now - within), damaged=damaged)

    def find(self, task: str) -> PipelineTask | None:
        now = self.now()
        try:
            if (quick := self._by_file_name(task)) and (found := self._task(quick, now)) and found.id == task:
                return found
            tasks, _ = self._sorted(self.files.entries(), now)
        except (OSError, DamageError) as error:
            raise SourceError(self.name, str(error)) from None
        return next((each for each in tasks if each.id == task), None)

    def change(self, seen: PipelineTask, change: TaskChange) -> bool:
        return self._tried(lambda: self.files.update(seen.version, lambda data: changed(data, change, self.names)))

    def set_aside(self, damaged: str) -> str:
        def move() -> str:
            names = [each.name for each in self.files.entries() if printable(each.name) == damaged]
            if len(names) != 1 or self.files.a_list:
                raise DamageError(f"{damaged} is not as it was")
            return str(self.files.set_aside(names[0]))

        return self._tried(move)

    def _tried(self, act: Callable[[], _T]) -> _T:
        if why := self._observe_only():
            raise RemedyError(why, done=False)
        try:
            return act()
        except OSError as error:
            why = _NO_EXCHANGE if error.errno in _NOT_HERE else f"{self.files.place}: {error.strerror}"
            raise RemedyError(why, done=False if error.errno in _UNTOUCHED else None) from None
        except GuardianError as error:
            raise RemedyError(str(error), done=False) from None

    def _observe_only(self) -> str | None:
        if self.params.writers == "client":
            return None
        if self.params.writers == "in_place":
            return _IN_PLACE
        if not exists():
            return _NO_EXCHANGE
        return _LIST if self.params.key is not None or self.files.place.is_file() else None

    def _by_file_name(self, task: str) -> Entry | None:
        name = f"{task}{Path(self.params.pattern).suffix}"
        if self.files.a_list or Path(name).name != name:
            return None
        return self.files.entry(name)

    def _sorted(self, entries: Sequence[Entry], now: datetime) -> tuple[Sequence[PipelineTask], Sequence[DamagedTask]]:
        """What two claim to be is one to doubt, and the second is named."""
        tasks: dict[str, PipelineTask] = {}
        damaged: list[DamagedTask] = []
        for entry in entries:
            name, task = printable(entry.name), self._task(entry, now)
            if task is None:
                damaged.append(_damage(entry))
            elif task.id in tasks:
                tasks[task.id] = replace(tasks[task.id], doubt=f"its id is also in {name}")
                damaged.append(DamagedTask(name, f"has the id of another: {task.id}"))
            else:
                tasks[task.id] = task
        return list(tasks.values()), damaged

    def _task(self, entry: Entry, now: datetime) -> PipelineTask | None:
        if entry.data is None:
            return None
        if self.files.a_list:
            return task_of(entry.data, entry.version, self.names, now)
        since = datetime.fromtimestamp(min(max(entry.changed_at or 0, 0), now.timestamp()), UTC)
        stem = printable(Path(entry.name).stem)
        return task_of(entry.data, entry.version, self.names, now, id_=stem, since=since)


def _damage(entry: Entry) -> DamagedTask:
    since = None if entry.changed_at is None else datetime.fromtimestamp(entry.changed_at, UTC)
    return DamagedTask(printable(entry.name), entry.damage or "has no id that can be used", since, entry.movable)


def open_folder(name: str, params: Params) -> Folder:
    files = TaskFiles(
        params.path, params.pattern, params.key, lockless=params.writers == "rename", largest=params.largest
    )
    return Folder(name, params, params.names, files)


PIPELINE = PipelinePlugin("JSON files", params=Params, open=open_folder)
