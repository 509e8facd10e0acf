"""Judging processes: made-up looks against a clock that the test sets. The probe: a real PM2."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from guardian.checks.base import Judgement
from guardian.checks.process_health import CHECK, Params, judge
from guardian.checks.shared.processes import Sample
from guardian.logs.tail import LogTail
from guardian.model import Memory, OwnAct, Status, Verdict
from guardian.ports import Fleet, Ports, ProcessState, SupervisedProcess
from guardian.settings import duration_text
from guardian.supervisors.pm2 import Params as Pm2Params
from guardian.supervisors.pm2 import open_pm2
from tests.real_pm2 import RealPm2, running_pm2, wait_for

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TICK = timedelta(milliseconds=1)
DOCS = Path(__file__).parents[2] / "docs/checks/process_health.md"
PROCESS = SupervisedProcess(
    target="api",
    state=ProcessState.ONLINE,
    pid=4711,
    restarts=0,
    started_at=NOW - HOUR,
    created_at=NOW - HOUR,
    exit_code=0,
    autorestart=True,
    logs=("/logs/api-error.log",),
    memory_bytes=50_000_000,
)


def process(target: str = "api", state: ProcessState = ProcessState.ONLINE, **changes: Any) -> SupervisedProcess:
    changes.setdefault("pid", 4711 if state is ProcessState.ONLINE else None)
    return replace(PROCESS, target=target, state=state, **changes)


def stopped(target: str = "api", **changes: Any) -> SupervisedProcess:
    return process(target, ProcessState.STOPPED, **changes)


def fleet(*processes: SupervisedProcess, source: str = "pm2", daemon: str | None = "100:1") -> Fleet:
    return Fleet(source, processes, daemon)


@dataclass
class Patrol:
    """Looks, one after the other: keeps the memory as the store does, as JSON, and the time."""

    params: Params = field(default_factory=Params)
    now: datetime = NOW
    memory: Memory = field(default_factory=dict)
    acts: Sequence[OwnAct] = ()

    def judge(self, *fleets: Fleet, after: timedelta = 10 * SECOND) -> Judgement:
        self.now += after
        judgement = judge(Sample(fleets, self.acts), self.params, self.memory, self.now)
        self.memory = json.loads(json.dumps(judgement.memory, allow_nan=False))
        return judgement

    def look(self, *processes: SupervisedProcess, after: timedelta = 10 * SECOND) -> Verdict:
        """The verdict about the only target."""
        (verdict,) = self.judge(fleet(*processes), after=after).verdicts
        return verdict

    def restarts(self, *counts: int, every: timedelta = 10 * SECOND) -> Verdict:
        """The last verdict, when the counter stood so at each look."""
        return [self.look(process(restarts=count), after=every) for count in counts][-1]


def by_target(judgement: Judgement) -> dict[str, tuple[Status, str | None]]:
    return {verdict.target: (verdict.status, verdict.ruled_out) for verdict in judgement.verdicts}


def counts(verdict: Verdict) -> tuple[Status, int]:
    return verdict.status, verdict.spent


# By state


STATES = [
    (process(), Status.OK, "online for 1h"),
    (process(started_at=None), Status.OK, "online"),
    (process(started_at=NOW + HOUR), Status.OK, "just started (0s ago)"),
    (process(pid=None), Status.FAIL, "errored: online, but there is no process"),
    (process(state=ProcessState.ERRORED, exit_code=3), Status.FAIL, "errored: pm2 gave up, exit code 3"),
    (process(state=ProcessState.ERRORED, exit_code=None), Status.FAIL, "errored: pm2 gave up"),
    (process(state=ProcessState.LAUNCHING), Status.OK, "starting"),
    (process(state=ProcessState.WAITING), Status.OK, "pm2 restarts it after its delay"),
    (process(state=ProcessState.STOPPING), Status.OK, "stopping"),
    (process(state=ProcessState.UNRECOGNIZED), Status.UNKNOWN, "the supervisor reports a state that is not known"),
    (stopped(exit_code=3), Status.FAIL, "stopped, exit code 3"),
    (stopped(exit_code=None), Status.FAIL, "stopped"),
    (
        process(state=ProcessState.ERRORED, exit_code=None, why="no such file"),
        Status.FAIL,
        "errored: pm2 gave up: no such file",
    ),
    (stopped(exit_code=None, why="killed by a signal"), Status.FAIL, "stopped: killed by a signal"),
    (process(state=ProcessState.ENDED), Status.SKIPPED, "ended by itself as its configuration expects, exit code 0"),
    (stopped(stopped_by_hand="pm2.log says so"), Status.SKIPPED, "stopped by hand: pm2.log says so"),
]


@pytest.mark.parametrize(("seen", "status", "message"), STATES)
def test_each_state_has_its_verdict_and_its_words(seen: SupervisedProcess, status: Status, message: str) -> None:
    verdict = Patrol().look(seen, after=timedelta())
    assert (verdict.status, verdict.message, verdict.ruled_out) == (status, message, None)


def test_every_state_is_in_the_table_above() -> None:
    assert {seen.state for seen, _, _ in STATES} == set(ProcessState)


@pytest.mark.parametrize(
    ("age", "message"),
    [
        (10 * SECOND - TICK, "just started (9s ago)"),
        (10 * SECOND, "online for 10s"),
        (MINUTE - TICK, "online for 59s"),
        (MINUTE, "online for 1m"),
        (HOUR - TICK, "online for 59m"),
        (24 * HOUR - TICK, "online for 23h"),
        (50 * HOUR, "online for 2d"),
    ],
)
def test_a_process_is_just_started_until_its_minimum_uptime(age: timedelta, message: str) -> None:
    verdict = Patrol().look(process(started_at=NOW - age), after=timedelta())
    assert (verdict.status, verdict.message) == (Status.OK, message)


def test_a_process_that_is_being_stopped_for_more_than_a_minute_fails() -> None:
    patrol, stopping = Patrol(), process(state=ProcessState.STOPPING)
    assert patrol.look(stopping).status is Status.OK
    assert patrol.look(stopping, after=MINUTE).status is Status.OK
    verdict = patrol.look(stopping, after=TICK)
    assert (verdict.status, verdict.message, verdict.ruled_out) == (Status.FAIL, "stuck: stopping for 1m", None)
    assert patrol.look(process()).status is Status.OK
    assert patrol.look(stopping).status is Status.OK


def test_a_failing_process_shows_its_facts_and_where_its_logs_are() -> None:
    seen = stopped(exit_code=3, restarts=7, why="out of luck", memory_bytes=None)
    facts = {
        "state": "stopped",
        "exit_code": 3,
        "why": "out of luck",
        "restarts": 7,
        "pid": None,
        "started_at": "2026-11-24T11:00:00+00:00",
        "autorestart": True,
        "memory_bytes": None,
        "supervisor": "pm2",
    }
    assert Patrol().look(seen).facts == facts
    known = CHECK.evidence(Sample([fleet(process("other")), fleet(seen)], ()), "api")
    assert (known.facts, known.logs) == (facts, seen.logs)


def test_a_target_that_is_no_process_has_no_evidence() -> None:
    assert not CHECK.evidence(Sample([fleet(process())], ()), "pm2").facts


# Who stopped it

BY_HAND = "stopped through PM2 (pm2.log)"


def test_what_a_person_stopped_fails_only_where_it_shall_be_healed() -> None:
    verdict = Patrol(Params(heal_manual_stop=True)).look(stopped(stopped_by_hand=BY_HAND))
    assert (verdict.status, verdict.ruled_out) == (Status.FAIL, None)


@pytest.mark.parametrize("evidence", [BY_HAND, None])
@pytest.mark.parametrize("heal", [True, False])
def test_what_guardian_stopped_fails_and_is_not_started_again(evidence: str | None, heal: bool) -> None:
    patrol = Patrol(Params(heal_manual_stop=heal), acts=[OwnAct("api", "stop", NOW)])
    verdict = patrol.look(stopped(stopped_by_hand=evidence))
    assert (verdict.status, verdict.message) == (Status.FAIL, "stopped by Guardian")
    assert verdict.ruled_out


def test_guardians_stop_is_remembered_when_its_record_is_gone_and_told_from_one_of_another_process() -> None:
    patrol = Patrol(acts=[OwnAct("api", "stop", NOW), OwnAct("other", "restart", NOW)])
    seen = stopped(stopped_by_hand=BY_HAND)
    patrol.look(seen)
    patrol.acts = [OwnAct("other", "stop", NOW)]
    assert patrol.look(seen, after=48 * HOUR).message == "stopped by Guardian"


def test_an_order_of_guardians_is_known_by_the_last_act_alone() -> None:
    patrol = Patrol(acts=[OwnAct("api", "restart", NOW), OwnAct("api", "stop", NOW - SECOND)])
    assert patrol.look(stopped(stopped_by_hand=BY_HAND)).status is Status.SKIPPED


@pytest.mark.parametrize(
    ("started", "status"),
    [(NOW + 30 * SECOND, Status.FAIL), (NOW + 30 * SECOND + TICK, Status.SKIPPED)],
)
def test_what_was_started_since_guardians_stop_was_stopped_by_somebody_else(started: datetime, status: Status) -> None:
    patrol = Patrol(acts=[OwnAct("api", "stop", NOW)])
    patrol.look(stopped(stopped_by_hand=BY_HAND))
    assert patrol.look(stopped(stopped_by_hand=BY_HAND, started_at=started), after=MINUTE).status is status


# The supervisor's own restarts


def test_the_first_look_at_a_process_counts_nothing() -> None:
    assert counts(Patrol().restarts(35_000)) == (Status.OK, 0)


def test_one_restart_by_the_supervisor_is_told_once_and_is_ok() -> None:
    patrol = Patrol()
    patrol.restarts(11)
    verdict = patrol.restarts(12)
    assert verdict.status is Status.OK
    assert verdict.message == "online, restarted by pm2 since the last look (restarts 12)"
    assert patrol.restarts(12).message == "online for 1h"


@pytest.mark.parametrize("lives", [15 * SECOND, 45 * SECOND])
def test_a_slow_crash_loop_fails_at_the_sixth_restart_and_uses_the_heal_budget_up(lives: timedelta) -> None:
    patrol = Patrol()
    assert counts(patrol.restarts(*range(6), every=lives)) == (Status.OK, 0)
    verdict = patrol.restarts(6, every=lives)
    assert counts(verdict) == (Status.FAIL, 6)
    assert verdict.message == "crash loop: 6 restarts by pm2 in 30m"
    assert verdict.ruled_out is None
    assert counts(patrol.restarts(7, every=lives)) == (Status.FAIL, 7)


@pytest.mark.parametrize("state", [ProcessState.LAUNCHING, ProcessState.WAITING, ProcessState.STOPPED])
def test_a_crash_loop_fails_in_whatever_moment_of_it_the_look_comes(state: ProcessState) -> None:
    patrol = Patrol()
    patrol.restarts(0)
    assert counts(patrol.look(process(state=state, restarts=6))) == (Status.FAIL, 6)


def test_a_state_that_is_not_known_stays_unknown_in_a_crash_loop() -> None:
    patrol = Patrol()
    patrol.restarts(0)
    assert patrol.look(process(state=ProcessState.UNRECOGNIZED, restarts=6)).status is Status.UNKNOWN


def test_many_restarts_between_two_looks_are_a_crash_loop_of_bounded_memory() -> None:
    patrol = Patrol()
    assert counts(patrol.restarts(0, 19)) == (Status.FAIL, 19)
    verdict = patrol.restarts(10**15)
    assert counts(verdict) == (Status.FAIL, 20)
    assert verdict.message == "crash loop: 20 or more restarts by pm2 in 30m"
    assert len(json.dumps(patrol.memory)) < 1000


def test_restarts_count_until_the_window_is_over() -> None:
    patrol = Patrol()
    patrol.restarts(0, 6)
    assert counts(patrol.restarts(6, every=30 * MINUTE)) == (Status.FAIL, 6)
    assert counts(patrol.restarts(6, every=TICK)) == (Status.OK, 0)


def test_limit_and_window_are_parameters() -> None:
    patrol = Patrol(Params(max_crashes=1, crash_window=MINUTE))
    assert counts(patrol.restarts(0, 1, 1)) == (Status.OK, 0)
    verdict = patrol.restarts(2)
    assert counts(verdict) == (Status.FAIL, 2)
    assert verdict.message == "crash loop: 2 restarts by pm2 in 1m"


def test_a_reset_counter_ends_the_loop_and_is_the_new_base() -> None:
    patrol = Patrol()
    assert counts(patrol.restarts(1, 8)) == (Status.FAIL, 7)
    assert counts(patrol.restarts(0)) == (Status.OK, 0)
    assert counts(patrol.restarts(5)) == (Status.OK, 0)
    assert counts(patrol.restarts(6)) == (Status.FAIL, 6)


def test_what_the_counter_rose_by_during_a_blindness_longer_than_the_window_is_not_counted() -> None:
    patrol = Patrol()
    assert counts(patrol.restarts(0, 6, every=30 * MINUTE)) == (Status.FAIL, 6)
    patrol = Patrol()
    assert counts(patrol.restarts(0, 6, every=30 * MINUTE + TICK)) == (Status.OK, 0)
    assert counts(patrol.restarts(11)) == (Status.OK, 0)


def test_without_autorestart_the_counter_rises_by_orders_alone_and_is_no_crash_loop() -> None:
    patrol = Patrol()
    for count in range(0, 60, 6):
        verdict = patrol.look(process(restarts=count, autorestart=False))
        assert (verdict.status, verdict.message) == (Status.OK, "online for 1h")


def test_the_restarts_before_the_supervisor_gave_up_do_not_fail_a_process_that_guardian_healed() -> None:
    patrol = Patrol()
    patrol.restarts(0)
    errored = patrol.look(process(state=ProcessState.ERRORED, restarts=15))
    assert counts(errored) == (Status.FAIL, 0)
    assert counts(patrol.restarts(15)) == (Status.OK, 0)


@pytest.mark.parametrize("acts", [[OwnAct("api", "stop", NOW)], []])
def test_the_restarts_before_somebody_stopped_it_do_not_count_when_it_is_started_again(acts: list[OwnAct]) -> None:
    patrol = Patrol()
    assert counts(patrol.restarts(0, 15)) == (Status.FAIL, 15)
    patrol.acts = acts
    patrol.look(stopped(restarts=15, stopped_by_hand=None if acts else BY_HAND))
    assert counts(patrol.restarts(15)) == (Status.OK, 0)


@pytest.mark.parametrize("acted", [-5, 0, 5])
def test_guardians_own_restart_is_taken_off_once_even_when_the_counter_shows_it_a_look_later(acted: int) -> None:
    """`acted`: seconds from the look before the counter rose."""
    patrol = Patrol()
    patrol.restarts(0)
    patrol.acts = [OwnAct("api", "restart", patrol.now + acted * SECOND)]
    assert "restarted" not in patrol.restarts(1).message
    assert "restarted" in patrol.restarts(2).message
    assert counts(patrol.restarts(6)) == (Status.OK, 0)
    assert counts(patrol.restarts(7)) == (Status.FAIL, 6)


def test_guardians_restart_that_the_counter_does_not_show_at_once_is_taken_off_when_it_does() -> None:
    patrol = Patrol()
    patrol.restarts(0)
    patrol.acts = [OwnAct("api", "restart", patrol.now + 9 * SECOND)]
    assert "restarted" not in patrol.restarts(0, 1).message


def test_a_process_that_moved_to_another_supervisor_starts_with_its_counter_there() -> None:
    patrol = Patrol()
    patrol.restarts(0)
    (verdict,) = patrol.judge(fleet(), fleet(process(restarts=6), source="systemd")).verdicts
    assert counts(verdict) == (Status.OK, 0)


@pytest.mark.parametrize(("before", "told"), [(30 * SECOND, False), (30 * SECOND + TICK, True)])
def test_an_own_restart_of_long_ago_hides_no_crash(before: timedelta, told: bool) -> None:
    patrol = Patrol()
    patrol.restarts(0)
    patrol.acts = [OwnAct("api", "restart", patrol.now - before)]
    assert ("restarted" in patrol.restarts(1).message) is told


@pytest.mark.parametrize("act", [OwnAct("other", "restart", NOW), OwnAct("api", "stop", NOW)])
def test_an_act_on_another_process_or_of_another_kind_hides_no_crash(act: OwnAct) -> None:
    patrol = Patrol(acts=[act])
    assert "restarted" in patrol.restarts(0, 1).message


# A supervisor without a restart counter: the start time tells


def uncounted(started: datetime | None, **changes: Any) -> SupervisedProcess:
    return process(restarts=None, autorestart=None, started_at=started, **changes)


def starts(patrol: Patrol, *seconds: float, every: timedelta = 10 * SECOND) -> Verdict:
    """The last verdict, when it had last started so many seconds after NOW at each look."""
    return [patrol.look(uncounted(NOW + second * SECOND), after=every) for second in seconds][-1]


def test_without_a_counter_a_changed_start_time_is_one_restart_told_once_and_ok() -> None:
    patrol = Patrol()
    assert "restarted" not in starts(patrol, -3600, -3600).message
    verdict = starts(patrol, 25)
    assert (verdict.status, verdict.message) == (Status.OK, "online, restarted by pm2 since the last look")
    assert starts(patrol, 25).message == "online for 15s"
    assert "restarted" in starts(patrol, -5000).message, "the clock was set back"


@pytest.mark.parametrize("lives", [15 * SECOND, 45 * SECOND])
def test_without_a_counter_a_crash_loop_fails_at_the_sixth_change_and_uses_the_heal_budget_up(lives: timedelta) -> None:
    patrol = Patrol()
    assert counts(starts(patrol, *range(6), every=lives)) == (Status.OK, 0)
    verdict = starts(patrol, 6, every=lives)
    assert counts(verdict) == (Status.FAIL, 6)
    assert verdict.message == "crash loop: 6 restarts by pm2 in 30m"
    assert counts(starts(patrol, 6, every=lives)) == (Status.FAIL, 6)


@pytest.mark.parametrize("state", [ProcessState.LAUNCHING, ProcessState.WAITING, ProcessState.STOPPED])
def test_without_a_counter_a_restart_counts_in_whatever_state_the_look_finds_it(state: ProcessState) -> None:
    patrol = Patrol(Params(max_crashes=1))
    starts(patrol, 0, 1)
    assert counts(patrol.look(uncounted(NOW + 2 * SECOND, state=state))) == (Status.FAIL, 2)


def test_without_a_counter_changes_count_until_the_window_is_over_and_never_over_a_blindness_longer_than_it() -> None:
    patrol = Patrol(Params(max_crashes=1))
    starts(patrol, 0, 1, 2)
    assert counts(starts(patrol, 2, every=30 * MINUTE - 10 * SECOND)) == (Status.FAIL, 2)
    assert counts(starts(patrol, 2, every=10 * SECOND + TICK)) == (Status.OK, 0)
    assert "restarted" in starts(patrol, 3, every=30 * MINUTE).message
    assert "restarted" not in starts(patrol, 4, every=30 * MINUTE + TICK).message


def test_without_a_counter_a_first_start_is_no_restart() -> None:
    patrol = Patrol()
    patrol.look(uncounted(None, state=ProcessState.STOPPED, stopped_by_hand="never started"))
    assert "restarted" not in starts(patrol, 15).message
    patrol.look(uncounted(None))
    assert "restarted" not in starts(patrol, 35).message


@pytest.mark.parametrize("acted", [-5, 0, 5])
def test_without_a_counter_guardians_own_restart_is_taken_off_once(acted: int) -> None:
    """`acted`: seconds from the look before the start time changed."""
    patrol = Patrol()
    starts(patrol, 0)
    patrol.acts = [OwnAct("api", "restart", patrol.now + acted * SECOND)]
    assert "restarted" not in starts(patrol, 11).message
    assert "restarted" in starts(patrol, 21).message


@pytest.mark.parametrize("state", [ProcessState.ERRORED, ProcessState.ENDED])
def test_what_its_supervisor_gave_up_or_left_ended_has_its_loop_behind_it(state: ProcessState) -> None:
    patrol = Patrol(Params(max_crashes=1))
    assert counts(starts(patrol, 0, 1, 2)) == (Status.FAIL, 2)
    assert patrol.look(uncounted(NOW + 3 * SECOND, state=state)).spent == 0
    assert counts(starts(patrol, 3)) == (Status.OK, 0)


def test_a_counter_that_comes_or_goes_is_no_restart() -> None:
    patrol = Patrol()
    patrol.restarts(7)
    assert "restarted" not in patrol.look(process(restarts=None)).message
    assert "restarted" not in patrol.restarts(9).message


def test_a_memory_of_a_version_that_kept_no_start_times_is_read() -> None:
    patrol = Patrol()
    starts(patrol, 0)
    held = {key: value for key, value in patrol.memory["targets"]["api"].items() if key != "started"}
    patrol.memory = {**patrol.memory, "targets": {"api": held}}
    assert "restarted" not in starts(patrol, 1).message
    assert "restarted" in starts(patrol, 2).message


@pytest.mark.parametrize(("expect", "status"), [("api", Status.FAIL), ("apis", Status.SKIPPED)])
def test_what_ended_as_its_supervisor_expects_fails_only_where_it_is_expected_to_run(
    expect: str, status: Status
) -> None:
    judgement = Patrol(Params(expect=(expect,))).judge(fleet(process("api", ProcessState.ENDED)))
    verdict = next(verdict for verdict in judgement.verdicts if verdict.target == "api")
    assert (verdict.status, verdict.ruled_out) == (status, None)


def test_an_expected_instance_that_ended_fails_with_its_code() -> None:
    verdict = Patrol(Params(expect=("web",))).look(process("web#1", ProcessState.ENDED))
    assert (verdict.status, verdict.message) == (Status.FAIL, "ended by itself, exit code 0, and is expected to run")


# Missing and lost


@pytest.mark.parametrize("there", ["api", "api#0", "api#12", "api#0#", "api@~/b", "api#1@~/b"])
def test_an_expected_process_is_there_under_its_name_or_as_an_instance(there: str) -> None:
    name = "api@~/b" if "@" in there else "api"
    assert Patrol(Params(expect=(name,))).look(process(there)).status is Status.OK


@pytest.mark.parametrize("there", ["apis", "my-api", "api@~/b", "api#x", "ap#1i", "API"])
def test_an_expected_process_that_is_not_there_fails_and_cannot_be_healed(there: str) -> None:
    verdicts = by_target(Patrol(Params(expect=("api",))).judge(fleet(process(there))))
    assert verdicts.pop(there) == (Status.OK, None)
    assert verdicts == {"api": (Status.FAIL, "it is not there to restart: start it once by hand")}


@pytest.mark.parametrize("fleets", [[], [fleet()], [Fleet("pm2", error="no daemon", absent=True)]])
def test_an_expected_process_is_missing_also_where_there_is_no_process_at_all(fleets: list[Fleet]) -> None:
    judgement = Patrol(Params(expect=("api",))).judge(*fleets)
    assert [(verdict.target, verdict.status) for verdict in judgement.verdicts] == [("api", Status.FAIL)]


def test_nothing_is_missing_while_a_supervisor_cannot_be_read() -> None:
    judgement = Patrol(Params(expect=("api",))).judge(fleet(), Fleet("pm2@~/b", error="the daemon hangs"))
    assert by_target(judgement) == {"pm2@~/b": (Status.UNKNOWN, None)}


def test_a_process_that_was_deleted_from_its_daemon_is_gone_without_a_word() -> None:
    patrol = Patrol()
    patrol.judge(fleet(process("api"), process("old")))
    assert set(by_target(patrol.judge(fleet(process("api"))))) == {"api"}
    assert set(by_target(patrol.judge(fleet(process("api"), daemon="200:2")))) == {"api"}


def test_a_process_that_went_with_its_daemon_fails_for_a_day_or_until_it_is_back() -> None:
    patrol = Patrol()
    patrol.look(process())
    lost = patrol.judge(fleet(daemon="200:2"))
    assert by_target(lost) == {
        "api": (Status.FAIL, "the daemon was replaced and does not know it any more (with PM2: pm2 resurrect)")
    }
    assert by_target(patrol.judge(fleet(daemon="300:3"), after=24 * HOUR - 10 * SECOND))["api"][0] is Status.FAIL
    back = Patrol(memory=patrol.memory, now=patrol.now)
    assert back.look(process()).status is Status.OK
    assert patrol.judge(fleet(daemon="300:3"), after=TICK).nothing == "no process under pm2"
    assert not patrol.memory["targets"]


def test_a_daemon_that_cannot_be_told_from_another_loses_nothing() -> None:
    patrol = Patrol()
    patrol.judge(fleet(process(), daemon=None))
    assert not patrol.judge(fleet(daemon="200:2")).verdicts
    patrol.judge(fleet(process()))
    assert not patrol.judge(fleet(daemon=None)).verdicts


def test_a_lost_process_that_is_expected_too_has_one_verdict() -> None:
    patrol = Patrol(Params(expect=("api",)))
    patrol.look(process())
    assert len(patrol.judge(fleet(daemon="200:2")).verdicts) == 1


# Ignored


def test_what_is_ignored_is_never_judged_nor_missed() -> None:
    patrol = Patrol(Params(ignore=("build-*", "old?"), expect=("old1", "oldest")))
    judgement = patrol.judge(fleet(process("api"), stopped("build-7"), stopped("build")))
    assert set(by_target(judgement)) == {"api", "build", "oldest"}
    assert set(patrol.memory["targets"]) == {"api", "build"}


def test_what_is_ignored_from_now_on_is_not_lost_with_its_daemon() -> None:
    patrol = Patrol()
    patrol.look(process())
    patrol.params = Params(ignore=("api",))
    assert not patrol.judge(fleet(daemon="200:2")).verdicts


# What could not be seen


def test_a_supervisor_that_cannot_be_read_is_one_unknown_and_what_it_ran_is_remembered() -> None:
    patrol, other = Patrol(), fleet(process("b"), source="pm2@~/b")
    patrol.judge(fleet(process(restarts=0)), other)
    patrol.judge(fleet(process(restarts=5)), other)
    hung = Fleet("pm2", error="the daemon hangs")
    judgement = patrol.judge(hung, other)
    assert by_target(judgement) == {"b": (Status.OK, None), "pm2": (Status.UNKNOWN, None)}
    assert next(v.message for v in judgement.verdicts if v.target == "pm2") == "could not look: the daemon hangs"
    seen = {verdict.target: verdict for verdict in patrol.judge(fleet(process(restarts=6)), other).verdicts}
    assert counts(seen["api"]) == (Status.FAIL, 6)


def test_a_daemon_that_was_there_before_and_is_away_is_unknown_for_as_long_as_it_is() -> None:
    patrol, away = Patrol(), Fleet("pm2", error="no daemon: /x/rpc.sock does not exist", absent=True)
    patrol.judge(fleet())
    for _ in range(2):
        assert by_target(patrol.judge(away)) == {"pm2": (Status.UNKNOWN, None)}


def test_a_daemon_that_was_never_there_is_nothing_to_look_at() -> None:
    away = Fleet("pm2", error="no daemon: /x/rpc.sock does not exist", absent=True)
    judgement = Patrol().judge(away)
    assert not judgement.verdicts
    assert judgement.nothing == "no supervisor daemon found (pm2: no daemon: /x/rpc.sock does not exist)"
    assert by_target(Patrol().judge(away, fleet(process(), source="other"))) == {"api": (Status.OK, None)}


@pytest.mark.parametrize(
    ("fleets", "nothing"),
    [
        ([], "no supervisor is configured"),
        ([fleet()], "no process under pm2"),
        ([fleet(), fleet(source="pm2@~/b")], "no process under pm2, pm2@~/b"),
        ([fleet(), fleet(process("x"), source="pm2@~/b")], "every process under pm2, pm2@~/b is ignored"),
    ],
)
def test_nothing_to_look_at_has_its_reason(fleets: list[Fleet], nothing: str) -> None:
    judgement = Patrol(Params(ignore=("x",))).judge(*fleets)
    assert (judgement.verdicts, judgement.nothing) == ([], nothing)


def test_two_processes_of_one_name_are_unknown_since_a_restart_could_hit_the_wrong_one() -> None:
    judgement = Patrol().judge(fleet(stopped()), fleet(process(), process("b"), source="systemd"))
    assert by_target(judgement) == {"api": (Status.UNKNOWN, None), "b": (Status.OK, None)}


def test_a_process_that_is_called_like_a_blind_supervisor_is_unknown_with_it() -> None:
    judgement = Patrol().judge(fleet(process("x")), Fleet("x", error="it hangs"))
    assert by_target(judgement) == {"x": (Status.UNKNOWN, None)}


# Bounds


def test_a_message_has_at_most_two_hundred_characters() -> None:
    assert len(Patrol().look(stopped(stopped_by_hand="x" * 300)).message) == 200


def test_two_thousand_processes_are_remembered_and_the_oldest_are_dropped() -> None:
    patrol = Patrol()
    hung = Fleet("pm2", error="the daemon hangs")
    patrol.judge(fleet(process("old")))
    patrol.judge(hung, fleet(*(process(f"p{n}") for n in range(1999)), source="b"))
    assert len(patrol.memory["targets"]) == 2000
    patrol.judge(hung, fleet(*(process(f"p{n}") for n in range(2000)), source="b"))
    assert len(patrol.memory["targets"]) == 2000
    assert "old" not in patrol.memory["targets"]


def test_what_another_version_remembered_is_forgotten_and_not_stumbled_over() -> None:
    patrol = Patrol(memory={"sources": ["pm2"], "targets": {"api": {"source": "pm2", "count": 1}}})
    assert patrol.look(process(restarts=9)).status is Status.OK


@pytest.mark.parametrize(
    "wrong", [{"expect": [""]}, {"max_crashes": 0}, {"max_crashes": 51}, {"min_uptime": "0s"}, {"crash_window": 0}]
)
def test_a_parameter_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Params.model_validate(wrong)


def test_lists_are_taken_as_the_configuration_has_them() -> None:
    params = Params.model_validate({"expect": ["api"], "ignore": ["b*"], "max_crashes": 50})
    assert (params.expect, params.ignore) == (("api",), ("b*",))


_NAMES = st.sampled_from(["api", "api#0", "b", "pm2", "pm2@~/b"]) | st.text(max_size=300)
_TIMES = st.none() | st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_PROCESSES = st.builds(
    SupervisedProcess,
    target=_NAMES,
    state=st.sampled_from(ProcessState),
    pid=st.none() | st.integers(1, 2**22),
    restarts=st.integers(0, 12) | st.integers(-(10**15), 10**15),
    started_at=_TIMES,
    created_at=_TIMES,
    exit_code=st.none() | st.integers(-(10**15), 10**15),
    autorestart=st.booleans(),
    stopped_by_hand=st.none() | st.text(max_size=300),
)
_FLEETS = st.builds(
    Fleet,
    source=st.sampled_from(["pm2", "pm2@~/b", "systemd"]),
    processes=st.lists(_PROCESSES, max_size=4, unique_by=lambda process: process.target),
    daemon=st.sampled_from([None, "1:1", "2:2"]),
) | st.builds(
    Fleet,
    source=st.sampled_from(["pm2", "pm2@~/b", "systemd"]),
    error=st.text(max_size=300),
    absent=st.booleans(),
)
_LOOKS = st.tuples(
    st.lists(_FLEETS, max_size=3, unique_by=lambda fleet: fleet.source),
    st.lists(
        st.builds(
            OwnAct,
            _NAMES,
            st.sampled_from(["restart", "stop"]),
            st.datetimes(datetime(2026, 11, 24), datetime(2026, 11, 25), timezones=st.just(UTC)),  # noqa: DTZ001
        ),
        max_size=3,
    ),
    st.sampled_from([-MINUTE, TICK, 10 * SECOND, MINUTE, HOUR, 48 * HOUR]),
)
_PARAMS = st.builds(
    Params,
    expect=st.lists(_NAMES.filter(bool), max_size=2).map(tuple),
    ignore=st.lists(st.sampled_from(["a*", "[", "pm2*", "?"]), max_size=2).map(tuple),
    max_crashes=st.integers(1, 50),
    heal_manual_stop=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(looks=st.lists(_LOOKS, max_size=6), params=_PARAMS)
def test_whatever_is_seen_each_target_has_one_bounded_verdict_and_the_memory_stays_json(
    looks: list[tuple[list[Fleet], list[OwnAct], timedelta]], params: Params
) -> None:
    patrol = Patrol(params)
    for fleets, acts, after in looks:
        patrol.acts = acts
        judgement = patrol.judge(*fleets, after=after)
        targets = [verdict.target for verdict in judgement.verdicts]
        assert len(targets) == len(set(targets))
        assert all(len(verdict.message) <= 200 for verdict in judgement.verdicts)
        assert bool(judgement.nothing) != bool(judgement.verdicts)
        assert json.loads(json.dumps(judgement.memory)) == judgement.memory
        for known in judgement.memory["targets"].values():
            assert len(known["crashes"]) <= 4 * params.max_crashes
        fine = {verdict.target for verdict in judgement.verdicts if verdict.status is Status.OK}
        blind = {f.source for f in fleets if f.error is not None and not f.absent}
        down = {p.target for f in fleets for p in f.processes if p.state is ProcessState.ERRORED}
        assert not fine & (blind | down)
        assert blind <= {verdict.target for verdict in judgement.verdicts if verdict.status is Status.UNKNOWN}


# The page


def test_the_page_lists_every_parameter_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", DOCS.read_text(), re.MULTILINE))
    defaults = {name: info.default for name, info in Params.model_fields.items()}
    told = {
        name: duration_text(value) if isinstance(value, timedelta) else json.dumps(value).strip('"')
        for name, value in defaults.items()
    }
    assert rows == told
    assert all(info.description for info in Params.model_fields.values())


# The real thing


class NoActs:
    def recent(self) -> Sequence[OwnAct]:
        return ()


@pytest.fixture(scope="module")
def pm2() -> Iterator[RealPm2]:
    with running_pm2() as found:
        yield found


@pytest.fixture
def empty(pm2: RealPm2) -> RealPm2:
    for entry in pm2.entries():
        pm2.call("deleteProcessId", entry["pm_id"])
    return pm2


def ports(*homes: Path) -> Ports:
    return Ports("node", [open_pm2(Pm2Params(homes=tuple(map(str, homes)), timeout=10 * SECOND))], NoActs(), LogTail())


def real_look(home: Path, memory: Memory, params: Params | None = None) -> Judgement:
    params = params or Params()
    return judge(CHECK.probe(ports(home), params, None), params, memory, datetime.now(UTC))


def real_verdicts(home: Path, memory: Memory | None = None) -> dict[str, Verdict]:
    return {verdict.target: verdict for verdict in real_look(home, memory or {}).verdicts}


def test_real_processes_that_run_crashed_gave_up_and_were_stopped_by_hand_are_told_apart(empty: RealPm2) -> None:
    empty.start_all({"runs": "exec sleep 1000", "hand": "exec sleep 1000"})
    empty.start("crashed", "exit 3", autorestart=False)
    empty.start("gave-up", "exit 4", max_restarts=1, min_uptime=60_000)
    empty.cli("stop", "hand")
    empty.wait_status("crashed", "stopped")
    empty.wait_status("gave-up", "errored")
    verdicts = real_verdicts(empty.home)
    assert {target: verdict.status for target, verdict in verdicts.items()} == {
        "runs": Status.OK,
        "hand": Status.SKIPPED,
        "crashed": Status.FAIL,
        "gave-up": Status.FAIL,
    }
    assert verdicts["crashed"].message == "stopped, exit code 3"
    assert verdicts["gave-up"].message == "errored: pm2 gave up, exit code 4"


def test_the_evidence_of_a_real_crash_has_its_exit_code_and_its_last_words(empty: RealPm2) -> None:
    empty.start("crashed", "echo last words >&2; exit 3", autorestart=False)
    empty.wait_status("crashed", "stopped")
    own = ports(empty.home)
    known = CHECK.evidence(CHECK.probe(own, Params(), "crashed"), "crashed")
    assert (known.facts["exit_code"], known.facts["state"]) == (3, "stopped")
    wait_for("the log is written", lambda: "last words" in "\n".join(own.logs.tail(known.logs, 10)))


def test_a_real_crash_loop_is_seen_though_the_process_is_online_at_nearly_every_look(empty: RealPm2) -> None:
    empty.start("loop", "sleep 0.3; exit 1", min_uptime=100, max_restarts=1000)
    memory: Memory = {}

    def fails() -> Verdict | None:
        nonlocal memory
        judgement = real_look(empty.home, memory)
        memory = judgement.memory
        return next((verdict for verdict in judgement.verdicts if verdict.spent), None)

    verdict = wait_for("the crash loop is seen", fails)
    assert verdict.spent > 5
    assert verdict.message.startswith("crash loop: ")


def test_a_daemon_that_is_killed_is_unknown_and_none_is_started_by_looking() -> None:
    with running_pm2() as own:
        own.start("api")
        memory = real_look(own.home, {}).memory
        own.kill_daemon()
        before = {process.pid for process in own.processes()}
        assert {t: v.status for t, v in real_verdicts(own.home, memory).items()} == {"pm2": Status.UNKNOWN}
        assert {process.pid for process in own.processes()} == before
        own.start_daemon()
        verdicts = real_verdicts(own.home, memory)
        assert {t: (v.status, bool(v.ruled_out)) for t, v in verdicts.items()} == {"api": (Status.FAIL, True)}


def test_where_no_daemon_ever_was_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    judgement = real_look(tmp_path, {})
    assert not judgement.verdicts
    assert judgement.nothing is not None
    assert str(tmp_path) in judgement.nothing
    assert not list(tmp_path.iterdir())
