"""Restarting and giving up processes of a real PM2. What PM2 shows too briefly to be met comes from a made-up one."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian.errors import RemedyError, SourceError
from guardian.heal.base import Done
from guardian.heal.restart_process import REMEDY
from guardian.logs.tail import LogTail
from guardian.model import OwnAct, RemedyKind
from guardian.ports import Fleet, Ports, ProcessState, SupervisedProcess, Supervisor
from guardian.supervisors.pm2 import Params, open_pm2
from tests.real_pm2 import RealPm2, running_pm2

CLAIMED = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND, TICK = timedelta(seconds=1), timedelta(milliseconds=1)
STARTED_BEFORE = CLAIMED - timedelta(hours=1)


class NoActs:
    def recent(self) -> Sequence[OwnAct]:
        return ()


def ports(*supervisors: Supervisor) -> Ports:
    return Ports("node", supervisors, NoActs(), LogTail())


def process(
    state: ProcessState, *, pid: int | None = None, started: datetime | None = STARTED_BEFORE
) -> SupervisedProcess:
    return SupervisedProcess("api", state, pid, 0, started, None, 1, autorestart=True)


@dataclass
class MadeUp:
    """A supervisor with one process, or a blind one. Keeps the orders it is given."""

    process: SupervisedProcess | None
    blind: bool = False
    name: str = "made up"
    orders: list[str] = field(default_factory=list)

    def look(self) -> Sequence[Fleet]:
        raise NotImplementedError

    def find(self, target: str) -> SupervisedProcess | None:
        if self.blind:
            raise SourceError(self.name, "it hangs")
        return self.process if self.process and self.process.target == target else None

    def restart(self, target: str) -> None:
        self.orders.append(f"restart {target}")

    def stop(self, target: str) -> None:
        self.orders.append(f"stop {target}")


# By state

RESTARTED = Done(changed=True, text="restarted by made up")


@pytest.mark.parametrize(
    ("state", "pid", "done"),
    [
        (ProcessState.ONLINE, 4711, Done(changed=False, text="found online again")),
        (ProcessState.ONLINE, None, RESTARTED),
        (ProcessState.LAUNCHING, None, Done(changed=False, text="the supervisor is starting it")),
        (ProcessState.WAITING, None, Done(changed=False, text="the supervisor is starting it")),
        (ProcessState.STOPPED, None, RESTARTED),
        (ProcessState.ERRORED, None, RESTARTED),
        (ProcessState.STOPPING, 4711, RESTARTED),
    ],
)
def test_only_what_neither_runs_nor_is_being_started_is_restarted(
    state: ProcessState, pid: int | None, done: Done
) -> None:
    supervisor = MadeUp(process(state, pid=pid))
    assert REMEDY.act(ports(supervisor), "api") == done
    assert supervisor.orders == (["restart api"] if done.changed else [])


def test_a_process_in_a_state_that_is_not_known_is_left_alone() -> None:
    supervisor = MadeUp(process(ProcessState.UNRECOGNIZED))
    with pytest.raises(RemedyError) as refused:
        REMEDY.act(ports(supervisor), "api")
    assert refused.value.done is False
    assert not supervisor.orders


@pytest.mark.parametrize("state", list(ProcessState))
def test_giving_up_stops_in_every_state(state: ProcessState) -> None:
    supervisor = MadeUp(process(state))
    assert REMEDY.break_circuit is not None
    assert REMEDY.break_circuit(ports(supervisor), "api") == Done(changed=True, text="stopped by made up")
    assert supervisor.orders == ["stop api"]


# Which supervisor


def test_the_supervisor_that_has_the_process_gets_the_order_though_another_is_blind() -> None:
    blind, empty, has = MadeUp(None, blind=True), MadeUp(None), MadeUp(process(ProcessState.STOPPED))
    assert REMEDY.act(ports(blind, empty, has), "api").changed
    assert (blind.orders, empty.orders, has.orders) == ([], [], ["restart api"])


@pytest.mark.parametrize(
    ("supervisors", "reason"),
    [
        ([], "api: no supervisor has it"),
        ([MadeUp(None)], "api: no supervisor has it"),
        ([MadeUp(None), MadeUp(None, blind=True)], "api: could not look: made up: it hangs"),
    ],
)
def test_what_no_supervisor_has_is_not_done_and_why_is_said(supervisors: list[MadeUp], reason: str) -> None:
    assert REMEDY.break_circuit is not None
    for order in (REMEDY.act, REMEDY.break_circuit):
        with pytest.raises(RemedyError, match=reason) as refused:
            order(ports(*supervisors), "api")
        assert refused.value.done is False
    assert REMEDY.already_done(ports(*supervisors), "api", CLAIMED) is None


# Whether an earlier holder did it


@pytest.mark.parametrize(
    ("started", "done"),
    [
        (CLAIMED + SECOND, True),
        (CLAIMED, True),
        (CLAIMED - TICK, None),
        (CLAIMED - SECOND, None),
        (CLAIMED - SECOND - TICK, False),
        (None, None),
    ],
)
@pytest.mark.parametrize("state", list(ProcessState))
def test_a_start_since_the_claim_shows_that_it_was_done_whatever_came_then(
    state: ProcessState, started: datetime | None, done: bool | None
) -> None:
    if state is ProcessState.UNRECOGNIZED:
        done = None
    supervisor = MadeUp(process(state, started=started))
    assert REMEDY.already_done(ports(supervisor), "api", CLAIMED) is done
    assert not supervisor.orders


# The real thing


@pytest.fixture(scope="module")
def pm2() -> Iterator[RealPm2]:
    with running_pm2() as found:
        yield found


@pytest.fixture
def empty(pm2: RealPm2) -> RealPm2:
    for entry in pm2.entries():
        pm2.call("deleteProcessId", entry["pm_id"])
    return pm2


def real_ports(*homes: Path) -> Ports:
    return ports(open_pm2(Params(homes=tuple(map(str, homes)), timeout=10 * SECOND)))


def test_it_is_a_cure() -> None:
    assert REMEDY.kind is RemedyKind.CURE


def test_a_crashed_process_runs_again_and_a_second_try_leaves_it_alone(empty: RealPm2) -> None:
    empty.start("api", autorestart=False)
    empty.kill_app("api")
    empty.wait_status("api", "stopped")
    claimed = datetime.now(UTC)
    own = real_ports(empty.home)
    assert REMEDY.already_done(own, "api", claimed + 2 * SECOND) is False
    assert REMEDY.act(own, "api") == Done(changed=True, text="restarted by pm2")
    pid = empty.wait_status("api", "online")["pid"]
    assert REMEDY.already_done(own, "api", claimed) is True
    assert REMEDY.act(own, "api") == Done(changed=False, text="found online again")
    assert empty.entry("api")["pid"] == pid


def test_a_process_that_pm2_gave_up_is_restarted_and_counts_as_restarted_when_it_dies_again(empty: RealPm2) -> None:
    empty.start("api", "exit 3", max_restarts=1, min_uptime=60_000)
    empty.wait_status("api", "errored")
    claimed = datetime.now(UTC)
    assert REMEDY.act(real_ports(empty.home), "api").changed
    empty.wait_status("api", "errored")
    assert REMEDY.already_done(real_ports(empty.home), "api", claimed) is True


def test_a_process_that_waits_for_its_own_restart_is_left_to_it(empty: RealPm2) -> None:
    empty.start("api", "exit 3", restart_delay=60_000)
    empty.wait_status("api", "waiting restart")
    done = REMEDY.act(real_ports(empty.home), "api")
    assert done == Done(changed=False, text="the supervisor is starting it")
    assert empty.status("api") == "waiting restart"


def test_one_instance_of_a_cluster_is_restarted_and_the_others_are_not(empty: RealPm2) -> None:
    empty.start_node("web", "setInterval(() => {}, 1000)", instances=2, exec_mode="cluster", autorestart=False)
    first, second = sorted(empty.entries(), key=lambda entry: entry["pm_id"])
    empty.call("stopProcessId", second["pm_id"])
    assert REMEDY.act(real_ports(empty.home), "web#1").changed
    now_first, now_second = sorted(empty.entries(), key=lambda entry: entry["pm_id"])
    assert now_first["pid"] == first["pid"]
    assert now_second["pm2_env"]["status"] == "online"


def test_giving_up_stops_a_crash_loop_for_good(empty: RealPm2) -> None:
    empty.start("api", "sleep 0.3; exit 1", min_uptime=100, max_restarts=1000)
    assert REMEDY.break_circuit is not None
    assert REMEDY.break_circuit(real_ports(empty.home), "api") == Done(changed=True, text="stopped by pm2")
    restarts = empty.wait_status("api", "stopped")["pm2_env"]["restart_time"]
    time.sleep(0.6)  # two lives: nothing is to happen
    found = real_ports(empty.home).supervisors[0].find("api")
    assert found is not None
    assert (found.state, found.restarts) == (ProcessState.STOPPED, restarts)
    assert found.stopped_by_hand is not None


def test_what_pm2_does_not_have_cannot_be_restarted(empty: RealPm2) -> None:
    with pytest.raises(RemedyError) as refused:
        REMEDY.act(real_ports(empty.home), "api")
    assert refused.value.done is False


def test_a_dead_daemon_is_an_error_and_none_is_started(tmp_path: Path) -> None:
    with pytest.raises(RemedyError, match="could not look") as refused:
        REMEDY.act(real_ports(tmp_path), "api")
    assert refused.value.done is False
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("age", "orders"), [(timedelta(hours=1), ["restart api"]), (timedelta(seconds=31), ["restart api"]), (SECOND, [])]
)
def test_told_that_it_does_not_work_what_runs_is_restarted_unless_it_just_started(
    age: timedelta, orders: list[str]
) -> None:
    supervisor = MadeUp(process(ProcessState.ONLINE, pid=7, started=datetime.now(UTC) - age))
    assert REMEDY.bind is not None
    done = REMEDY.bind(True).act(ports(supervisor), "api")
    assert supervisor.orders == orders
    assert done.changed is bool(orders)


def test_told_nothing_what_runs_is_left_alone() -> None:
    supervisor = MadeUp(process(ProcessState.ONLINE, pid=7))
    assert REMEDY.bind is not None
    assert not REMEDY.bind(None).act(ports(supervisor), "api").changed
    assert supervisor.orders == []
