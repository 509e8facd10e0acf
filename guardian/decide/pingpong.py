"""A task that two sources flip back and forth: each takes the other's write for news and writes again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guardian.ports import PipelineTask

_MOST_TASKS, _MOST_FLIPS = 500, 20


@dataclass(frozen=True)
class Flips:
    """`source` wrote last, `other` before it; `times`: when they took turns, in milliseconds since 1970."""

    source: str
    other: str | None = None
    times: Sequence[int] = ()


def advance(known: Mapping[str, Flips], tasks: Sequence[PipelineTask], at: int, window_ms: int) -> Mapping[str, Flips]:
    """What is known after this look. Bounded: those that were flipped last are kept first, then the newest."""
    found = {task.id: _next(known.get(task.id), task.source, at, window_ms) for task in tasks if task.source}
    since = {task.id: task.state_since.timestamp() if task.state_since else 0.0 for task in tasks}
    order = sorted(found, key=lambda id_: (max(found[id_].times, default=0), since[id_], id_), reverse=True)
    return {id_: found[id_] for id_ in order[:_MOST_TASKS]}


def _next(before: Flips | None, source: str, at: int, window_ms: int) -> Flips:
    if before is None:
        return Flips(source)
    times = [when for when in before.times if at - when <= window_ms]
    if source == before.source:
        return Flips(source, before.other, times)
    if before.other not in (None, source):  # a third one: it is no game of two
        return Flips(source, before.source, [at])
    return Flips(source, before.source, [*times, at][-_MOST_FLIPS:])
