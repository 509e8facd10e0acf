"""Where a work queue of the users' is, as `[checks.cursor_queue.queues.NAME]` says it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from guardian.config.urls import redis_url, server_url
from guardian.settings import Model, PositiveDuration, Secret, UserPath, at_most, one_of, text_of

_NAME, _COLUMN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", r"[A-Za-z_][A-Za-z0-9_]{0,62}"

QueueName = Annotated[
    str,
    text_of(_NAME, "named by 1 to 64 letters, digits, `_`, `.` or `-`, the first a letter or digit"),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"}),
]
_Text = Annotated[str, Field(min_length=1, max_length=300)]
_ColumnName = Annotated[str, text_of(_COLUMN, "a column's name: letters, digits and `_`")]
_TableName = Annotated[str, text_of(rf"(?:{_COLUMN}\.)?{_COLUMN}", "a table's name, or SCHEMA.TABLE")]


def _reads(query: str) -> str:
    """The database is asked to see to it as well: this only finds what is a mistake."""
    words = query.split(maxsplit=1)
    if not words or words[0].lower() not in ("select", "with") or ";" in query:
        raise ValueError("must be one SELECT, without `;`: it is only to read")
    return query


class End(StrEnum):
    """Of a list."""

    LEFT = "left"
    RIGHT = "right"


class Queue(Model):
    """One queue: exactly one of `folder`, `redis_list`, `table`, `query` and `celery_queue` says where it is."""

    group: _Text | None = None
    """Queues of one group do the same work: where one holds much more than another, items are moved."""
    max_depth: int | None = Field(None, ge=0, examples=[500], json_schema_extra={"default_is": "that of the check"})
    """More items than this fail."""
    max_age: PositiveDuration | None = Field(
        None, examples=["1h"], json_schema_extra={"default_is": "that of the check"}
    )
    """An item that waits longer fails, where its age is known."""
    folder: UserPath | None = Field(None, examples=["/srv/agents/inbox"])
    """A folder in which each file is an item; a file's age is that of its last change."""
    pattern: _Text = "*"
    """Which files of the folder, shell-style. Hidden ones only where the pattern begins with a dot."""
    redis_list: _Text | None = Field(None, examples=["jobs"])
    """A Redis list, by its key; `url` says where."""
    newest: Annotated[End, one_of(End)] = End.LEFT
    """The end of the list to which items are added: `left` (LPUSH) or `right` (RPUSH)."""
    table: _TableName | None = Field(None, examples=["tasks"])
    """A table in which each row that is like `where` is an item; `url` says in which database."""
    where: Mapping[_ColumnName, str | int | bool] = Field(default_factory=dict, examples=[{"state": "waiting"}])
    """What the columns of an item hold. Moving an item gives it what the other queue's items have there."""
    key: _ColumnName | None = Field(None, examples=["id"])
    """The column that tells rows apart. Without it, nothing is moved."""
    time: _ColumnName | None = Field(None, examples=["created_at"])
    """Where the time stands at which an item came: the table's column, or the field of a list's JSON items. A date,
    ISO 8601, or seconds or milliseconds since 1970."""
    query: Annotated[_Text, AfterValidator(_reads)] | None = Field(None, examples=["SELECT count(*) FROM waiting_jobs"])
    """Or a SELECT that gives the number of items, and in a second column, if you like, when the oldest came. The
    database is told that it only reads."""
    celery_queue: _Text | None = Field(None, examples=["celery"])
    """A queue of Celery's, or of whatever else uses kombu; `url` is the broker's. Nothing is ever taken out of it."""
    url: Secret | None = Field(None, examples=["redis://127.0.0.1:6379/0"])
    """Redis as redis-py writes it, a database as SQLAlchemy, a broker as Celery."""
    url_file: UserPath | None = Field(None, examples=["/run/secrets/queue_url"])
    """A file whose first line is that address."""
    url_env: str | None = Field(None, examples=["QUEUE_URL"])
    """An environment variable that holds it."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        kinds = ("folder", "redis_list", "table", "query", "celery_queue")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"must have exactly one of `{'`, `'.join(kinds)}`")
        if self.folder is None and (self.url, self.url_file, self.url_env) == (None, None, None):
            raise ValueError("has no address: give it `url`, `url_file` or `url_env`")
        if self.url is not None:
            (redis_url if self.redis_list else server_url)(self.url)
        return self


class Params(Model):
    """Of the check: the limits of every queue, and the queues."""

    max_depth: int | None = Field(None, ge=0, examples=[1000])
    """More items than this in any queue fail."""
    max_age: PositiveDuration | None = Field(None, examples=["6h"])
    """An item that waits longer in any queue fails, where its age is known."""
    uneven_times: float = Field(3.0, ge=1.1, le=1000)
    """A group is uneven where its deepest queue holds so many times as much as its shallowest ..."""
    uneven_by: int = Field(20, ge=2, le=1_000_000)
    """... and at least so many items more."""
    move_most: int = Field(200, ge=1, le=10_000)
    """The most items that one heal moves."""
    answer: Annotated[PositiveDuration, at_most(timedelta(seconds=20))] = timedelta(seconds=5)
    """A queue that does not answer within this is unknown. At most 20s."""
    queues: Mapping[QueueName, Queue] = Field(
        default_factory=dict, examples=[{"inbox": {"folder": "/srv/agents/inbox", "max_age": "1h"}}]
    )
    """The queues, each a table of its own with a name of your choice: `[checks.cursor_queue.queues.inbox]`."""
