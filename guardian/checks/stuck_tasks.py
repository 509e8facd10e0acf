"""Tasks of kinds with a limit of their own, and of workers with a heartbeat: over the limit, or the heartbeat is lost.

Probe: one read of each task store, and the workers' signs of life.
Judge: such a task fails and is given to a different worker; one that nobody is left for is brought to a person.
`pipeline_stall` has the rest.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared import pipelines as shared
from guardian.checks.shared.pipelines import MOST, Sample, target_of
from guardian.decide.stuck import Patience, other_worker, stuck
from guardian.model import Memory, Status, Verdict
from guardian.ports import PipelineTask, Ports, TaskReading
from guardian.settings import Model, PositiveDuration


class Params(Model):
    lost_after: PositiveDuration = timedelta(minutes=5)
    """A worker that tells of itself, and did not for so long, is lost."""
    retries: int = Field(3, ge=0, le=100)
    """How often a task is given out anew; the next time it is failed."""


def probe(ports: Ports, _params: Params, only: str | None = None) -> Sample:
    return shared.look(ports, only)


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    verdicts = list(shared.blind(sample, memory))
    for reading in sample.readings:
        if reading.error is None:
            verdicts += _judged(reading, sample, params, now)
    over = shared.ended(sample, verdicts, memory)
    if not verdicts:
        return Judgement((), memory, nothing=shared.nothing(sample))
    remembered = {
        "stores": shared.stores(sample, memory),
        "failing": shared.failing(sample, verdicts, memory),
    }
    return Judgement(shared.narrowed([*verdicts, *over], sample), remembered)


def _judged(reading: TaskReading, sample: Sample, params: Params, now: datetime) -> Sequence[Verdict]:
    patience = order(params, "")
    found = [(task, why) for task in reading.tasks if (why := stuck(task, reading, sample.workers, patience, now))]
    text = (
        f"{len(found)} stuck, {len(reading.limits)} kinds with a limit, {len(sample.workers)} workers with a heartbeat"
    )
    verdicts = [_verdict(reading, sample, task, why, patience, now) for task, why in found[:MOST]]
    return [Verdict(reading.store, Status.OK, text), *verdicts]


def _verdict(
    reading: TaskReading, sample: Sample, task: PipelineTask, why: str, patience: Patience, now: datetime
) -> Verdict:
    since = task.state_since or task.created_at or now
    text = f"{shared.doing(task, now - since)}: {why}"
    gives_up = task.retries >= patience.retries
    nobody = not gives_up and other_worker(task, reading, sample.workers, patience, now) is None
    why_not = "no other worker is left for it" if nobody else None
    verdict = Verdict(target_of(reading, task.id), Status.FAIL, text, ruled_out=why_not, facts=shared.facts(task))
    return shared.ruled_out(verdict, reading)


def evidence(_sample: Sample, _target: str) -> TargetEvidence:
    return TargetEvidence()


def order(params: Params, _target: str) -> Patience:
    return Patience(retries=params.retries, lost_after=params.lost_after)


CHECK = Check(
    "Stuck tasks",
    every=timedelta(seconds=10),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="reassign_task",
    takes_in="pipeline_stall",
    order=order,
)
