"""The operator's command as a cure: what is known to be done, known not to be, and what nobody can tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian import services
from guardian.errors import RemedyError
from guardian.heal.base import Done
from guardian.heal.run_command import REMEDY
from guardian.host.commands import Commands
from guardian.logs.tail import LogTail
from guardian.model import OwnAct, RemedyKind
from guardian.ports import Command, Ports, Ran

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class NoActs:
    def recent(self) -> Sequence[OwnAct]:
        return ()


class Answers:
    def __init__(self, ran: Ran) -> None:
        self.ran = ran

    def run(self, command: Command) -> Ran:
        return self.ran


PORTS = Ports("n", [], NoActs(), LogTail(), Commands())


def order(*arguments: str, limit: float = 60) -> Command:
    return Command(arguments, timedelta(seconds=limit), goes_on=True)


def act(command: Command, ports: Ports = PORTS) -> Done:
    assert REMEDY.bind is not None
    return REMEDY.bind(command).act(ports, "api")


def refused(command: Command, ports: Ports = PORTS) -> RemedyError:
    with pytest.raises(RemedyError) as caught:
        act(command, ports)
    return caught.value


def test_it_is_a_cure_found_by_its_file_name() -> None:
    assert services.remedies()["run_command"] is REMEDY
    assert REMEDY.kind is RemedyKind.CURE


def test_it_runs_the_command(tmp_path: Path) -> None:
    done = act(order("/bin/sh", "-c", f"touch {tmp_path}/done; echo up again"))
    assert done == Done(changed=True, text="ran /bin/sh: up again")
    assert (tmp_path / "done").exists()


def test_what_could_not_be_started_was_not_done(tmp_path: Path) -> None:
    error = refused(order(str(tmp_path / "missing")))
    assert error.done is False
    assert "could not be started" in str(error)


@pytest.mark.parametrize(
    ("line", "limit", "says"),
    [
        ("echo no such unit; exit 5", 60, "ended with exit code 5: no such unit"),
        ("kill -9 $$", 60, "ended by signal SIGKILL"),
        ("sleep 600", 0.5, "timed out: ended after 0.5s"),
    ],
)
def test_what_went_wrong_on_the_way_may_have_been_done(line: str, limit: float, says: str) -> None:
    error = refused(order("/bin/sh", "-c", line, limit=limit))
    assert error.done is None
    assert says in str(error)


def test_one_that_still_runs_is_under_way() -> None:
    ports = replace(PORTS, commands=Answers(Ran(running=True, trouble="still running after 30s")))
    done = act(order("./long"), ports)
    assert done == Done(changed=True, text="./long is still running after 30s; it goes on by itself")


def test_without_a_command_nothing_was_done() -> None:
    with pytest.raises(RemedyError) as caught:
        REMEDY.act(PORTS, "api")
    assert caught.value.done is False


def test_nobody_can_tell_whether_an_earlier_worker_ran_it() -> None:
    assert REMEDY.bind is not None
    assert REMEDY.bind(order("/bin/true")).already_done(PORTS, "api", NOW) is None


def test_the_end_of_its_output_is_in_the_log_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        act(order("/bin/sh", "-c", "echo going; echo password=hunter2hunter2"))
    assert "api: the end of what /bin/sh said:\ngoing\npassword=hunt***" in caplog.text
