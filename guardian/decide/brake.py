"""The fleet brake: many targets failing at once have a shared cause, and restarting each makes it worse."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from guardian.model import Status, TargetState


def engaged(
    states: Mapping[str, TargetState],
    now: datetime,
    *,
    active: bool,
    share: float,
    at_least: int,
    patrol: timedelta,
) -> bool:
    """Whether the cures of this node are held.

    Engages when more than `share` of the watched targets, and at least `at_least`, began to fail within one
    patrol; stays while as many still fail, however long ago they began. A soft failure does not count yet.
    """
    watched = [state for state in states.values() if state.status is not Status.SKIPPED]
    failing = [state.hard_since for state in watched if state.status is Status.FAIL and state.hard_since is not None]
    counted = failing if active else [since for since in failing if now - since < patrol]
    return len(counted) >= at_least and len(counted) > share * len(watched)
