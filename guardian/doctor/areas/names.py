"""The names of the watched processes, over all supervisors."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guardian.diagnose.plain import brief
from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.model import Severity


@dataclass(frozen=True)
class Facts:
    """How often each target is there."""

    counts: Mapping[str, int]


def gather(installation: Installation) -> Facts | None:
    if installation.faults:
        return None
    return Facts(Counter(process.target for fleet in installation.fleets for process in fleet.processes))


def _one_name(facts: Facts) -> Iterable[Hit]:
    for target, count in facts.counts.items():
        if count > 1:
            yield Hit(f"{count} supervisors have a process {brief(target, 100)}", "rename it in one of them")


AREA = Area(
    "names",
    gather,
    (
        Rule("one_name", Severity.HIGH, "two supervisors have a process of one name",
             "what is said of one could be meant for the other, so neither is looked after", _one_name),
    ),
)  # fmt: skip
