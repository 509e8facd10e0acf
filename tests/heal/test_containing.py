"""The remedies that contain: what they put, and what they leave to others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from guardian.engine import contained
from guardian.errors import RemedyError
from guardian.heal import pause_pipeline, throttle_pipeline
from guardian.heal.base import Remedy
from guardian.logs.tail import LogTail
from guardian.model import GUARDIAN, Incident, IncidentState, Key, RemedyKind, Severity, Status
from guardian.ports import EVERYTHING, Containment, Flag, Lifted, NeverActed, Ports

NOW = datetime(2026, 11, 23, tzinfo=UTC)
INCIDENT = Incident(
    id="i1",
    key=Key("task_quality", "node-1", "writer"),
    state=IncidentState.OPEN,
    status=Status.FAIL,
    severity=Severity.HIGH,
    message="6 in a row",
    opened_at=NOW,
    seen_at=NOW,
    looked_before=NOW,
)


class Kept:
    """guardian.ports.Flags in memory. `takes`: whether a new one is taken."""

    def __init__(self, *flags: Flag, takes: bool = True) -> None:
        self.flags, self.takes = list(flags), takes

    def standing(self) -> list[Flag]:
        return self.flags

    def lifted(self) -> list[Lifted]:
        return []

    def put(self, flag: Flag) -> bool:
        if self.takes:
            self.flags.append(flag)
        return self.takes

    def lift(self, scope: str, by: str, *, incident: str | None = None) -> bool:
        raise AssertionError("a remedy lifts nothing")


def ports(kept: Kept) -> Ports:
    return Ports("node-1", [], NeverActed(), LogTail(), flags=kept)


def bound(remedy: Remedy, order: object) -> Remedy:
    assert remedy.bind is not None
    told = remedy.bind(order)
    assert told.for_incident is not None
    return told.for_incident(INCIDENT, NOW)


def test_both_contain_and_without_an_order_they_are_about_all() -> None:
    assert {pause_pipeline.REMEDY.kind, throttle_pipeline.REMEDY.kind} == {RemedyKind.CONTAIN}
    assert pause_pipeline.REMEDY.contains == Containment(EVERYTHING, 0.0)
    assert throttle_pipeline.REMEDY.contains == Containment(EVERYTHING, 0.5)


@pytest.mark.parametrize(("remedy", "share"), [(pause_pipeline.REMEDY, 0.0), (throttle_pipeline.REMEDY, 0.25)])
def test_the_flag_stands_for_the_incident_for_as_long_as_ordered(remedy: Remedy, share: float) -> None:
    kept = Kept()
    told = bound(remedy, Containment("agent:writer", 0.25, timedelta(hours=1)))
    assert told.contains == Containment("agent:writer", share, timedelta(hours=1))
    assert told.already_done(ports(kept), "writer", NOW) is False
    done = told.act(ports(kept), "writer")
    assert kept.flags == [
        Flag("agent:writer", share, "task_quality, writer: 6 in a row", GUARDIAN, NOW, NOW + timedelta(hours=1), "i1")
    ]
    assert done.changed
    assert "until 2026-11-23 01:00:00 UTC" in done.text
    assert told.already_done(ports(kept), "writer", NOW) is True


def test_where_another_one_stands_nothing_is_changed_and_it_says_whose() -> None:
    kept = Kept(Flag(EVERYTHING, 0.5, "", "ann", NOW), takes=False)
    done = bound(pause_pipeline.REMEDY, Containment()).act(ports(kept), "writer")
    assert (done.changed, done.text) == (False, "all is throttled to 0.5 already, by ann")


def test_what_a_person_lifted_is_an_error_and_surely_not_done() -> None:
    with pytest.raises(RemedyError, match="a person lifted it") as refused:
        bound(pause_pipeline.REMEDY, Containment()).act(ports(Kept(takes=False)), "writer")
    assert refused.value.done is False


@pytest.mark.parametrize(("remedy", "share"), [(pause_pipeline.REMEDY, 0.0), (throttle_pipeline.REMEDY, 0.5)])
def test_an_order_that_names_no_one_is_for_all(remedy: Remedy, share: float) -> None:
    assert bound(remedy, True).contains == Containment(EVERYTHING, share)


def test_without_an_incident_or_without_an_order_nothing_is_put() -> None:
    kept = Kept()
    unsaid = pause_pipeline.bind(None)
    for remedy in (pause_pipeline.REMEDY, unsaid):
        with pytest.raises(RemedyError):
            remedy.act(ports(kept), "writer")
    assert (kept.flags, unsaid.for_incident, unsaid.contains) == ([], None, None)
    assert unsaid.already_done(ports(kept), "writer", NOW) is False


def test_a_remedy_of_the_operators_own_knows_its_incident_as_well() -> None:
    own = contained.remedy(replace(pause_pipeline.REMEDY, bind=None))
    assert own.for_incident is not None
    flags = Kept(Flag(EVERYTHING, 0.0, "", "ann", NOW), takes=False)
    assert own.for_incident(INCIDENT, NOW).act(ports(flags), "writer").text == "all is paused already, by ann"
