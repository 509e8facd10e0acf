"""False alarms and delays of the statistics behind cursor_queue and ai_validation, on made-up streams.

`python -m bench.streams` writes the tables into docs/statistics.md.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.simulated import CREWS, DAYS, QUEUES, TERMS, Crew, Drop, Queue, drop_after, good_month, queue_run
from guardian.decide import depths

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
MARK = "<!-- python -m bench.streams -->\n"
SEEDS = 5

_DROP = 0.3
_WHO = ("all", "agent 0", "validator 0")


def run(seeds: int = SEEDS) -> str:
    return "\n".join([*settings(seeds), "", *_queues(seeds), "", *_crews(seeds)])


def settings(seeds: int = SEEDS) -> Sequence[str]:
    """What the tables hold for: they are made anew when it changes."""
    history = f"{depths.FAR:g} spreads, levels of {depths.LEVEL} s, peaks of {depths.BLOCK} s"
    terms = f"`mean_run` {TERMS.mean_run}, `tolerance` {TERMS.tolerance:g}, `least` {TERMS.least}, `days` {TERMS.days}"
    return [
        f"{seeds} seeds each. Queues: {history}; looked at each 60 s.",
        f"Results: {terms}; 3 agents, 2 validators.",
    ]


def _queues(seeds: int) -> Iterator[str]:
    drift = "minutes until it is said that nothing is worked off"
    yield f"| queue | false alarms in {DAYS} days: mean, most | {drift} | a step is said from so many items on |"
    yield "| --- | --- | --- | --- |"
    for queue in QUEUES:
        yield f"| {queue.title} | {_queue(queue, seeds)} |"


def _queue(queue: Queue, seeds: int) -> str:
    runs = [queue_run(queue, seed, 60) for seed in range(seeds)]
    delays = [None if each.delay is None else each.delay / 60 for each in runs]
    steps = _spread([each.limit + 1 for each in runs])
    return f"{_alarms([each.alarms for each in runs])} | {_spread(delays)} | {steps}"


def _crews(seeds: int) -> Iterator[str]:
    drop = f"results until a drop by {_DROP * 100:.0f} points is said: all, an agent, a validator"
    yield f"| results | false alarms in {DAYS} days: mean, most | {drop} | the right one is blamed |"
    yield "| --- | --- | --- | --- |"
    for crew in CREWS:
        yield f"| {crew.title} | {_crew(crew, seeds)} |"


def _crew(crew: Crew, seeds: int) -> str:
    months = [good_month(crew, seed) for seed in range(seeds)]
    drops = [[drop_after(crew, month, seed, _DROP, who) for seed, month in enumerate(months)] for who in _WHO]
    delays = "; ".join(_spread([drop.delay for drop in each]) for each in drops)
    return f"{_alarms([month.alarms for month in months])} | {delays} | {_right([d for each in drops for d in each])}"


def _right(drops: Sequence[Drop]) -> str:
    return f"{sum(drop.right for drop in drops)} of {len(drops)}"


def _alarms(counts: Sequence[int]) -> str:
    return f"{sum(counts) / len(counts):.2f}, {max(counts)}"


def _spread(values: Sequence[float | None]) -> str:
    """Median and the longest; what was never said is."""
    found = sorted(value for value in values if value is not None)
    never = len(values) - len(found)
    shown = f"{found[len(found) // 2]:.0f}, at most {found[-1]:.0f}" if found else "-"
    return shown + (f", never in {never}" if never else "")


def write(page: Path, text: str) -> None:
    head, _, rest = page.read_text(encoding="utf-8").partition(MARK)
    _, _, tail = rest.partition(MARK)
    page.write_text(f"{head}{MARK}\n{text}\n\n{MARK}{tail}", encoding="utf-8")


if __name__ == "__main__":
    write(PAGE, run(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
