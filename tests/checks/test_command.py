"""A command's answer as a verdict, and its section as a check with its cure."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian.checks.base import Check
from guardian.checks.command import CHECK, Params, judge
from guardian.model import Severity, Status, Verdict
from guardian.ports import Command, Ran

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def verdict(ran: Ran, **keys: object) -> Verdict:
    (found,) = judge(ran, Params(run=("x",), **keys), {}, NOW, name="api").verdicts  # type: ignore[arg-type]
    return found


def member(**keys: object) -> tuple[Check, Params]:
    params = Params(run=("./x", "a"), **keys)  # type: ignore[arg-type]
    assert CHECK.member is not None
    return CHECK.member("api", params, Path("/etc/guardian")), params


@pytest.mark.parametrize(("code", "status"), [(0, Status.OK), (1, Status.FAIL), (3, Status.UNKNOWN)])
def test_the_code_is_the_verdict_and_the_first_line_the_message(code: int, status: Status) -> None:
    found = verdict(Ran(code, "all well\nmore\n"))
    assert (found.target, found.status, found.message) == ("api", status, "all well")


@pytest.mark.parametrize("code", [2, 4, 126, 127, 255])
def test_another_code_is_unknown_and_says_which(code: int) -> None:
    found = verdict(Ran(code, "odd"))
    assert (found.status, found.message) == (Status.UNKNOWN, f"exit code {code} (0 ok, 1 fail, 3 unknown): odd")


def test_what_did_not_end_by_itself_is_unknown_and_says_why() -> None:
    found = verdict(Ran(None, "so far", "timed out: ended after 10s"))
    assert (found.status, found.message) == (Status.UNKNOWN, "timed out: ended after 10s: so far")


@pytest.mark.parametrize("code", [0, 1, 3])
def test_without_output_the_code_is_the_message(code: int) -> None:
    assert verdict(Ran(code)).message == f"exit code {code}, no output"


def test_its_message_is_plain_bounded_and_without_secrets() -> None:
    message = verdict(Ran(1, "\x1b[31mred\x1b[0m \u202etoken=abcdef1234567890abcdef1234567890 " + "x" * 9999)).message
    assert len(message) <= 200
    assert message.startswith("red ")
    assert "abcdef1234567890" not in message


def test_the_section_names_target_and_severity() -> None:
    found = verdict(Ran(1, "x"), target="bot", severity="warning")
    assert (found.target, found.severity) == ("bot", Severity.WARNING)


def test_a_heal_command_is_the_order_of_the_remedy_run_command() -> None:
    check, params = member(heal=("./heal", "b"), heal_timeout="2m", env={"A": "1"}, env_from=("B",))
    assert check.remedy == "run_command"
    assert check.order is not None
    expected = Command(("./heal", "b"), timedelta(minutes=2), "/etc/guardian", {"A": "1"}, ("B",), goes_on=True)
    assert check.order(params, "api") == expected


@pytest.mark.parametrize(("written", "settles"), [("30s", 0), ("31s", 31), ("1h", 3600)])
def test_a_heal_that_may_take_long_is_verified_after_its_time(written: str, settles: int) -> None:
    check, params = member(heal=("./heal",), heal_timeout=written)
    assert check.settle(params) == timedelta(seconds=settles)


def test_restart_process_is_told_to_restart_also_what_runs() -> None:
    check, params = member(remedy="restart_process", target="bot")
    assert check.order is not None
    assert (check.remedy, check.order(params, "bot")) == ("restart_process", True)


def test_without_a_cure_there_is_no_remedy() -> None:
    check, params = member()
    assert (check.remedy, check.settle(params)) == (None, timedelta(0))


def test_it_looks_in_the_folder_of_the_configuration_or_in_its_own() -> None:
    class Runner:
        cwd: str | None = None

        def run(self, command: Command) -> Ran:
            self.cwd = command.cwd
            return Ran(0)

    class Ports:
        commands = Runner()

    for keys, cwd in [({}, "/etc/guardian"), ({"cwd": "sub"}, "/etc/guardian/sub"), ({"cwd": "/srv"}, "/srv")]:
        check, params = member(**keys)
        check.probe(Ports(), params, None)  # type: ignore[arg-type]
        assert Ports.commands.cwd == cwd
