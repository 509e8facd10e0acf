"""The users' task stores: one that cannot be read, that is only observed, or that is slow for want of an index."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from guardian.diagnose.plain import brief
from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.model import Severity
from guardian.pipelines.sql import Sql
from guardian.ports import TaskReading
from guardian.services import task_stores

_LONGEST = 200


@dataclass(frozen=True)
class Facts:
    """`unindexed`: columns of a store's table that no index begins with, and that are searched."""

    readings: Sequence[TaskReading]
    unindexed: Mapping[str, Sequence[str]] = field(default_factory=dict)


def gather(installation: Installation) -> Facts | None:
    if installation.faults:
        return None
    stores = task_stores(installation.config)
    readings = {store.name: store.read(timedelta(days=1)) for store in stores}
    tables = [store for store in stores if isinstance(store, Sql) and readings[store.name].error is None]
    return Facts(list(readings.values()), {store.name: store.unindexed() for store in tables}) if stores else None


def _unreadable(facts: Facts) -> Iterable[Hit]:
    for reading in facts.readings:
        if reading.error is not None:
            why = brief(reading.error, _LONGEST)
            yield Hit(
                f"the task store {reading.store}: {why}", f"make it readable, or correct its section `{reading.store}`"
            )


def _observed(facts: Facts) -> Iterable[Hit]:
    for reading in facts.readings:
        if reading.error is None and reading.observe_only is not None:
            yield Hit(f"the task store {reading.store}: {reading.observe_only}", "see docs/pipelines.md")


def _damaged(facts: Facts) -> Iterable[Hit]:
    for reading in facts.readings:
        if reading.damaged:
            first = reading.damaged[0]
            text = f"{len(reading.damaged)} in {reading.store} cannot be read; {first.name} {first.reason}"
            yield Hit(brief(text, _LONGEST), "mend or remove them")


def _slow(facts: Facts) -> Iterable[Hit]:
    for store, columns in facts.unindexed.items():
        for column in columns:
            yield Hit(f"the task store {store}: no index begins with {column}", f"CREATE INDEX ON its table ({column})")


AREA = Area(
    "pipelines",
    gather,
    (
        Rule("tasks_unreadable", Severity.HIGH, "a task store cannot be read",
             "no stall in it is seen", _unreadable),
        Rule("tasks_observed", Severity.INFO, "a task store is only observed",
             "its stalls are told, and not mended", _observed),
        Rule("tasks_damaged", Severity.WARNING, "a task store holds what is no task",
             "nobody works on those", _damaged),
        Rule("tasks_unindexed", Severity.WARNING, "a searched column of a task table leads no index",
             "each look reads the whole table", _slow),
    ),
)  # fmt: skip
