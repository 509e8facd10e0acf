"""Reading PM2's log for orders: recorded lines of PM2 7.0.4 and made-up ones. The real thing: test_pm2.py."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from guardian.supervisors.pm2.orders import stopped_by_hand, tail, told
from guardian.supervisors.pm2.processes import Entry, entries

HERE = Path(__file__).parent
START = "2026-11-23T21:21:06: PM2 log: App [api:0] starting in -fork mode-\n"
EXIT = "2026-11-23T21:21:09: PM2 log: App [api:0] exited with code [0] via signal [SIGINT]\n"
STOP = "2026-11-23T21:21:09: PM2 log: Stopping app:api id:0\n"
EVIDENCE = "stopped through PM2 at 2026-11-23T21:21:09 (pm2.log)"


def stopped(name: str = "api", number: int = 0, **env: Any) -> Entry:
    given = {"status": "stopped", "exit_code": 0, "autorestart": False, **env}
    (entry,) = entries([{"pm_id": number, "pid": 0, "name": name, "pm2_env": given}])
    return entry


def evidence(log: str, entry: Entry | None = None, *, only_one: bool = True) -> str | None:
    return stopped_by_hand(entry or stopped(), log.encode(), only_one=only_one)


def test_in_the_recorded_log_only_the_process_stopped_by_hand_has_evidence() -> None:
    log = (HERE / "pm2_log.txt").read_bytes()
    found = entries(json.loads((HERE / "pm2_answer.json").read_text()))
    told = {entry.name: stopped_by_hand(entry, log, only_one=entry.name != "web") for entry in found}
    assert {name for name, by_hand in told.items() if by_hand} == {"by hand", "later"}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (START + STOP + EXIT, EVIDENCE),
        (STOP, EVIDENCE),
        (START + EXIT, None),
        (START + STOP + EXIT + START + EXIT, None),
        (START + EXIT + START + STOP + EXIT, EVIDENCE),
        ("", None),
        (START + STOP.replace("app:api", "app:api2"), None),
        (START + STOP.replace("app:api", "app:my-api"), None),
        (STOP[21:], "stopped through PM2 (pm2.log)"),
        (STOP.replace("T21:21:09", " 21:21:09 +01:00"), EVIDENCE.replace("T21:21:09", " 21:21:09 +01:00")),
    ],
)
def test_the_last_thing_that_the_log_says_of_a_process_decides(log: str, expected: str | None) -> None:
    assert evidence(log) == expected


@pytest.mark.parametrize(
    ("env", "log", "state"),
    [
        ({}, START + EXIT, "stopping"),
        ({}, START + STOP + EXIT + START + EXIT, "stopping"),
        ({}, START + STOP + EXIT, "stopped"),
        ({}, "", "stopped"),
        ({"stop_exit_codes": [0]}, START + EXIT, "stopped"),
        ({"autorestart": False}, START + EXIT, "stopped"),
        ({"status": "errored"}, START + EXIT, "errored"),
    ],
)
def test_what_ended_without_an_order_and_is_restarted_at_once_is_seen_between_the_two(
    env: dict[str, Any], log: str, state: str
) -> None:
    entry = stopped(**{"autorestart": True, **env})
    assert told(entry, log.encode(), only_one=True).process.state == state


@pytest.mark.parametrize("state", ["online", "errored", "stopping", "launching", "waiting restart"])
def test_only_a_stopped_process_can_be_stopped_by_hand(state: str) -> None:
    assert evidence(START + STOP, stopped(status=state)) is None


def test_after_renumbering_a_unique_name_still_finds_its_line_and_a_shared_one_does_not() -> None:
    assert evidence(STOP, stopped(number=4)) == EVIDENCE
    assert evidence(STOP, stopped(number=4), only_one=False) is None


@pytest.mark.parametrize(
    "other",
    [
        "PM2 log: Stopping app:x PM2 log: Stopping app:api id:0\n",
        f"2026: PM2 log: App [{'x' * 40} {STOP.strip()}:1] online\n",
    ],
)
def test_another_process_whose_name_quotes_the_message_is_no_evidence(other: str) -> None:
    assert evidence(START + EXIT + other) is None


def test_a_name_is_never_taken_for_a_pattern() -> None:
    assert evidence(START + STOP, stopped("a.i")) is None
    assert evidence(STOP.replace("api", "a(+["), stopped("a(+[")) == EVIDENCE


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"autorestart": True}, True),
        ({"autorestart": True, "exit_code": 3, "stop_exit_codes": [3]}, False),
        ({"autorestart": True, "exit_code": 3, "stop_exit_codes": "3"}, False),
        ({"autorestart": True, "exit_code": 3, "stop_exit_codes": [4]}, True),
        ({"autorestart": True, "exit_code": None}, False),
        ({"autorestart": False}, False),
    ],
)
def test_without_the_log_the_rule_of_autorestart_tells_what_it_can(env: dict[str, Any], told: bool) -> None:
    assert (evidence("", stopped(**env)) is not None) is told
    assert evidence(START + EXIT, stopped(**env)) is None, "the log knows better"


def test_the_tail_of_a_huge_log_is_bounded_and_ends_with_its_end(tmp_path: Path) -> None:
    log = tmp_path / "pm2.log"
    with log.open("wb") as file:
        file.truncate(1 << 33)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + STOP.encode())
    assert len(tail(log)) < 1 << 22
    assert stopped_by_hand(stopped(), tail(log), only_one=True) == EVIDENCE


def test_a_log_that_is_away_or_no_file_is_no_evidence_and_blocks_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "none", tmp_path, tmp_path / "fifo"):
        assert tail(path) == b""
