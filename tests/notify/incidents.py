"""An incident and its story as the store would hand them over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from guardian.model import (
    Action,
    Evidence,
    Hypothesis,
    Incident,
    IncidentState,
    Key,
    Reason,
    Severity,
    Status,
    Transition,
)

AT = datetime(2026, 11, 23, 21, 3, 32, tzinfo=UTC)
SECRET = "sk-ant-api03-" + "aB3dE5gH7jK9mN1pQ3sT5vX7"
STORY = (
    Transition(AT, "seen", "errored"),
    Transition(AT, "decided", "heal", "failing"),
    Transition(AT, "healed", f"restarted with token={SECRET}"),
    Transition(AT + timedelta(seconds=12), "not verified", "errored", "still failing after the heal"),
    Transition(AT + timedelta(seconds=13), "told", "alert by log"),
    Transition(AT + timedelta(seconds=20), "decided", "alert", "cooling down after a heal"),
)


def incident(**changes: Any) -> Incident:
    return replace(
        Incident(
            id="01JDXYZ",
            key=Key("process_health", "node-1", "writer#2"),
            state=IncidentState.OPEN,
            status=Status.FAIL,
            severity=Severity.HIGH,
            message="errored, exit code 1",
            opened_at=AT,
            seen_at=AT + timedelta(minutes=1),
            looked_before=AT - timedelta(seconds=10),
            failing_looks=7,
            action=Action.ALERT,
            reason=Reason.COOLDOWN,
            evidence=Evidence(
                taken_at=AT,
                facts={"exit_code": 1, "restarts": 12, "api_key": SECRET, "pid": None},
                log_tail=[f"line {n} {SECRET}" for n in range(30)],
                hypothesis=Hypothesis("encoding_error", "the codec lacks it", "use utf-8"),
            ),
        ),
        **changes,
    )
