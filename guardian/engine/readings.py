"""What the store knows and a probe may ask: readings of Guardian's own doing, and of people's; and what it is told of
the pipelines that are read anyhow."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from guardian.errors import StoreError
from guardian.model import OwnAct
from guardian.ports import PipelineTask, TaskChange, TaskReading, TaskState, TaskStore
from guardian.store.starts import Starts
from guardian.store.store import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredActs:
    """guardian.ports.OwnActs."""

    store: Store
    node: str

    def recent(self) -> Sequence[OwnAct]:
        return tuple(self.store.acts(self.node))


@dataclass(frozen=True)
class StoredAcknowledgements:
    """guardian.ports.Acknowledged."""

    store: Store
    node: str

    def targets(self, *checks: str) -> Collection[str]:
        return self.store.acknowledged(self.node, checks)


@dataclass(frozen=True)
class NotedStore:
    """guardian.ports.TaskStore that tells clients how full it is, so that they need not look themselves."""

    tasks: TaskStore
    starts: Starts

    @property
    def name(self) -> str:
        return self.tasks.name

    @property
    def limits(self) -> Mapping[str, timedelta]:
        return self.tasks.limits

    def read(self, within: timedelta) -> TaskReading:
        reading = self.tasks.read(within)
        if reading.error is None:
            doing = sum(task.state is TaskState.DOING for task in reading.tasks)
            try:
                self.starts.pipeline_read(reading.store, doing, reading.cap)
            except StoreError as error:
                logger.warning("clients do not learn how full %s is: %s", reading.store, error)
        return reading

    def find(self, task: str) -> PipelineTask | None:
        return self.tasks.find(task)

    def change(self, seen: PipelineTask, change: TaskChange) -> bool:
        return self.tasks.change(seen, change)

    def set_aside(self, damaged: str) -> str:
        return self.tasks.set_aside(damaged)
