"""Who dropped: one agent, one validator, or all.

Each result counts for its agent, for its validator and for all, each against its own baseline (`pass_rate`). A drop of
one agent is seen at each validator that judges it, and the other way round. So when somebody dropped, the last results
of each pair are compared with what is usual for its agent and its validator, and whoever explains most is blamed: the
one whose pairs together have the largest likelihood ratio (a scan statistic: M. Kulldorff, "A spatial scan statistic",
Communications in Statistics 26, 1997). A pair that fails as usual takes from whoever is made responsible for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from guardian.decide.pass_rate import Stream, Terms, divergence, dropped, follow, reset

ALL = "all"

_RAREST = 0.01
_PAIR_RECENT = 20
_MOST_PAIRS = 500
_MOST = 100
"""Agents, and validators, that are known at a time: those seen last."""


@dataclass(frozen=True)
class Result:
    """One validation. `at`: seconds since 1970."""

    passed: bool
    at: int
    agent: str | None = None
    validator: str | None = None


@dataclass(frozen=True)
class Crew:
    """Everybody's results by name: `all`, `agent NAME`, `validator NAME`. `pairs` are the last results of each agent
    with each validator, as (agent, validator, `p` and `f`), the pair seen last at the end. `blamed`: whose drop goes
    on."""

    streams: Mapping[str, Stream] = field(default_factory=dict)
    pairs: Sequence[Sequence[str]] = ()
    blamed: Sequence[str] = ()


def names(agent: str | None, validator: str | None) -> Sequence[str]:
    """Whom a result counts for."""
    return [ALL, *([f"agent {agent}"] if agent else []), *([f"validator {validator}"] if validator else [])]


def take(before: Crew, results: Sequence[Result], terms: Terms) -> Crew:
    """These results more, and who is to blame after them.

    What comes of somebody who is blamed counts for nobody else meanwhile: neither is another blamed for it, nor does it
    get into another's baseline.
    """
    streams, pairs = dict(before.streams), {(pair[0], pair[1]): pair[2] for pair in before.pairs}
    blamed = list(before.blamed)
    for result in results:
        concerned = names(result.agent, result.validator)
        counted = [name for name in concerned if name in blamed] or concerned
        for name in counted:
            streams[name] = follow(streams.get(name, Stream()), passed=result.passed, at=result.at, terms=terms)
        pair = (result.agent or "", result.validator or "")
        pairs[pair] = (pairs.pop(pair, "") + ("p" if result.passed else "f"))[-_PAIR_RECENT:]
        blamed = [name for name in blamed if name in streams and streams[name].dropped is not None]
        if any(streams[name].dropped is not None and name not in blamed for name in counted):
            worst = _worst(streams, pairs, blamed, terms.least)
            blamed.append(worst)
            streams[worst] = streams[worst] if streams[worst].dropped is not None else dropped(streams[worst])
            streams = {name: stream if name in blamed else reset(stream) for name, stream in streams.items()}
    kept = _bounded(streams, terms)
    recent = [[*pair, recent] for pair, recent in list(pairs.items())[-_MOST_PAIRS:]]
    return Crew(kept, recent, [name for name in blamed if name in kept])


def _worst(
    streams: Mapping[str, Stream], pairs: Mapping[tuple[str, str], str], blamed: Sequence[str], least: int
) -> str:
    """Whose drop alone explains most; of equals the first, which is all where they are the same."""
    scores = _scores(streams, pairs, blamed, least)
    return max(scores, key=lambda name: scores[name])


def _scores(
    streams: Mapping[str, Stream], pairs: Mapping[tuple[str, str], str], blamed: Sequence[str], least: int
) -> Mapping[str, float]:
    """Who has fewer results than `least` is not asked; nor is who is blamed already, for what he explains."""
    found = {ALL: [0.0, 0.0, 0.0]}
    for (agent, validator), recent in pairs.items():
        concerned = names(agent, validator)
        if any(name in blamed for name in concerned):
            continue
        for name in concerned:
            if name == ALL or (name in streams and streams[name].size >= least):
                sums = found.setdefault(name, [0.0, 0.0, 0.0])
                sums[0] += len(recent)
                sums[1] += recent.count("f")
                sums[2] += len(recent) * _expected(streams, concerned)
    return {name: _ratio(*sums) for name, sums in found.items()}


def _expected(streams: Mapping[str, Stream], concerned: Sequence[str]) -> float:
    """How often a pair fails, as if what is usual for its agent and for its validator were independent."""
    whole = _usual(streams, ALL)
    rate = whole
    for name in concerned[1:]:
        rate *= _usual(streams, name) / whole
    return min(rate, 1 - _RAREST)


def _usual(streams: Mapping[str, Stream], name: str) -> float:
    passes = streams.get(name, streams[ALL]).usual
    return _RAREST if passes is None else max(1 - passes, _RAREST)


def _ratio(count: float, fails: float, expected: float) -> float:
    """The logarithm of the likelihood ratio: that they fail as they did, against as expected."""
    if not count or fails <= expected:
        return 0.0
    return count * divergence(fails / count, expected / count)


def _bounded(streams: Mapping[str, Stream], terms: Terms) -> Mapping[str, Stream]:
    """Without who was not seen for as long as a baseline lasts, and without the oldest where there are too many."""
    newest = max((stream.seen for stream in streams.values()), default=0) - terms.days * 86_400
    found = {ALL: streams[ALL]} if ALL in streams else {}
    for prefix in ("agent ", "validator "):
        side = [name for name, stream in streams.items() if name.startswith(prefix) and stream.seen >= newest]
        found |= {name: streams[name] for name in sorted(side, key=lambda name: -streams[name].seen)[:_MOST]}
    return found
