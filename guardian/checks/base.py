"""What a check is: a probe that looks, a judge that answers, and the remedy it suggests.

A check changes nothing and keeps nothing: what it remembers goes through `memory`, as JSON of bounded size.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from guardian.model import JSON, Memory, Verdict
from guardian.ports import Ports
from guardian.settings import Model


@dataclass(frozen=True)
class Judgement:
    """The verdicts of one look, one per target, and what to remember for the next.

    `nothing` holds the reason when there is nothing to look at: the check is then skipped as a whole.
    """

    verdicts: Sequence[Verdict]
    memory: Memory = field(default_factory=dict)
    nothing: str | None = None


@dataclass(frozen=True)
class TargetEvidence:
    """Where to look for the story of one failing target: facts already in the sample, and its log files."""

    facts: Mapping[str, JSON] = field(default_factory=dict)
    logs: Sequence[str] = ()


@dataclass(frozen=True)
class Check:
    """A health question. `id`, config key, task name and docs anchor are the module's file name.

    `probe(ports, params, only)` reads the world; `only` narrows it to one target, for verify. It raises
    SourceAbsent when there is nothing to look at and SourceError when it could not look.
    `judge(sample, params, memory, now)` is pure. `evidence(sample, target)` picks what the sample knows of a target.
    `follows_processes`: a supervisor's word that a process ended hastens its look.
    `takes_in` names a check whose failure of the same target is only another face of this one: a person hears of one
    of the two, and nothing is healed meanwhile.
    `settle(params)` is how long a healed target needs before a look can tell whether it is well.
    `remedy_by(target)` names the remedy where not every target has the same.
    `order(params, target)` is what the remedy is to do, for one that needs to be told (`Remedy.bind`).
    `continues`: its probe goes on where the last one stopped, so it gets the memory as well, after `only`; what it read
    counts once, since the judge keeps the new place in the memory that is written with the verdicts.
    `task_kind` is the kind of its escalation task: `attention`, or `quality_review` with the worst samples in evidence.
    `own`: the operator's own; it is looked at by workers of its own, so that it never keeps the others waiting.
    `limit`: it looks in a process of its own, which is ended after this. None: it is trusted to return.
    `member(name, params, folder)` makes the check of each table in its section, `[checks.<id>.NAME]`; this one is then
    none itself.
    """

    title: str
    every: timedelta
    params: type[Model]
    probe: Callable[..., Any]
    judge: Callable[[Any, Any, Memory, datetime], Judgement]
    evidence: Callable[[Any, str], TargetEvidence]
    remedy: str | None = None
    remedy_by: Callable[[str], str] | None = None
    follows_processes: bool = False
    takes_in: str | None = None
    settle: Callable[[Any], timedelta] = lambda _params: timedelta(0)
    order: Callable[[Any, str], Any] | None = None
    continues: bool = False
    task_kind: str = "attention"
    own: bool = False
    limit: timedelta | None = None
    member: "Callable[[str, Any, Path], Check] | None" = None

    def sample(self, ports: Ports, params: Any, only: str | None, memory: Memory) -> Any:
        """What the probe reads. Raises as it does."""
        return self.probe(ports, params, only, memory) if self.continues else self.probe(ports, params, only)
