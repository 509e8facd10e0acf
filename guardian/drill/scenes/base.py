"""What a scene is: a small world that goes wrong on purpose, and how one sees that Guardian dealt with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from guardian.drill.keeper import Stage
from guardian.model import Incident, Reason

NO_SUPERVISORS = """
[supervisors.pm2]
enabled = false
[supervisors.supervisord]
enabled = false
"""
"""How the configuration of most scenes begins: what runs on this machine is none of theirs."""


class Ending(StrEnum):
    """How it is to end. MENDED: every incident of the check is resolved. TOLD: a person was told of every one that is
    open. CONTAINED: told, and Guardian set a flag that stands."""

    MENDED = "mended"
    TOLD = "told"
    CONTAINED = "contained"


@dataclass(frozen=True)
class Scene:
    """`title` is what happens, in one line. `check` has to see it within `seen_within`, and all has to be over within
    `limit`; times are from the moment when it goes wrong."""

    title: str
    check: str
    stage: Stage
    ending: Ending = Ending.MENDED
    seen_within: timedelta = timedelta(seconds=20)
    limit: timedelta = timedelta(seconds=90)


def is_over(scene: Scene, incidents: Sequence[Incident]) -> bool:
    """Whether its incidents are as they have to be in the end; the world is looked at besides."""
    open_ones = [each for each in incidents if each.resolved_at is None]
    if scene.ending is Ending.MENDED:
        return bool(incidents) and not open_ones
    told = all(each.alerted_at is not None for each in open_ones)
    contained = scene.ending is Ending.TOLD or any(each.reason is Reason.STANDING for each in incidents)
    return bool(incidents) and told and contained
