"""A task as its store has it (a JSON object, a row) made a PipelineTask, and a change made values to write.

Times are read as seconds or milliseconds since 1970, or as ISO 8601 text, where one without a zone is UTC. Whatever is
no such thing makes the task one to doubt; nothing raises.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from guardian.ports.tasks import PipelineTask, TaskChange, TaskState

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "id",
        "state": "state",
        "kind": "kind",
        "subject": "subject",
        "worker": "worker",
        "source": "source",
        "created_at": "created_at",
        "state_since": "started_at",
        "heartbeat_at": "heartbeat_at",
        "not_before": "not_before",
        "retries": "retry_count",
        "attempt": "attempt",
        "failed_workers": "failed_workers",
    }
)
"""Guardian's word for a field, and the name that it has where the configuration says nothing."""

STATES: Mapping[TaskState, Sequence[str]] = MappingProxyType(
    {
        TaskState.ASSIGNED: ("assigned", "todo", "to_do", "pending", "queued", "ready", "open", "new"),
        TaskState.DOING: ("doing", "in_progress", "in-progress", "in progress", "running", "started", "processing"),
        TaskState.DONE: ("done", "completed", "complete", "finished", "success", "succeeded", "closed"),
        TaskState.FAILED: ("failed", "error", "errored", "cancelled", "canceled", "rejected"),
    }
)
"""What a state may be called; the first name is the one that is written."""

_MILLISECONDS_FROM = 1e11
"""As seconds that is the year 5138; as milliseconds March 1973."""
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=5)
_FAR = timedelta(days=3650)
_PAST = ("created_at", "state_since", "heartbeat_at")
_LONGEST = 300
_MOST_WORKERS = 100


@dataclass(frozen=True)
class Names:
    """What the fields and states are called in a store. A field whose name is empty is not there."""

    fields: Mapping[str, str] = field(default_factory=lambda: FIELDS)
    states: Mapping[TaskState, Sequence[str]] = field(default_factory=lambda: STATES)

    def state_of(self, written: object) -> TaskState:
        wanted = written.strip().casefold() if isinstance(written, str) else ""
        for state, names in self.states.items():
            if wanted in map(str.casefold, names):
                return state
        return TaskState.OTHER

    def written(self, state: TaskState) -> str:
        return self.states[state][0]


@dataclass
class _Reader:
    """One object's fields, and what is wrong with them."""

    data: Mapping[str, Any]
    names: Mapping[str, str]
    now: datetime
    doubts: list[str] = field(default_factory=list)

    def raw(self, name: str) -> Any:
        key = self.names.get(name, "")
        value = self.data.get(key) if key else None
        return None if value == "" else value

    def text(self, name: str) -> str | None:
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, str):
            return printable(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._wrong(name, "is no text")
        return None

    def count(self, name: str) -> int:
        value = self.raw(name)
        if value is None:
            return 0
        if isinstance(value, float | Decimal) and value == int_or_none(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self._wrong(name, "is no whole number of 0 or more")
            return 0
        return value

    def time(self, name: str) -> datetime | None:
        value = self.raw(name)
        if value is None:
            return None
        at = moment(value)
        if why := self._why_not(name, at):
            self._wrong(name, why)
            return None
        return at

    def _why_not(self, name: str, at: datetime | None) -> str | None:
        if at is None:
            return "is no time"
        if at < _EARLIEST:
            return "is impossibly long ago"
        if name in _PAST:
            return "is in the future" if at > self.now + _SKEW else None
        return "is far in the future" if at > self.now + _FAR else None

    def names_list(self, name: str) -> Sequence[str]:
        value = self.raw(name)
        if isinstance(value, str):
            value = json_or_none(value)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self._wrong(name, "is no list of names")
            return ()
        return tuple(map(printable, value[-_MOST_WORKERS:]))

    def _wrong(self, name: str, why: str) -> None:
        self.doubts.append(f"`{self.names[name]}` {why}")


def task_of(
    data: Mapping[str, Any],
    version: str,
    names: Names,
    now: datetime,
    *,
    id_: str | None = None,
    since: datetime | None = None,
) -> PipelineTask | None:
    """None where it has no id that can be used. `id_` and `since` stand for what the object itself does not say."""
    reader = _Reader(data, names.fields, now)
    found = reader.text("id") or id_
    if found is None or reader.doubts:
        return None
    state, written = TaskState.OTHER, reader.raw("state")
    if isinstance(written, str):
        state = names.state_of(written)
    else:
        reader.doubts.append(f"`{names.fields['state']}` {'is missing' if written is None else 'is no text'}")
    state_since = reader.time("state_since")
    return PipelineTask(
        id=found,
        state=state,
        version=version,
        kind=reader.text("kind"),
        subject=reader.text("subject"),
        worker=reader.text("worker"),
        source=reader.text("source"),
        created_at=reader.time("created_at"),
        state_since=state_since or since,
        heartbeat_at=reader.time("heartbeat_at"),
        not_before=reader.time("not_before"),
        retries=reader.count("retries"),
        attempt=reader.count("attempt"),
        failed_workers=reader.names_list("failed_workers"),
        doubt="; ".join(reader.doubts) or None,
    )


def changed(data: Mapping[str, Any], change: TaskChange, names: Names) -> dict[str, Any]:
    """The keys that a change writes, with their new values. What was begun anew has not started: its start and its
    heartbeat are cleared. A key that is not there and would be empty is left out."""
    fresh = change.state is TaskState.ASSIGNED
    values: dict[str, Any] = {
        "state": names.written(change.state),
        "worker": change.worker,
        "retries": change.retries,
        "attempt": change.attempt,
        "not_before": time_like(change.not_before, _sample(data, names)),
        "failed_workers": list(change.failed_workers) or None,
        **({"state_since": None, "heartbeat_at": None} if fresh else {}),
    }
    keyed = {names.fields[name]: value for name, value in values.items() if names.fields.get(name)}
    return {key: value for key, value in keyed.items() if value is not None or key in data}


def _sample(data: Mapping[str, Any], names: Names) -> Any:
    """A time as this task has it."""
    keys = (names.fields.get(name) for name in ("not_before", "state_since", "created_at", "heartbeat_at"))
    return next((value for key in keys if key and (value := data.get(key)) not in (None, "")), None)


def time_like(at: datetime | None, sample: Any) -> Any:
    """A time written as `sample` is: seconds, milliseconds, a datetime; else ISO 8601 in UTC."""
    if at is None:
        return None
    if isinstance(sample, datetime):
        return at if sample.tzinfo else at.astimezone(UTC).replace(tzinfo=None)
    if isinstance(sample, int | float | Decimal) and not isinstance(sample, bool):
        seconds = at.timestamp() * (1000 if sample >= _MILLISECONDS_FROM else 1)
        return seconds if isinstance(sample, float) else round(seconds)
    return at.astimezone(UTC).isoformat(timespec="seconds")


def moment(value: object) -> datetime | None:
    """The time that a value says; None where it says none."""
    try:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, str):
            at = datetime.fromisoformat(value.strip())
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        seconds = float(value)
        if not math.isfinite(seconds):
            return None
        return datetime.fromtimestamp(seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds, UTC)
    except (ValueError, OverflowError, OSError, ArithmeticError):
        return None


def int_or_none(value: float | Decimal) -> int | None:
    try:
        return int(value)
    except (ValueError, OverflowError, ArithmeticError):
        return None


def json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def printable(text: str) -> str:
    """Fit for keys, logs and screens: bounded, no control characters, no lone surrogates."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:_LONGEST])
