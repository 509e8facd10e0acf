"""Reading supervisord's list: a recorded answer of supervisord 4.3.0 (trimmed), and entries that are malformed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.ports import ProcessState, SupervisedProcess
from guardian.supervisors.supervisord.daemon import patience
from guardian.supervisors.supervisord.processes import Entry, entries
from guardian.supervisors.supervisord.wire import WireError

RECORDED = json.loads(Path(__file__).with_name("supervisord_answer.json").read_text())
NOW = 1_795_551_483
INFO = {
    "name": "api",
    "group": "api",
    "state": 20,
    "pid": 7,
    "start": NOW - 60,
    "stop": 0,
    "now": NOW,
    "exitstatus": 0,
    "spawnerr": "",
    "stdout_logfile": "/logs/out",
    "stderr_logfile": "/logs/err",
}
CONFIG = {"name": "api", "group": "api", "autostart": True, "exitcodes": [0], "stopwaitsecs": 10}


def recorded() -> Mapping[str, SupervisedProcess]:
    found = entries(RECORDED["getAllProcessInfo"], RECORDED["getAllConfigInfo"])
    return {entry.process.target: entry.process for entry in found}


def one(config: object = CONFIG, **info: Any) -> Entry:
    (entry,) = entries([INFO | info], [config])
    return entry


def exited(seconds_ago: int, status: int = 0, codes: object = (0,)) -> SupervisedProcess:
    info = {"state": 100, "pid": 0, "stop": NOW - seconds_ago, "exitstatus": status}
    return one(CONFIG | {"exitcodes": list(codes)}, **info).process  # type: ignore[call-overload]


def test_the_recorded_processes_are_in_the_states_that_they_were_in() -> None:
    assert {target: process.state for target, process in recorded().items()} == {
        "up": ProcessState.ONLINE,
        "g:mem1": ProcessState.ONLINE,
        "pool:pool_00": ProcessState.ONLINE,
        "pool:pool_01": ProcessState.STOPPED,
        "stubborn": ProcessState.STOPPING,
        "once": ProcessState.STOPPED,
        "done": ProcessState.ENDED,
        "later": ProcessState.STOPPED,
        "fatal": ProcessState.ERRORED,
        "nofile": ProcessState.ERRORED,
        "backoff": ProcessState.WAITING,
    }


def test_of_the_recorded_processes_only_those_that_somebody_left_stopped_have_evidence() -> None:
    assert {target for target, process in recorded().items() if process.stopped_by_hand} == {"pool:pool_01", "later"}


def test_only_what_runs_has_a_pid_and_only_what_exited_with_a_code_has_that() -> None:
    running = {target for target, process in recorded().items() if process.pid is not None}
    assert running == {"up", "g:mem1", "pool:pool_00", "stubborn"}
    assert {target for target, process in recorded().items() if process.exit_code is not None} == {"done"}


def test_every_named_field_of_a_process_is_read() -> None:
    process = one().process
    assert process.started_at == datetime.fromtimestamp(NOW - 60, UTC)
    assert (process.restarts, process.created_at, process.autorestart) == (None, None, None)
    assert process.logs == ("/logs/err", "/logs/out")


def test_nothing_of_a_command_line_is_in_an_entry() -> None:
    assert "s3cret" in repr(RECORDED)
    assert "s3cret" not in repr(entries(RECORDED["getAllProcessInfo"], RECORDED["getAllConfigInfo"]))


@pytest.mark.parametrize(
    ("seconds_ago", "state"),
    [
        (0, ProcessState.WAITING),
        (2, ProcessState.WAITING),
        (3, ProcessState.ENDED),
        (-1, ProcessState.ENDED),
    ],
)
def test_an_expected_exit_is_an_end_when_supervisord_has_left_it_so(seconds_ago: int, state: ProcessState) -> None:
    assert exited(seconds_ago).state is state
    assert exited(seconds_ago, status=1).state is ProcessState.STOPPED


@pytest.mark.parametrize(
    ("status", "codes", "state", "code"),
    [
        (0, [0], ProcessState.ENDED, 0),
        (2, [0, 2], ProcessState.ENDED, 2),
        (2, [0], ProcessState.STOPPED, 2),
        (0, [], ProcessState.STOPPED, 0),
        (0, ["x"], ProcessState.STOPPED, 0),
        (-1, [0], ProcessState.STOPPED, None),
    ],
)
def test_which_exits_are_expected_is_said_by_the_configuration(
    status: int, codes: list[Any], state: ProcessState, code: int | None
) -> None:
    process = exited(9, status, codes)
    assert (process.state, process.exit_code) == (state, code)


@pytest.mark.parametrize("configs", [None, [], {"faultCode": 1, "faultString": "x"}, ["x"], [{}]])
def test_without_the_configuration_the_defaults_of_supervisord_stand(configs: object) -> None:
    (ended,) = entries([INFO | {"state": 100, "pid": 0, "stop": NOW - 9}], configs)
    assert ended.process.state is ProcessState.ENDED
    assert ended.patience == timedelta(seconds=10)
    (never,) = entries([INFO | {"state": 0, "pid": 0, "start": 0}], configs)
    assert never.process.stopped_by_hand


@pytest.mark.parametrize(("autostart", "state"), [(True, ProcessState.LAUNCHING), (False, ProcessState.STOPPED)])
def test_what_is_to_start_and_has_not_yet_is_being_started(autostart: bool, state: ProcessState) -> None:
    process = one(CONFIG | {"autostart": autostart}, state=0, pid=0, start=0).process
    assert process.state is state
    assert (process.stopped_by_hand is None) is autostart


def test_an_entry_with_nothing_in_it_is_a_process_of_an_unrecognized_state() -> None:
    (entry,) = entries([{}], [])
    assert entry.process.state is ProcessState.UNRECOGNIZED
    assert (entry.process.pid, entry.process.started_at, entry.process.logs) == (None, None, ())


@pytest.mark.parametrize("answer", [None, {}, "x", [1], [[]], [None]])
def test_what_is_no_list_of_structs_is_refused(answer: object) -> None:
    with pytest.raises(WireError, match="malformed"):
        entries(answer, [])


@pytest.mark.parametrize(
    ("field", "value", "attribute", "read"),
    [
        ("state", 1000, "state", ProcessState.UNRECOGNIZED),
        ("state", "20", "state", ProcessState.UNRECOGNIZED),
        ("state", False, "state", ProcessState.UNRECOGNIZED),
        ("state", [], "state", ProcessState.UNRECOGNIZED),
        ("start", 2**31, "started_at", None),
        ("start", -5, "started_at", None),
        ("start", float("nan"), "started_at", None),
        ("start", "soon", "started_at", None),
        ("pid", "7", "pid", None),
        ("pid", -7, "pid", None),
        ("stderr_logfile", 5, "logs", ("/logs/out",)),
        ("stderr_logfile", "/dev/stderr", "logs", ("/logs/out",)),
        ("stderr_logfile", "syslog", "logs", ("/logs/out",)),
        ("stdout_logfile", "/logs/err", "logs", ("/logs/err",)),
        ("name", "a\nb", "target", "api:a\N{REPLACEMENT CHARACTER}b"),
    ],
)
def test_a_field_of_another_kind_is_read_as_not_given(field: str, value: object, attribute: str, read: object) -> None:
    assert getattr(one(**{field: value}).process, attribute) == read


def test_the_words_of_supervisord_are_bounded_printable_text() -> None:
    assert one(state=200, spawnerr="x" * 300).process.why == "x" * 200
    assert one(state=30, spawnerr="a\x1b").process.why == "a\N{REPLACEMENT CHARACTER}"
    assert one(state=200, spawnerr={}).process.why is None
    assert one(spawnerr="of another time").process.why is None


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [(0, 10), (5, 10), (6, 11), (25, 30), (3600, 30), (10**9, 30), (-1, 15), ("5", 15), (None, 15)],
)
def test_an_order_may_take_as_long_as_the_stop_within_bounds(wait: object, seconds: float) -> None:
    assert patience(one(CONFIG | {"stopwaitsecs": wait}), timedelta(seconds=5)) == timedelta(seconds=seconds)
