"""What a kind of task store is: its settings, and how to open one. And the settings that every kind has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from guardian.pipelines.shared.fields import FIELDS, STATES, Names
from guardian.ports import TaskState, TaskStore
from guardian.settings import Model, PositiveDuration

_Name = Annotated[str, Field(min_length=1, max_length=200)]
_MaybeNamed = Annotated[str, Field(max_length=200)]
_StateNames = Annotated[tuple[_Name, ...], Field(min_length=1, strict=False)]


Now = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Fields(Model):
    """What a task's fields are called there. One that is not there is given an empty name. Times are seconds or
    milliseconds since 1970, or ISO 8601, where one without a zone is UTC."""

    id: _Name = FIELDS["id"]
    """What names a task. In a folder of files, a task without one is named by its file."""
    state: _Name = FIELDS["state"]
    """Its state."""
    kind: _MaybeNamed = FIELDS["kind"]
    """What sort of task it is."""
    subject: _MaybeNamed = FIELDS["subject"]
    """What it is about."""
    worker: _MaybeNamed = FIELDS["worker"]
    """Who works on it."""
    source: _MaybeNamed = FIELDS["source"]
    """Where its present state was written from."""
    created_at: _MaybeNamed = FIELDS["created_at"]
    """When it was created."""
    state_since: _MaybeNamed = FIELDS["state_since"]
    """When its worker began."""
    heartbeat_at: _MaybeNamed = FIELDS["heartbeat_at"]
    """When its worker was last seen at it."""
    not_before: _MaybeNamed = FIELDS["not_before"]
    """Until when it must not be begun again; written by a roll back."""
    retries: _MaybeNamed = FIELDS["retries"]
    """How often it was rolled back."""
    attempt: _MaybeNamed = FIELDS["attempt"]
    """How often it was given out anew; a result of an older attempt is refused by the client."""
    failed_workers: _MaybeNamed = FIELDS["failed_workers"]
    """A JSON list of who failed it."""


class States(Model):
    """What the states are called there, in small letters or large. The first name is the one that is written."""

    assigned: _StateNames = tuple(STATES[TaskState.ASSIGNED])
    """Waiting for a worker."""
    doing: _StateNames = tuple(STATES[TaskState.DOING])
    """Being worked on."""
    done: _StateNames = tuple(STATES[TaskState.DONE])
    """Over, and well."""
    failed: _StateNames = tuple(STATES[TaskState.FAILED])
    """Over, and not well."""


class StoreParams(Model):
    """The keys of every kind of store."""

    enabled: bool = True
    """Whether it is looked at."""
    cap: int = Field(6, ge=1, le=1_000_000)
    """The most tasks that may be worked on at once."""
    workers: tuple[_Name, ...] = Field((), strict=False, examples=[["writer-1", "writer-2"]])
    """Who may be given a task, beside those that are seen at work."""
    limits: Mapping[_Name, PositiveDuration] = Field(default_factory=dict, examples=[{"train": "2h"}])
    """How long a task of a kind may be worked on, where that kind has a limit of its own: `stuck_tasks` keeps it."""
    fields: Fields = Field(default_factory=Fields)
    states: States = Field(default_factory=States)

    @property
    def names(self) -> Names:
        return Names(self.fields.model_dump(), {TaskState(name): value for name, value in self.states})

    @property
    def about(self) -> Mapping[str, Any]:
        """What a reading says of its store."""
        limits: Mapping[str, timedelta] = dict(self.limits)
        return {"cap": self.cap, "workers": self.workers, "limits": limits}


@dataclass(frozen=True)
class PipelinePlugin:
    """A kind of task store. `open(name, params)` does no I/O: whether it is there is seen at each look."""

    title: str
    params: type[StoreParams]
    open: Callable[[str, Any], TaskStore]
