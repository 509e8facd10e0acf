"""Judging restarts: made-up looks against a clock that the test sets. The probe: tests/engine, with the store."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from guardian.checks.base import Judgement
from guardian.checks.restart_anomaly import CHECK, Params, judge
from guardian.checks.shared.processes import Sample
from guardian.model import Memory, OwnAct, Severity, Status, Verdict
from guardian.ports import Fleet, ProcessState, SupervisedProcess
from guardian.settings import duration_text

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TICK, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DOCS = Path(__file__).parents[2] / "docs/checks/restart_anomaly.md"
UP, DOWN = ProcessState.ONLINE, ProcessState.ERRORED
PROCESS = SupervisedProcess(
    target="api",
    state=UP,
    pid=4711,
    restarts=0,
    started_at=NOW,
    created_at=NOW,
    exit_code=0,
    autorestart=True,
    logs=("/logs/api-error.log",),
)


def process(restarts: int = 0, state: ProcessState = UP, **changes: Any) -> SupervisedProcess:
    changes.setdefault("pid", 4711 if state is UP else None)
    return replace(PROCESS, restarts=restarts, state=state, **changes)


def fleet(*processes: SupervisedProcess, source: str = "pm2") -> Fleet:
    return Fleet(source, processes, "100:1")


@dataclass
class Patrol:
    """Looks, one after the other: keeps the memory as the store does, as JSON, and the time."""

    params: Params = field(default_factory=Params)
    now: datetime = NOW
    memory: Memory = field(default_factory=dict)
    acts: Sequence[OwnAct] = ()
    acknowledged: Collection[str] = frozenset()

    def judge(self, *fleets: Fleet, after: timedelta = 10 * SECOND) -> Judgement:
        self.now += after
        judgement = judge(Sample(fleets, self.acts, self.acknowledged), self.params, self.memory, self.now)
        self.memory = json.loads(json.dumps(judgement.memory, allow_nan=False))
        return judgement

    def look(self, *processes: SupervisedProcess, after: timedelta = 10 * SECOND) -> Verdict:
        (verdict,) = self.judge(fleet(*processes), after=after).verdicts
        return verdict

    def restarts(self, *counts: int, every: timedelta = 10 * SECOND) -> Verdict:
        """The last verdict, when the counter stood so at each look."""
        return [self.look(process(count), after=every) for count in counts][-1]

    def turns(self, *states: ProcessState, every: timedelta = 10 * SECOND) -> Verdict:
        """The last verdict, when it was so at each look."""
        return [self.look(process(state=state), after=every) for state in states][-1]


# Since acknowledged


def test_the_50th_restart_fails_and_the_49th_does_not() -> None:
    patrol = Patrol(Params(max_rate=100))
    assert patrol.restarts(7, 56).status is Status.OK
    verdict = patrol.restarts(57)
    assert (verdict.status, verdict.severity) == (Status.FAIL, Severity.HIGH)
    assert verdict.message == "50 restarts since first seen, 20s ago"


def test_restarts_that_are_far_apart_add_up_over_weeks() -> None:
    patrol = Patrol()
    assert patrol.restarts(*range(50), every=20 * HOUR).status is Status.OK
    assert patrol.restarts(50, every=20 * HOUR).status is Status.FAIL


def test_what_a_person_acknowledged_is_the_new_base_and_ends_the_failure() -> None:
    patrol = Patrol(Params(max_restarts=20, max_rate=100))
    assert patrol.restarts(0, 30).status is Status.FAIL
    patrol.acknowledged = {"api"}
    verdict = patrol.restarts(31)
    assert (verdict.status, verdict.message) == (Status.OK, "0 restarts since acknowledged, 0s ago")
    patrol.acknowledged = frozenset()
    assert patrol.restarts(50).status is Status.OK
    verdict = patrol.restarts(51)
    assert (verdict.status, verdict.message) == (Status.FAIL, "20 restarts since acknowledged, 20s ago")


def test_while_the_acknowledged_incident_is_open_nothing_adds_up() -> None:
    patrol = Patrol()
    patrol.restarts(0, 60)
    patrol.acknowledged = {"api"}
    assert "more than 10 restarts" in patrol.restarts(120, 180).message
    patrol.acknowledged = frozenset()
    assert patrol.restarts(180, every=2 * HOUR).status is Status.OK


def test_an_acknowledgement_of_another_process_changes_nothing() -> None:
    patrol = Patrol(Params(max_rate=100), acknowledged={"other"})
    assert patrol.restarts(0, 60).status is Status.FAIL


# The counter


def test_an_old_counter_over_the_limit_fails_once_as_a_notice_and_is_the_base() -> None:
    patrol = Patrol()
    verdict = patrol.restarts(35_000)
    assert (verdict.status, verdict.severity, verdict.notice) == (Status.FAIL, Severity.WARNING, True)
    assert verdict.message == "35000 restarts before Guardian's time: the base from which it counts"
    verdict = patrol.restarts(35_000)
    assert (verdict.status, verdict.message) == (Status.OK, "0 restarts since first seen, 10s ago")
    assert patrol.restarts(35_010).status is Status.OK
    assert (patrol.restarts(35_050).status, patrol.memory["targets"]["api"]["total"]) == (Status.FAIL, 50)


def test_an_old_counter_below_the_limit_is_only_the_base() -> None:
    patrol = Patrol()
    assert patrol.restarts(49).status is Status.OK
    assert patrol.restarts(55).status is Status.OK


def test_a_counter_that_was_reset_goes_on_from_there() -> None:
    patrol = Patrol(Params(max_rate=100))
    assert patrol.restarts(0, 40, 0, 9).status is Status.OK
    assert patrol.restarts(10).status is Status.FAIL


def test_restarts_that_a_reset_counter_shows_at_once_count() -> None:
    assert Patrol(Params(max_rate=100)).restarts(0, 40, 10).status is Status.FAIL


def test_a_process_that_was_deleted_and_started_anew_goes_on_for_a_day() -> None:
    for away, status in ((24 * HOUR, Status.FAIL), (24 * HOUR + TICK, Status.OK)):
        patrol = Patrol(Params(max_rate=100))
        patrol.restarts(0, 45)
        patrol.judge(fleet(), after=away)
        assert patrol.restarts(5).status is status


def test_a_process_under_another_supervisor_starts_with_its_counter_there() -> None:
    patrol = Patrol()
    patrol.restarts(0)
    (verdict,) = patrol.judge(fleet(), fleet(process(49), source="systemd")).verdicts
    assert verdict.message == "0 restarts since first seen, 0s ago"


def test_guardians_own_restarts_are_taken_off() -> None:
    patrol = Patrol(Params(max_restarts=2))
    patrol.restarts(0)
    patrol.acts = [OwnAct("api", "restart", patrol.now + 5 * SECOND)]
    assert patrol.restarts(2).status is Status.OK
    assert patrol.restarts(3).status is Status.FAIL


@pytest.mark.parametrize("act", [OwnAct("other", "restart", NOW), OwnAct("api", "stop", NOW)])
def test_an_act_on_another_process_or_of_another_kind_is_not(act: OwnAct) -> None:
    assert Patrol(Params(max_restarts=2), acts=[act]).restarts(0, 2).status is Status.FAIL


def test_each_instance_of_a_cluster_is_counted_by_itself() -> None:
    patrol = Patrol(Params(max_rate=100))
    for restarts in (0, 49):
        patrol.judge(fleet(process(restarts, target="api#0"), process(0, target="api#1")))
    judgement = patrol.judge(fleet(process(50, target="api#0"), process(1, target="api#1")))
    assert {each.target: each.status for each in judgement.verdicts} == {"api#0": Status.FAIL, "api#1": Status.OK}


# The rate


def test_the_11th_restart_within_an_hour_fails() -> None:
    patrol = Patrol()
    assert patrol.restarts(*range(11), every=5 * MINUTE).status is Status.OK
    verdict = patrol.restarts(11, every=5 * MINUTE)
    assert (verdict.status, verdict.message) == (Status.FAIL, "more than 10 restarts in 1h")


def test_10_within_each_hour_do_not_fail() -> None:
    assert Patrol().restarts(*range(49), every=6 * MINUTE + 33 * SECOND).status is Status.OK


def test_a_restart_counts_until_the_window_is_over() -> None:
    patrol = Patrol()
    assert patrol.restarts(0, 11).status is Status.FAIL
    assert patrol.restarts(11, every=HOUR).status is Status.FAIL
    assert patrol.restarts(11, every=TICK).status is Status.OK


def test_limit_and_window_are_parameters() -> None:
    patrol = Patrol(Params(max_rate=1, rate_window=MINUTE))
    assert patrol.restarts(0, 1).status is Status.OK
    assert patrol.restarts(2).message == "more than 1 restarts in 1m"


def test_what_happened_while_guardian_was_blind_for_longer_than_the_window_has_no_time() -> None:
    assert Patrol().restarts(0, 20, every=HOUR).status is Status.FAIL
    patrol = Patrol()
    assert patrol.restarts(0, 20, every=HOUR + TICK).status is Status.OK
    assert patrol.restarts(50).status is Status.FAIL


@pytest.mark.parametrize("state", [ProcessState.LAUNCHING, ProcessState.WAITING, ProcessState.STOPPED])
def test_too_many_restarts_fail_in_whatever_moment_the_look_comes(state: ProcessState) -> None:
    patrol = Patrol()
    patrol.restarts(0)
    assert patrol.look(process(11, state)).status is Status.FAIL


def test_a_loop_has_its_end_where_the_supervisor_gave_up_and_the_restarts_still_add_up() -> None:
    patrol = Patrol()
    patrol.restarts(0)
    assert patrol.look(process(16, ProcessState.ERRORED)).status is Status.OK
    assert patrol.restarts(16).status is Status.OK
    assert patrol.memory["targets"]["api"]["total"] == 16


def test_a_loop_that_failed_already_still_fails_when_the_supervisor_gives_up() -> None:
    patrol = Patrol()
    assert patrol.restarts(0, 11).status is Status.FAIL
    assert patrol.look(process(16, ProcessState.ERRORED)).status is Status.FAIL
    assert patrol.look(process(16, ProcessState.ERRORED), after=HOUR + TICK).status is Status.OK


def test_a_loop_has_its_end_where_a_person_or_guardian_stopped_it() -> None:
    for by_hand, acts in (("pm2.log says so", []), (None, [OwnAct("api", "stop", NOW)])):
        patrol = Patrol()
        assert patrol.restarts(0, 20).status is Status.FAIL
        patrol.acts = acts
        assert patrol.look(process(20, ProcessState.STOPPED, stopped_by_hand=by_hand)).status is Status.OK
        assert patrol.restarts(20).status is Status.OK


# Oscillation


def test_the_5th_change_that_follows_closely_is_an_oscillation() -> None:
    patrol = Patrol()
    assert patrol.turns(UP, DOWN, UP, DOWN, UP).status is Status.OK
    verdict = patrol.turns(DOWN)
    assert (verdict.status, verdict.message) == (Status.FAIL, "oscillating: 5 changes between running and down")


@pytest.mark.parametrize(
    ("apart", "status"), [(5 * MINUTE - TICK, Status.FAIL), (5 * MINUTE, Status.OK), (HOUR, Status.OK)]
)
def test_changes_that_are_a_cooldown_apart_have_nothing_to_do_with_each_other(apart: timedelta, status: Status) -> None:
    assert Patrol().turns(*[UP, DOWN] * 10, every=apart).status is status


def test_an_oscillation_is_over_when_it_was_quiet_for_a_cooldown() -> None:
    patrol = Patrol()
    assert patrol.turns(*[DOWN, UP] * 4).status is Status.FAIL
    assert patrol.turns(UP, every=5 * MINUTE - TICK).status is Status.FAIL
    assert patrol.turns(UP, every=TICK).status is Status.OK


def test_an_oscillation_that_ends_by_staying_down_is_not_over_until_it_runs() -> None:
    patrol = Patrol()
    assert patrol.turns(*[UP, DOWN] * 4).status is Status.FAIL
    assert patrol.turns(DOWN, every=5 * HOUR).status is Status.FAIL
    assert patrol.turns(UP).status is Status.OK


def test_fewer_changes_are_forgotten_also_while_it_is_down() -> None:
    patrol = Patrol()
    patrol.turns(UP, DOWN, UP, DOWN)
    patrol.turns(DOWN, every=5 * MINUTE)
    assert patrol.turns(UP, DOWN).status is Status.OK


def test_what_guardians_own_restart_brought_up_is_no_change() -> None:
    patrol = Patrol()
    for _ in range(4):
        patrol.turns(UP, DOWN)
        patrol.acts = [OwnAct("api", "restart", patrol.now + SECOND)]
    assert patrol.turns(UP).status is Status.OK
    assert len(patrol.memory["targets"]["api"]["flips"]) == 4
    assert patrol.turns(DOWN).status is Status.FAIL


def test_an_own_restart_explains_only_the_recovery_that_it_made() -> None:
    patrol = Patrol()
    patrol.turns(UP, DOWN)
    patrol.acts = [OwnAct("api", "restart", patrol.now + SECOND)]
    patrol.turns(UP, DOWN, UP)
    assert len(patrol.memory["targets"]["api"]["flips"]) == 3


@pytest.mark.parametrize("between", [ProcessState.LAUNCHING, ProcessState.STOPPING, ProcessState.UNRECOGNIZED])
def test_what_is_on_the_way_has_not_changed(between: ProcessState) -> None:
    patrol = Patrol()
    assert patrol.turns(*[UP, between] * 10).status is Status.OK
    assert patrol.turns(*[DOWN, between, UP, between] * 3).status is Status.FAIL


def test_online_without_a_process_is_down() -> None:
    patrol = Patrol()
    for _ in range(3):
        patrol.look(process())
        verdict = patrol.look(process(pid=None))
    assert verdict.status is Status.FAIL


def test_starting_and_stopping_by_hand_is_no_oscillation() -> None:
    patrol = Patrol()
    by_hand = process(0, ProcessState.STOPPED, stopped_by_hand="pm2.log says so")
    for _ in range(10):
        patrol.look(process())
        assert patrol.look(by_hand).status is Status.OK


# All together


def test_each_thing_that_is_wrong_is_said() -> None:
    patrol = Patrol()
    for n in range(8):
        verdict = patrol.look(process(10 * n, DOWN if n % 2 else UP, pid=None if n % 2 else 1))
    assert verdict.message == ("70 restarts since first seen, 1m ago; oscillating: 5 changes between running and down")
    assert (verdict.facts["restarts_counted"], verdict.facts["restarts"]) == (70, 70)
    assert CHECK.remedy is None
    assert CHECK.takes_in == "process_health"


def test_a_failure_is_news_only_when_something_happened() -> None:
    patrol = Patrol()
    assert patrol.restarts(0, 60).news
    assert not patrol.restarts(60).news
    assert patrol.restarts(61).news
    assert patrol.look(process(61, DOWN)).news
    assert not patrol.look(process(61, DOWN)).news


def test_a_blind_supervisor_is_one_unknown_and_what_it_ran_is_remembered() -> None:
    patrol = Patrol(Params(max_rate=100))
    patrol.restarts(0, 40)
    (verdict,) = patrol.judge(Fleet("pm2", error="the daemon hangs"), after=48 * HOUR).verdicts
    assert (verdict.target, verdict.status) == ("pm2", Status.UNKNOWN)
    assert patrol.restarts(50).status is Status.FAIL


def test_what_is_ignored_is_never_judged() -> None:
    judgement = Patrol(Params(ignore=("a*",))).judge(fleet(process(100)))
    assert (judgement.verdicts, judgement.nothing) == ([], "every process under pm2 is ignored")


def test_two_processes_of_one_name_are_unknown() -> None:
    judgement = Patrol().judge(fleet(process()), fleet(process(100), source="systemd"))
    assert [(each.target, each.status) for each in judgement.verdicts] == [("api", Status.UNKNOWN)]


def test_the_memory_of_a_wild_process_is_bounded() -> None:
    patrol = Patrol()
    for n in range(60):
        patrol.look(process(10**12 * n, DOWN if n % 2 else UP))
    assert len(json.dumps(patrol.memory)) < 700


def test_what_another_version_remembered_is_forgotten_and_not_stumbled_over() -> None:
    patrol = Patrol(memory={"sources": ["pm2"], "targets": {"api": {"source": "pm2", "count": 1}}})
    assert patrol.restarts(9).status is Status.OK


@pytest.mark.parametrize("wrong", [{"max_restarts": 0}, {"max_rate": 101}, {"max_flips": 0}, {"flip_distance": 0}])
def test_a_parameter_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Params.model_validate(wrong)


_PROCESSES = st.builds(
    process,
    restarts=st.integers(0, 60) | st.integers(-(10**15), 10**15),
    state=st.sampled_from(ProcessState),
    target=st.sampled_from(["api", "api#0", "pm2"]),
    stopped_by_hand=st.none() | st.text(max_size=10),
)
_FLEETS = st.builds(
    Fleet,
    source=st.sampled_from(["pm2", "systemd"]),
    processes=st.lists(_PROCESSES, max_size=3, unique_by=lambda process: process.target),
) | st.builds(Fleet, source=st.sampled_from(["pm2", "systemd"]), error=st.text(max_size=300), absent=st.booleans())
_LOOKS = st.tuples(
    st.lists(_FLEETS, max_size=2, unique_by=lambda fleet: fleet.source),
    st.lists(st.builds(OwnAct, st.just("api"), st.sampled_from(["restart", "stop"]), st.just(NOW)), max_size=2),
    st.sets(st.sampled_from(["api", "api#0"])),
    st.sampled_from([-MINUTE, TICK, 10 * SECOND, HOUR, 48 * HOUR]),
)


@settings(max_examples=200, deadline=None)
@given(looks=st.lists(_LOOKS, max_size=6))
def test_whatever_is_seen_each_target_has_one_bounded_verdict_and_the_memory_stays_json(looks: list[Any]) -> None:
    patrol = Patrol()
    for fleets, acts, acknowledged, after in looks:
        patrol.acts, patrol.acknowledged = acts, acknowledged
        judgement = patrol.judge(*fleets, after=after)
        targets = [verdict.target for verdict in judgement.verdicts]
        assert len(targets) == len(set(targets))
        assert all(len(verdict.message) <= 200 for verdict in judgement.verdicts)
        assert bool(judgement.nothing) != bool(judgement.verdicts)
        for known in judgement.memory["targets"].values():
            assert known["total"] >= 0
            assert len(known["recent"]) <= 11
            assert len(known["flips"]) <= 5


def test_the_page_lists_every_parameter_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", DOCS.read_text(), re.MULTILINE))
    told = {
        name: duration_text(info.default) if isinstance(info.default, timedelta) else json.dumps(info.default)
        for name, info in Params.model_fields.items()
    }
    assert rows == {name: value.replace("()", "[]") for name, value in told.items()}
    assert all(info.description for info in Params.model_fields.values())
