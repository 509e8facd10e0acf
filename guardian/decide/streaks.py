"""How many bad results came in a row: of each agent, and over all. Times are seconds since 1970.

A result that comes late takes its place by its time: a late bad one from before the last good one adds nothing, and a
late good one ends only what came before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

_MOST_AGENTS = 200
"""More agents than these are forgotten, the one that was quiet for longest first."""


@dataclass(frozen=True)
class Result:
    """`agent` None: it does not say whose it is."""

    at: float
    agent: str | None
    bad: bool


@dataclass(frozen=True)
class Streak:
    """`results` were counted in all, the newest of them at `newest`; `good` is the time of the last good one. `bad` are
    the times of the newest bad ones since then, and `older` counts those before these."""

    results: int = 0
    newest: float = 0.0
    good: float = 0.0
    bad: Sequence[float] = ()
    older: int = 0

    @property
    def length(self) -> int:
        return len(self.bad) + self.older

    def with_result(self, at: float, *, bad: bool, kept: int) -> "Streak":
        counted = replace(self, results=self.results + 1, newest=max(self.newest, at))
        if not bad:
            return replace(counted, good=max(self.good, at), **self._after(at))
        if at < self.good:
            return counted
        times = sorted([*self.bad, at])
        return replace(counted, bad=times[-kept:], older=self.older + max(0, len(times) - kept))

    def _after(self, good: float) -> dict[str, Any]:
        """What is left of it behind a good result. Those without a time of their own are older than all that have."""
        left = [at for at in self.bad if at > good]
        whole = len(left) == len(self.bad) and left
        return {"bad": left, "older": self.older if whole else 0}


@dataclass(frozen=True)
class Streaks:
    """`last` are the agents of the streak over all, the newest `kept` of them."""

    agents: Mapping[str, Streak] = field(default_factory=dict)
    all: Streak = field(default_factory=Streak)
    last: Sequence[str] = ()


def counted(before: Streaks, results: Iterable[Result], kept: int) -> Streaks:
    """With these results, in the order of their times. `kept` times of each streak are remembered."""
    agents, over_all, last = dict(before.agents), before.all, list(before.last)
    for result in sorted(results, key=lambda each: each.at):
        name = result.agent
        if name is not None:
            agents[name] = agents.get(name, Streak()).with_result(result.at, bad=result.bad, kept=kept)
        over_all = over_all.with_result(result.at, bad=result.bad, kept=kept)
        if not over_all.length:
            last = []
        elif result.bad and name is not None and name not in last:
            last = [*last, name][-kept:]
    return Streaks(_newest(agents), over_all, last)


def _newest(agents: Mapping[str, Streak]) -> Mapping[str, Streak]:
    if len(agents) <= _MOST_AGENTS:
        return agents
    by_time = sorted(agents.items(), key=lambda item: item[1].newest, reverse=True)
    return dict(by_time[:_MOST_AGENTS])


def without(streaks: Streaks, before: float, keep: Iterable[str]) -> Streaks:
    """Agents that were quiet since then are forgotten, but for those of `keep`."""
    kept = set(keep)
    left = {name: each for name, each in streaks.agents.items() if each.newest >= before or name in kept}
    return replace(streaks, agents=left)
