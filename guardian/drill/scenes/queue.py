"""One of two agents that do the same work has everything in its inbox, and the other has nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Scene

_ITEMS = 120
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.cursor_queue.queues.alice]
folder = "{folder}/alice"
group = "writers"
[checks.cursor_queue.queues.bob]
folder = "{folder}/bob"
group = "writers"
"""
)


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    inboxes = [folder / "alice", folder / "bob"]
    for inbox in inboxes:
        inbox.mkdir()

    def pile_up() -> None:
        for number in range(_ITEMS):
            (inboxes[0] / f"job-{number:04d}.json").write_text(f'{{"job": {number}}}')

    words = "two inboxes of one group of agents"
    yield Staged(_CONFIG.format(folder=folder), words, pile_up, lambda: _evened(inboxes))


def _evened(inboxes: list[Path]) -> str:
    """Each item once, and about as many in the one as in the other."""
    held = [sorted(file.name for file in inbox.iterdir()) for inbox in inboxes]
    counts = [len(names) for names in held]
    if len({*held[0], *held[1]}) != _ITEMS or sum(counts) != _ITEMS:
        raise SandboxError(f"{_ITEMS} items became {sum(counts)}")
    if abs(counts[0] - counts[1]) > 1:
        raise SandboxError(f"{counts[0]} and {counts[1]} items are not even")
    return f"{counts[0]} and {counts[1]} of {_ITEMS} items: none lost, none twice"


SCENE = Scene(
    "Work piles up at one agent while its like has none, and is shared out",
    "cursor_queue",
    stage,
    seen_within=timedelta(seconds=80),  # a minute of looks, and the next one
    limit=timedelta(seconds=150),
)
