"""See guardian.ports.TaskStore."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, inspect

from guardian.errors import RemedyError, SourceError
from guardian.pipelines.base import Now
from guardian.pipelines.shared.fields import Names, changed, task_of
from guardian.pipelines.shared.readings import recent
from guardian.pipelines.sql.connect import DatabaseError, connected, engine, file_of
from guardian.pipelines.sql.queries import Queries
from guardian.ports import DamagedTask, PipelineTask, TaskChange, TaskReading

_MOST_OTHERS = 2000
_NO_ID = "has no id that can be used"
_NO_CHANGE = "its table has no column for the worker or the retries, so it is only observed"


@dataclass(frozen=True)
class Terms:
    """What is configured. `about`: what each reading says of the store."""

    url: str
    table: str
    names: Names
    most: int
    seconds: float
    about: Any


@dataclass(frozen=True)
class Rows:
    """The store itself."""

    name: str
    terms: Terms
    now: Now

    @cached_property
    def engine(self) -> Engine:
        return engine(self.terms.url, self.terms.seconds)

    @cached_property
    def queries(self) -> Queries:
        return Queries(self.terms.table, self.terms.names)

    def read(self, within: timedelta) -> TaskReading:
        now, reading = self.now(), TaskReading(self.name, observe_only=self._observe_only, **self.terms.about)
        file = file_of(self.terms.url)
        if file is not None and not file.exists():
            return replace(reading, error=f"{file} is not there", absent=True)
        try:
            rows = self._rows()
        except DatabaseError as error:
            return replace(reading, error=str(error))
        tasks, damaged = self._sorted(rows, now)
        return replace(reading, tasks=recent(tasks, now - within), damaged=damaged)

    def find(self, task: str) -> PipelineTask | None:
        try:
            with connected(self.engine) as connection:
                rows = connection.execute(self.queries.one(task)).mappings().all()
        except DatabaseError as error:
            raise SourceError(self.name, str(error)) from None
        tasks, _ = self._sorted(rows, self.now())
        return next(iter(tasks), None)

    def change(self, seen: PipelineTask, change: TaskChange) -> bool:
        if self._observe_only:
            raise RemedyError(self._observe_only, done=False)
        try:
            with connected(self.engine.execution_options(write=True)) as connection:
                row = connection.execute(self.queries.one(seen.id)).mappings().first()
                if row is None:
                    return False
                values = changed(self.queries.data(row), change, self.terms.names)  # in the form that its times have
                return connection.execute(self.queries.update(seen, values)).rowcount > 0
        except DatabaseError as error:
            raise RemedyError(f"{self.name}: {error}", done=None if error.connected else False) from None

    def set_aside(self, damaged: str) -> str:
        raise RemedyError(f"{damaged}: a row is not set aside", done=False)

    def unindexed(self) -> Sequence[str]:
        schema, _, name = self.terms.table.rpartition(".")
        try:
            with connected(self.engine) as connection:
                about = inspect(connection)
                lists: list[Sequence[str | None]] = [
                    each["column_names"] for each in about.get_indexes(name, schema or None)
                ]
                lists += [each["column_names"] for each in about.get_unique_constraints(name, schema or None)]
                lists.append(about.get_pk_constraint(name, schema or None)["constrained_columns"])
        except DatabaseError as error:
            raise SourceError(self.name, str(error)) from None
        first = {names[0] for names in lists if names}
        searched = (self.terms.names.fields[name] for name in ("id", "state", "created_at"))
        return [column for column in searched if column and column not in first]

    @property
    def _observe_only(self) -> str | None:
        there = self.terms.names.fields
        return None if there["retries"] and there["worker"] else _NO_CHANGE

    def _rows(self) -> Sequence[Any]:
        with connected(self.engine) as connection:
            found = connection.execute(self.queries.open(self.terms.most + 1)).mappings().all()
            if len(found) > self.terms.most:
                raise DatabaseError(f"over {self.terms.most} open tasks (`most`)", connected=True)
            others = self.queries.others(_MOST_OTHERS)
            return found if others is None else [*found, *connection.execute(others).mappings().all()]

    def _sorted(self, rows: Sequence[Any], now: datetime) -> tuple[Sequence[PipelineTask], Sequence[DamagedTask]]:
        tasks: dict[str, PipelineTask] = {}
        damaged = []
        for number, row in enumerate(rows):
            task = task_of(self.queries.data(row), self.queries.version(row), self.terms.names, now)
            if task is None:
                damaged.append(DamagedTask(f"row {number}", _NO_ID))
            elif task.id in tasks:
                tasks[task.id] = replace(tasks[task.id], doubt="several rows have its id")
            else:
                tasks[task.id] = task
        return list(tasks.values()), damaged
