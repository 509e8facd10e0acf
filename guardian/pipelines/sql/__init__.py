"""Tasks as rows of a SQL table, on SQLite and PostgreSQL. Each change is one conditional UPDATE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from guardian.config.urls import history_url
from guardian.pipelines.base import Now, PipelinePlugin, StoreParams, utc_now
from guardian.ports import PipelineTask, TaskChange, TaskReading
from guardian.settings import PositiveDuration, Secret, UserPath, text_of

if TYPE_CHECKING:  # SQLAlchemy is loaded at the first use of a store
    from guardian.pipelines.sql.rows import Rows

TableName = Annotated[
    str, text_of(r"[^.\x00]{1,63}(\.[^.\x00]{1,63})?", "a table's name, with or without its schema's")
]


class Params(StoreParams):
    """Tasks as rows of a SQL table."""

    url: Annotated[Secret, AfterValidator(history_url)] | None = Field(
        None,
        examples=["postgresql://guardian@db.example.com/agents"],
        json_schema_extra={"default_is": "none: one of the three is required"},
    )
    """The database: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME (needs the extra `postgresql`)."""
    url_file: UserPath | None = Field(None, examples=["/run/secrets/tasks_url"])
    """A file whose first line is the URL."""
    url_env: str | None = Field(None, examples=["TASKS_DATABASE_URL"])
    """An environment variable that holds it."""
    table: TableName = Field(examples=["tasks"], json_schema_extra={"default_is": "none: it is required"})
    """The table, as `table` or `schema.table`."""
    most: int = Field(20_000, ge=1, le=1_000_000)
    """The most open tasks that are read."""
    timeout: PositiveDuration = timedelta(seconds=3)
    """For connecting, and for one statement."""

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.url is None and self.url_file is None and self.url_env is None:
            raise ValueError("has no address: give it `url`, `url_file` or `url_env`")
        return self


@dataclass(frozen=True)
class Sql:
    """See guardian.ports.TaskStore. Rows does the work."""

    name: str
    params: Params
    now: Now = utc_now

    @cached_property
    def rows(self) -> "Rows":
        from guardian.pipelines.sql.rows import Rows, Terms  # noqa: PLC0415  0.3 s

        given = self.params
        url, seconds = given.url.get_secret_value() if given.url else "", given.timeout.total_seconds()
        return Rows(self.name, Terms(url, given.table, given.names, given.most, seconds, given.about), self.now)

    @property
    def limits(self) -> Mapping[str, timedelta]:
        return self.params.limits

    def read(self, within: timedelta) -> TaskReading:
        return self.rows.read(within)

    def find(self, task: str) -> PipelineTask | None:
        return self.rows.find(task)

    def change(self, seen: PipelineTask, change: TaskChange) -> bool:
        return self.rows.change(seen, change)

    def set_aside(self, damaged: str) -> str:
        return self.rows.set_aside(damaged)

    def unindexed(self) -> Sequence[str]:
        """Columns that are searched and that no index of the table begins with. Raises SourceError."""
        return self.rows.unindexed()


PIPELINE = PipelinePlugin("SQL table", params=Params, open=Sql)
