"""Reading PM2's list: a recorded answer of PM2 7.0.4 (trimmed), and entries that are malformed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.ports import ProcessState, SupervisedProcess
from guardian.supervisors.pm2.daemon import patience
from guardian.supervisors.pm2.processes import Entry, entries, targets

RECORDED = Path(__file__).with_name("pm2_answer.json")


def recorded() -> Mapping[str, SupervisedProcess]:
    found = entries(json.loads(RECORDED.read_text()))
    return {target: entry.process for target, entry in zip(targets(found), found, strict=True)}


def one(**env: Any) -> Entry:
    (entry,) = entries([{"pm_id": 0, "pid": 7, "name": "api", "pm2_env": {"status": "online", **env}, "monit": {}}])
    return entry


def names(*items: Mapping[str, Any]) -> list[str]:
    return list(targets(entries([{"pm_id": number, **item} for number, item in enumerate(items)])))


def test_the_recorded_processes_are_in_the_states_that_they_were_in() -> None:
    assert {target: process.state for target, process in recorded().items()} == {
        "online": ProcessState.ONLINE,
        "by hand": ProcessState.STOPPED,
        "crashed": ProcessState.STOPPED,
        "errored": ProcessState.ERRORED,
        "waiting": ProcessState.WAITING,
        "web#0": ProcessState.ONLINE,
        "web#1": ProcessState.ONLINE,
        "later": ProcessState.STOPPED,
    }


def test_only_what_runs_has_a_pid_and_a_load() -> None:
    running = {target for target, process in recorded().items() if process.pid is not None}
    assert running == {"online", "web#0", "web#1"}
    assert running == {target for target, process in recorded().items() if process.memory_bytes is not None}
    assert next(item for item in json.loads(RECORDED.read_text()) if item["name"] == "waiting")["pid"] > 0


def test_every_named_field_of_a_process_is_read() -> None:
    process = recorded()["by hand"]
    raw = next(item for item in json.loads(RECORDED.read_text()) if item["name"] == "by hand")["pm2_env"]
    assert process.started_at == datetime.fromtimestamp(raw["pm_uptime"] / 1000, UTC)
    assert process.created_at == datetime.fromtimestamp(raw["created_at"] / 1000, UTC)
    assert (process.exit_code, process.autorestart, process.restarts) == (0, False, 0)
    assert process.logs == ("/home/me/.pm2/logs/by-hand-error.log", "/home/me/.pm2/logs/by-hand-out.log")


def test_nothing_of_the_environment_is_in_an_entry() -> None:
    assert "hidden" in RECORDED.read_text()
    assert "hidden" not in repr(entries(json.loads(RECORDED.read_text())))


def test_an_entry_with_nothing_in_it_is_a_process_of_an_unrecognized_state() -> None:
    (entry,) = entries([{"pm_id": 3}])
    assert (entry.process.target, entry.process.state) == ("(no name)", ProcessState.UNRECOGNIZED)
    assert (entry.process.pid, entry.process.started_at, entry.process.logs) == (None, None, ())


def test_an_old_generation_that_a_reload_leaves_behind_is_no_process() -> None:
    assert entries([{"pm_id": "_old_0", "name": "api"}]) == []


@pytest.mark.parametrize(
    ("field", "value", "attribute", "read"),
    [
        ("pm_uptime", None, "started_at", None),
        ("pm_uptime", float("nan"), "started_at", None),
        ("pm_uptime", 10**400, "started_at", None),
        ("pm_uptime", "soon", "started_at", None),
        ("pm_uptime", 9e14, "started_at", None),
        ("exit_code", True, "exit_code", None),
        ("exit_code", float("inf"), "exit_code", None),
        ("restart_time", -1e300, "restarts", 0),
        ("restart_time", {}, "restarts", 0),
        ("autorestart", "false", "autorestart", False),
        ("autorestart", False, "autorestart", False),
        ("autorestart", None, "autorestart", True),
        ("pm_err_log_path", 5, "logs", ()),
        ("pm_err_log_path", "/dev/null", "logs", ()),
        ("status", "one-launch-status", "state", ProcessState.UNRECOGNIZED),
        ("status", ["online"], "state", ProcessState.UNRECOGNIZED),
    ],
)
def test_a_field_of_another_kind_is_read_as_not_given(field: str, value: object, attribute: str, read: object) -> None:
    assert getattr(one(**{field: value}).process, attribute) == read


@pytest.mark.parametrize(
    ("pid", "env", "state"),
    [
        (77, {}, ProcessState.WAITING),
        (77, {"autorestart": False}, ProcessState.WAITING),
        (0, {}, ProcessState.STOPPING),
        (0, {"autorestart": False}, ProcessState.STOPPED),
        (0, {"stop_exit_codes": [3]}, ProcessState.STOPPED),
        (0, {"stop_exit_codes": [4]}, ProcessState.STOPPING),
        (0, {"created_at": None}, ProcessState.ERRORED),
        (0, {"created_at": None, "autorestart": False}, ProcessState.ERRORED),
    ],
)
def test_what_pm2_says_waits_but_has_no_pid_any_more_is_not_waiting(
    pid: int, env: dict[str, Any], state: ProcessState
) -> None:
    given = {"status": "waiting restart", "created_at": 1_795_490_887_988, "exit_code": 3, **env}
    (entry,) = entries([{"pm_id": 0, "pid": pid, "name": "api", "pm2_env": given}])
    assert (entry.process.state, entry.process.pid) == (state, None)


def test_namesakes_of_fork_mode_are_told_apart_by_their_order() -> None:
    item = {"name": "api", "pm2_env": {"NODE_APP_INSTANCE": 0}}
    assert names(item, item, {"name": "other"}) == ["api#0", "api#1", "other"]


def test_instance_numbers_stand_when_one_instance_is_gone() -> None:
    assert names(*({"name": "web", "pm2_env": {"NODE_APP_INSTANCE": k}} for k in (0, 2, "3"))) == [
        "web#0",
        "web#2",
        "web#3",
    ]


def test_no_two_processes_ever_have_one_target() -> None:
    given = names({"name": "api"}, {"name": "api#0"}, {"name": "api"}, {"name": "api#0#"})
    assert len(set(given)) == 4
    assert given[1] == "api#0"


@pytest.mark.parametrize(
    ("name", "target"),
    [
        (7, "7"),
        ("", "(no name)"),
        (None, "(no name)"),
        ({"a": 1}, "(no name)"),
        ("a\nb\x1b[31m", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        ("Prüfung ✓ ../../etc", "Prüfung ✓ ../../etc"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_target_is_always_bounded_printable_text(name: object, target: str) -> None:
    assert names({"name": name}) == [target]


@pytest.mark.parametrize(
    ("env", "seconds"),
    [
        ({}, 10),
        ({"kill_timeout": 2499}, 10),
        ({"kill_timeout": 4000}, 13),
        ({"kill_timeout": "4000"}, 13),
        ({"kill_timeout": 4000, "wait_ready": True}, 16),
        ({"kill_timeout": 3_600_000}, 30),
        ({"kill_timeout": -1}, 10),
    ],
)
def test_an_order_may_take_twice_the_kill_timeout_within_bounds(env: Mapping[str, Any], seconds: float) -> None:
    assert patience(one(**env), timedelta(seconds=5)) == timedelta(seconds=seconds)
