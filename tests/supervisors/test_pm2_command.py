"""Orders through the `pm2` command, with recorded answers. The real command: test_pm2.py."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from guardian.supervisors.pm2.command import Command, Run
from guardian.supervisors.pm2.wire import WireError

LISTED = b"banner\n" + json.dumps([{"name": "api", "pm_id": 1}, {"name": "7", "pm_id": 2}]).encode() + b"\n"


def through(runner: Run, seconds: float = 5) -> Command:
    return Command(Path("/home/me/.pm2"), seconds, None, runner)


def test_all_commands_of_one_order_share_its_time_limit() -> None:
    given = []

    def slow(arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
        given.append(seconds)
        time.sleep(0.05)
        return 0, LISTED

    through(slow, 1).call("restartProcessId", {"id": 1})
    look, order = given
    assert look <= 1
    assert order <= look - 0.05


def test_no_command_begins_when_the_time_is_over() -> None:
    begun = []

    def note(arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
        begun.append(arguments)
        return 0, LISTED

    command = through(note, 0)
    with pytest.raises(WireError, match="no time was left") as error:
        command.call("stopProcessId", 1)
    assert (error.value.sent, begun) == (False, [])
    command.extend(5)
    command.call("stopProcessId", 1)
    assert [list(arguments[2:]) for arguments in begun] == [["jlist"], ["stop", "1"]]


@pytest.mark.parametrize(("failing", "sent"), [("jlist", False), ("restart", True), ("stop", True)])
def test_a_command_that_fails_may_have_carried_out_an_order_but_not_a_look(failing: str, sent: bool) -> None:
    def run(arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
        return (1, b"") if failing in arguments else (0, LISTED)

    method = "stopProcessId" if failing == "stop" else "restartProcessId"
    with pytest.raises(WireError, match=f"pm2 {failing} ended with 1") as error:
        through(run).call(method, 1)
    assert error.value.sent is sent


def test_no_order_goes_to_a_number_that_is_the_name_of_another_process() -> None:
    begun = []

    def run(arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
        begun.append(arguments[2])
        return 0, LISTED

    with pytest.raises(WireError, match="a process is named 7") as error:
        through(run).call("restartProcessId", {"id": 7})
    assert (error.value.sent, begun) == (False, ["jlist"])
