"""The users' pipelines: their tasks, and who works on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class TaskState(StrEnum):
    """A pipeline's word for the state of a task, made one vocabulary. OTHER: a state that the configuration does not
    name; such a task is left alone."""

    ASSIGNED = "assigned"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"
    OTHER = "other"


@dataclass(frozen=True)
class PipelineTask:
    """One task of a user's pipeline, named fields only.

    `state_since` is when it came into its state, None where nobody can tell. `retries` counts roll backs, `attempt`
    how often it was given to a worker anew: a result of an older attempt is refused by the client. `failed_workers`
    names who failed it, once for each time. `version` is what the store compares before it changes the task: opaque.
    `doubt` says why one of the fields cannot be believed (a time far in the future ...): such a task is unknown.
    """

    id: str
    state: TaskState
    version: str
    kind: str | None = None
    subject: str | None = None
    worker: str | None = None
    source: str | None = None
    created_at: datetime | None = None
    state_since: datetime | None = None
    heartbeat_at: datetime | None = None
    not_before: datetime | None = None
    retries: int = 0
    attempt: int = 0
    failed_workers: Sequence[str] = ()
    doubt: str | None = None


@dataclass(frozen=True)
class DamagedTask:
    """A task that cannot be read. `name` is what a person calls it (a file's name), `since` when it became as it is.
    `movable`: its content is no task, so that it may be set aside; else something keeps it from being read."""

    name: str
    reason: str
    since: datetime | None = None
    movable: bool = False


@dataclass(frozen=True)
class TaskReading:
    """One look at one task store. `error` says why it could not be read; the rest is then empty and means nothing.
    `absent`: there is no such store, nor was one ever seen. `cap`: the most tasks that may be in `doing`.
    `observe_only` says why nothing in it may be changed, where that is so. `workers` who may be given a task, beside
    those that are seen; `limits`: how long a task of a kind may be in `doing`, where it has a limit of its own."""

    store: str
    tasks: Sequence[PipelineTask] = ()
    damaged: Sequence[DamagedTask] = ()
    cap: int | None = None
    error: str | None = None
    absent: bool = False
    observe_only: str | None = None
    workers: Sequence[str] = ()
    limits: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskChange:
    """What a task becomes. A field that is None is cleared."""

    state: TaskState
    worker: str | None
    retries: int
    attempt: int
    not_before: datetime | None = None
    failed_workers: Sequence[str] = ()


class TaskStore(Protocol):
    """A user's tasks. All calls are bounded in time."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Mapping[str, timedelta]:
        """As in `TaskReading`."""
        ...

    def read(self, within: timedelta) -> TaskReading:
        """Open tasks (assigned, doing), and those of other states that were created or changed `within` this time.
        Never raises for a store that is away or for what is in it."""
        ...

    def find(self, task: str) -> PipelineTask | None:
        """A fresh look at one task; None when it is not there. Raises SourceError when it cannot look."""
        ...

    def change(self, seen: PipelineTask, change: TaskChange) -> bool:
        """Compare-and-set: False, and nothing is changed, when the task is no longer as it was seen. Raises
        RemedyError; `done` is None when it may have been changed."""
        ...

    def set_aside(self, damaged: str) -> str:
        """Move what cannot be read out of the way, whole and never over another; gives where it is now. Raises
        RemedyError."""
        ...


@dataclass(frozen=True)
class WorkerSeen:
    """A worker's last sign of life; `task` is what it worked on then."""

    worker: str
    at: datetime
    task: str | None = None


class Heartbeats(Protocol):
    """What workers told of themselves through the client."""

    def workers(self) -> Mapping[str, WorkerSeen]:
        """By name, those of the last day."""
        ...


@dataclass(frozen=True)
class NoHeartbeats:
    """guardian.ports.Heartbeats where nobody tells."""

    seen: Mapping[str, WorkerSeen] = field(default_factory=dict)

    def workers(self) -> Mapping[str, WorkerSeen]:
        return self.seen
