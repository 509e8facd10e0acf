"""Channels that refuse, limit, vanish and come back; whom an alert is for."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from guardian.errors import DeliveryError
from guardian.model import IncidentState, Severity, Status, TellState, Verdict
from guardian.ports import Notification
from tests.engine.drive import CHECK, NODE, Drive
from tests.engine.world import Receiver, check

OPS = '[alerts.channels.ops]\nurl = "json://h"\nseverity = "{}"\n'
OWN = "channel ops"


@dataclass
class Strict(Receiver):
    """Fails with this error while there is one; refuses any text with one of these words."""

    error: DeliveryError | None = None
    disliked: set[str] = field(default_factory=set)

    def send(self, notification: Notification, limit: timedelta) -> None:
        if self.error is not None:
            self.tried.append(self.clock.seconds)
            raise self.error
        if notification.target in self.disliked:
            self.tried.append(self.clock.seconds)
            raise DeliveryError("ops: answered 400", retryable=False)
        super().send(notification, limit)


@pytest.fixture
def ops(drive: Drive) -> Strict:
    """A second channel, and a process that no heal brings back."""
    made = Strict(drive.clock, "ops")
    drive.receivers.append(made)
    drive.configure(checks={CHECK: check(remedy=None)})
    drive.world.start("writer", "reader")
    return made


def severe(drive: Drive, minimum: str, severity: Severity) -> None:
    """`writer` fails with this severity."""

    def judge(sample: object, params: object, memory: object, now: object) -> object:
        found = drive_check.judge(sample, params, memory, now)  # type: ignore[arg-type]
        verdicts = [
            Verdict(each.target, each.status, each.message, severity) if each.status is Status.FAIL else each
            for each in found.verdicts
        ]
        return type(found)(verdicts, found.memory)

    drive_check = check()
    drive.configure(OPS.format(minimum), checks={CHECK: check(remedy=None, judge=judge)})


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("minimum", list(Severity))
def test_only_what_is_severe_enough_goes_there_and_its_end_too(
    drive: Drive, ops: Strict, severity: Severity, minimum: Severity
) -> None:
    severe(drive, minimum, severity)
    drive.world.crash("writer")
    drive.until(20)
    drive.world.recover("writer")
    drive.until(40)
    order = list(Severity)
    expected = [("alert", "writer"), ("resolved", "writer")]
    assert drive.told == expected
    assert ops.told == (expected if order.index(severity) >= order.index(minimum) else [])
    assert drive.only().tell is TellState.NONE


@pytest.mark.parametrize("first", [Severity.WARNING, Severity.CRITICAL])
def test_the_end_goes_where_the_alert_went_though_the_severity_changed_meanwhile(
    drive: Drive, ops: Strict, first: Severity
) -> None:
    severe(drive, "high", first)
    drive.world.crash("writer")
    drive.until(10)
    severe(drive, "high", Severity.CRITICAL if first is Severity.WARNING else Severity.WARNING)
    drive.until(30)
    drive.world.recover("writer")
    drive.until(50)
    assert ops.told == ([] if first is Severity.WARNING else [("alert", "writer"), ("resolved", "writer")])


def test_what_healed_at_once_is_for_information_only(drive: Drive, ops: Strict) -> None:
    drive.configure("[alerts]\nnotify_healed = true\n" + OPS.format("warning"))
    drive.world.crash("writer")
    drive.until(60)
    assert drive.told == [("healed", "writer")]
    assert ops.told == []


@pytest.mark.parametrize(("asked", "second"), [(3, 20), (45, 55), (3 * 3600, 3 * 3600 + 10)])
def test_it_is_never_tried_again_before_it_asked_to(drive: Drive, ops: Strict, asked: float, second: float) -> None:
    ops.error = DeliveryError("ops: answered 429", retry_after=timedelta(seconds=asked))
    drive.world.crash("writer")
    drive.until(second - 1)
    drive.world.crash("reader")  # nor for anything new
    drive.until(second + 25)
    assert ops.tried[:2] == [10, second]
    ops.error = None
    drive.until(second + 4 * 3600)
    assert ops.told[:2] == [("alert", "writer"), ("alert", "reader")]


def test_what_comes_while_it_is_away_waits_in_order_and_each_arrives_once(drive: Drive, ops: Strict) -> None:
    ops.down = True
    drive.world.crash("writer")
    drive.until(20)
    drive.world.crash("reader")
    drive.until(30)
    drive.world.recover("writer")
    drive.until(200)
    assert len(drive.tasks()) == 1
    ops.down = False
    drive.until(900)
    assert ops.told == [("alert", "writer"), ("alert", "reader"), ("resolved", "writer")]
    assert drive.told[:3] == ops.told
    assert drive.store.spool.waiting() == []
    assert drive.overview().channels == []


def test_what_is_new_waits_behind_what_is_due_at_the_same_time(drive: Drive, ops: Strict) -> None:
    ops.down = True
    drive.world.crash("writer")
    drive.until(15)
    ops.down = False
    drive.world.crash("reader")
    drive.until(40)  # at 20 s the patrol comes before the second try
    assert ops.told == [("alert", "writer"), ("alert", "reader")]


def test_what_waits_is_shown(drive: Drive, ops: Strict) -> None:
    ops.down = True
    drive.world.crash("writer", "reader")
    drive.until(40)
    (state,) = drive.overview().channels
    assert (state.name, state.undelivered, state.refused, state.trouble) == ("ops", 2, False, "no route")
    assert state.since is not None
    assert (state.since - drive.clock.began).total_seconds() == 10


@pytest.mark.parametrize("forgotten", [False, True])
def test_what_waits_outlives_its_incident(drive: Drive, ops: Strict, forgotten: bool) -> None:
    ops.down = True
    drive.world.crash("writer")
    drive.until(20)
    drive.world.recover("writer")
    drive.until(40)
    incident = drive.only()
    assert incident.state is IncidentState.RESOLVED
    if forgotten:
        drive.raw.delete(f"t:incident:{incident.id}", f"t:story:{incident.id}")
    ops.down = False
    drive.until(200)
    assert ops.told == [("alert", "writer"), ("resolved", "writer")]


def test_a_store_that_came_back_empty_has_what_still_fails_told_anew(drive: Drive, ops: Strict) -> None:
    ops.down = True
    drive.world.crash("writer")
    drive.until(20)
    drive.raw.flushall()
    ops.down = False
    drive.until(60)
    assert ops.told == [("alert", "writer")]


def test_a_channel_that_refuses_is_said_at_once_over_the_others_tried_rarely_and_nothing_is_lost(
    drive: Drive, ops: Strict, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    ops.error = DeliveryError("ops (Discord): answered 401", retryable=False)
    drive.world.crash("writer")
    drive.until(30)
    assert drive.told == [("alert", "writer"), ("alert", OWN)]
    assert "channel ops refuses what is sent to it: ops (Discord): answered 401" in caplog.text
    (alert,) = [told for _, told in drive.log.got if told.target == OWN]
    assert "1 undelivered since 2026-11-23 12:00:10Z: ops (Discord): answered 401" in alert.text
    (state,) = drive.overview().channels
    assert state.refused
    drive.until(3 * 3600)
    assert len(ops.tried) <= 10
    ops.error = None
    drive.until(3 * 3600 + 3700)
    assert ops.told == [("alert", "writer")]
    assert drive.told[-1] == ("resolved", OWN)
    assert drive.overview().channels == []
    assert [each.key.target for each in drive.open] == ["writer"]


def test_the_next_alert_shows_that_a_channel_no_longer_refuses_and_what_waits_follows(
    drive: Drive, ops: Strict
) -> None:
    ops.error = DeliveryError("ops: answered 403", retryable=False)
    drive.world.crash("writer")
    drive.until(1800)
    ops.error = None
    drive.world.crash("reader")
    drive.until(1820)
    assert ops.told == [("alert", "reader"), ("alert", "writer")]


def test_one_message_that_is_refused_keeps_no_other_back(drive: Drive, ops: Strict) -> None:
    ops.disliked = {"writer"}
    drive.world.crash("writer")
    drive.until(20)
    drive.world.crash("reader")
    drive.until(30)
    assert ("alert", "reader") in ops.told
    drive.until(4000)
    ops.disliked = set()
    drive.until(12_000)
    assert ("alert", "writer") in ops.told
    assert drive.store.spool.waiting() == []


def test_it_is_said_by_the_node_that_saw_it_whoever_delivers_in_the_end(drive: Drive, ops: Strict) -> None:
    ops.error = DeliveryError("ops: answered 401", retryable=False)
    drive.world.crash("writer")
    drive.until(30)
    own = drive.engine
    drive.engine = own.at("node-2")
    ops.error = None
    drive.clock.forward(120)
    drive.sweep()
    drive.sweep()
    drive.engine = own
    (incident,) = [each for each in drive.every if each.key.target == OWN]
    assert (incident.key.node, incident.state) == (NODE, IncidentState.RESOLVED)


def test_a_channel_taken_out_of_the_configuration_keeps_what_it_lacks_and_troubles_nobody(
    drive: Drive, ops: Strict
) -> None:
    ops.error = DeliveryError("ops: answered 401", retryable=False)
    drive.world.crash("writer")
    drive.until(30)
    drive.receivers.remove(ops)
    drive.until(60)
    assert drive.told[-1] == ("resolved", OWN)
    assert drive.overview().channels[0].undelivered == 1
    drive.receivers.append(ops)
    ops.error = None
    drive.until(4000)
    assert ops.told == [("alert", "writer")]


def test_a_channel_that_is_broken_itself_stops_no_other(
    drive: Drive, ops: Strict, caplog: pytest.LogCaptureFixture
) -> None:
    last = Receiver(drive.clock, "last")
    drive.receivers.append(last)
    ops.meanwhile = lambda: {}["https://very-secret-path"]
    drive.world.crash("writer")
    drive.until(10)
    assert last.told == drive.told == [("alert", "writer")]
    assert drive.overview().channels[0].trouble == "ops: failed (KeyError)"
    assert "channel ops is broken: KeyError" in caplog.text
    assert "very-secret-path" not in caplog.text.replace('lambda: {}["https://very-secret-path"]', "")
    ops.meanwhile = lambda: None
    drive.until(100)
    assert ops.told == [("alert", "writer")]


def test_what_ends_while_it_is_being_told_has_its_end_told_there_too(drive: Drive, ops: Strict) -> None:
    severe(drive, "high", Severity.HIGH)
    drive.world.crash("writer")

    def end_it() -> None:
        drive.log.meanwhile = lambda: None
        drive.world.recover("writer")
        drive.clock.forward(1)
        drive.patrol()

    drive.log.meanwhile = end_it
    drive.until(60)
    assert sorted(ops.told) == sorted(drive.told) == [("alert", "writer"), ("healed", "writer")]
