"""The PM2 adapter against a real PM2."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.errors import RemedyError, SourceError
from guardian.ports import ProcessState
from guardian.supervisors.pm2 import SUPERVISOR, Params, Pm2, open_pm2
from tests.real_pm2 import RealPm2, running_pm2, wait_for
from tests.supervisors.contract import SECRET, Deaf, EarContract, SupervisorContract, seen, wait_state


def adapter(*homes: RealPm2 | Path, timeout: float = 10, use_cli: bool = False) -> Pm2:
    paths = tuple(str(home.home if isinstance(home, RealPm2) else home) for home in homes)
    return open_pm2(Params(homes=paths, timeout=timedelta(seconds=timeout), use_cli=use_cli))


class Pm2Bench:
    limit = timedelta(seconds=5)

    def __init__(self, pm2: RealPm2) -> None:
        self.pm2 = pm2
        self.supervisor = adapter(pm2, timeout=self.limit.total_seconds())

    def start(self, name: str, script: str = "exec sleep 1000", *, autorestart: bool = True) -> None:
        self.pm2.start(name, script, autorestart=autorestart, env={"API_KEY": SECRET})

    def crash(self, name: str) -> None:
        self.pm2.kill_app(name)
        self.pm2.wait_status(name, "stopped")

    def stop_by_hand(self, name: str) -> None:
        self.pm2.cli("stop", name)

    def hang(self) -> None:
        self.pm2.signal_daemon(signal.SIGSTOP)

    def kill(self) -> None:
        self.pm2.kill_daemon()

    def running(self) -> Sequence[int]:
        return [process.pid for process in self.pm2.processes()]


@pytest.fixture
def bench(pm2_home: RealPm2) -> Pm2Bench:
    return Pm2Bench(pm2_home)


class TestContract(SupervisorContract, EarContract):
    """Of guardian.ports.Supervisor, and of its ears."""


# What it sees


def test_the_environment_that_a_look_leaves_out_is_in_what_pm2_answers(bench: Pm2Bench) -> None:
    bench.start("api")
    assert repr(bench.pm2.entries()).count(SECRET) >= 2
    assert SECRET not in repr(bench.supervisor.look())


def test_instances_of_a_cluster_are_named_by_their_number_and_keep_it_when_one_is_restarted(
    pm2_home: RealPm2,
) -> None:
    pm2_home.start_node("web", "setInterval(() => {}, 1000)", instances=3, exec_mode="cluster")
    supervisor = adapter(pm2_home)
    before = {process.target: process.pid for process in supervisor.look()[0].processes}
    assert list(before) == ["web#0", "web#1", "web#2"]
    supervisor.restart("web#1")
    wait_state(supervisor, "web#1", ProcessState.ONLINE)
    after = {process.target: process.pid for process in supervisor.look()[0].processes}
    assert {target for target in before if before[target] != after[target]} == {"web#1"}


def test_a_target_is_the_same_process_after_pm2_renumbered_it(pm2_home: RealPm2) -> None:
    supervisor = adapter(pm2_home)
    pm2_home.start_all({"first": "exec sleep 1000", "second": "exec sleep 1000"}, autorestart=False)
    pm2_home.cli("delete", "first")
    pm2_home.start("first")
    assert pm2_home.entry("first")["pm_id"] == 2
    keeps = seen(supervisor, "second").pid
    supervisor.restart("first")
    supervisor.stop("first")
    assert seen(supervisor, "first").state is ProcessState.STOPPED
    assert seen(supervisor, "second").pid == keeps


def test_what_crashes_until_pm2_gives_up_is_errored_and_can_be_restarted(pm2_home: RealPm2, tmp_path: Path) -> None:
    flag = tmp_path / "mended"
    pm2_home.start("api", f"test -e {flag} && exec sleep 1000; exit 3", max_restarts=2, min_uptime=60_000)
    supervisor = adapter(pm2_home)
    process = wait_state(supervisor, "api", ProcessState.ERRORED)
    assert (process.pid, process.exit_code, process.stopped_by_hand) == (None, 3, None)
    flag.touch()
    supervisor.restart("api")
    assert wait_state(supervisor, "api", ProcessState.ONLINE).pid


def test_what_pm2_calls_online_but_could_not_spawn_is_errored(pm2_home: RealPm2, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    pm2_home.start("api", cwd=str(folder))
    folder.rmdir()
    pm2_home.kill_app("api")
    wait_for("PM2 says online without a process", lambda: pm2_home.entry("api").get("pid") is None)
    assert pm2_home.status("api") == "online"
    supervisor = adapter(pm2_home)
    assert seen(supervisor, "api").state is ProcessState.ERRORED
    folder.mkdir()
    supervisor.restart("api")
    assert wait_state(supervisor, "api", ProcessState.ONLINE).pid


def test_what_pm2_says_waits_for_a_restart_that_never_comes_is_down_and_can_be_restarted(
    pm2_home: RealPm2, tmp_path: Path
) -> None:
    flag = tmp_path / "mended"
    pm2_home.start("once", autorestart=False, restart_delay=100)
    pm2_home.start(
        "over",
        f"test -e {flag} && exec sleep 1000; exit 1",
        max_restarts=2,
        min_uptime=60_000,
        restart_delay=100,
    )
    pm2_home.kill_app("once")
    supervisor = adapter(pm2_home)
    assert wait_state(supervisor, "over", ProcessState.ERRORED).pid is None
    assert wait_state(supervisor, "once", ProcessState.STOPPED).stopped_by_hand is None
    assert {pm2_home.status(name) for name in ("once", "over")} == {"waiting restart"}
    flag.touch()
    for name in ("once", "over"):
        supervisor.restart(name)
        assert wait_state(supervisor, name, ProcessState.ONLINE).pid


def test_a_new_daemon_in_the_same_home_is_told_from_the_old(pm2_home: RealPm2) -> None:
    supervisor = adapter(pm2_home)
    pm2_home.start("api")
    (first,) = supervisor.look()
    assert supervisor.look()[0].daemon == first.daemon
    pm2_home.kill_daemon()
    pm2_home.start_daemon()
    (second,) = supervisor.look()
    assert second.daemon not in (None, first.daemon)
    assert not second.processes


def test_the_processes_of_another_home_carry_its_name(pm2_home: RealPm2) -> None:
    with running_pm2() as other:
        for pm2 in (pm2_home, other):
            pm2.start("api", autorestart=False)
        supervisor = adapter(pm2_home, other)
        there = f"api@{other.home}"
        assert [[process.target for process in fleet.processes] for fleet in supervisor.look()] == [
            ["api"],
            [there],
        ]
        supervisor.stop(there)
        assert seen(supervisor, there).state is ProcessState.STOPPED
        assert seen(supervisor, "api").state is ProcessState.ONLINE
        other.kill_daemon()
        here, away = supervisor.look()
        assert (here.error, away.source) == (None, f"pm2@{other.home}")
        assert away.error
        assert supervisor.find("api")
        with pytest.raises(SourceError, match="dead"):
            supervisor.find(there)


# Stopped by hand, or not: docs/supervisors/pm2.md


def test_the_evidence_of_a_stop_by_hand_says_where_and_when(pm2_home: RealPm2) -> None:
    pm2_home.start("api")
    pm2_home.cli("stop", "api")
    stamp = next(line for line in pm2_home.log.read_text().splitlines() if "Stopping app:api" in line).split(": ")[0]
    assert seen(adapter(pm2_home), "api").stopped_by_hand == f"stopped through PM2 at {stamp} (pm2.log)"


def test_an_end_by_signal_or_by_a_stop_exit_code_is_nobodys_order(pm2_home: RealPm2) -> None:
    pm2_home.start("terminated", autorestart=False)
    pm2_home.start("done", "exit 0", stop_exit_codes=[0])
    pm2_home.kill_app("terminated", signal.SIGTERM)
    supervisor = adapter(pm2_home)
    for name in ("terminated", "done"):
        assert wait_state(supervisor, name, ProcessState.STOPPED).stopped_by_hand is None


def test_an_errored_process_that_a_person_stopped_counts_as_stopped_by_hand(pm2_home: RealPm2) -> None:
    pm2_home.start("api", "exit 1", max_restarts=1, min_uptime=60_000)
    pm2_home.wait_status("api", "errored")
    pm2_home.cli("stop", "api")
    process = seen(adapter(pm2_home), "api")
    assert process.state is ProcessState.STOPPED
    assert process.stopped_by_hand


def test_a_stop_by_hand_is_still_known_when_the_log_was_flushed(pm2_home: RealPm2) -> None:
    pm2_home.start("api")
    pm2_home.start("once", autorestart=False)
    pm2_home.cli("stop", "all")
    pm2_home.cli("flush")
    supervisor = adapter(pm2_home)
    assert "time unknown" in str(seen(supervisor, "api").stopped_by_hand)
    assert seen(supervisor, "once").stopped_by_hand is None, "it may as well have crashed"


def test_a_stop_by_hand_survives_a_restart_of_the_daemon_that_renumbers(pm2_home: RealPm2) -> None:
    pm2_home.start_all(
        {"gone": "exec sleep 1000", "stopped": "exec sleep 1000", "crashed": "exec sleep 1000"},
        autorestart=False,
    )
    pm2_home.cli("stop", "stopped")
    pm2_home.kill_app("crashed")
    pm2_home.wait_status("crashed", "stopped")
    pm2_home.cli("delete", "gone")
    pm2_home.cli("save", "--force")
    pm2_home.cli("kill")
    pm2_home.start_daemon()
    pm2_home.cli("resurrect")
    assert pm2_home.entry("stopped")["pm_id"] == 0
    supervisor = adapter(pm2_home)
    assert seen(supervisor, "stopped").stopped_by_hand
    assert seen(supervisor, "crashed").stopped_by_hand is None


def test_what_was_defined_not_to_start_is_left_alone(pm2_home: RealPm2) -> None:
    pm2_home.start("later", autostart=False)
    assert seen(adapter(pm2_home), "later").stopped_by_hand == "never started: autostart is false"


def test_during_a_restart_no_look_takes_the_process_for_stopped_by_hand(pm2_home: RealPm2, tmp_path: Path) -> None:
    deaf = Deaf(tmp_path, "INT")
    pm2_home.start("api", deaf.script, kill_timeout=2000)
    deaf.wait()
    supervisor = adapter(pm2_home)
    worker = threading.Thread(target=supervisor.restart, args=("api",))
    worker.start()
    looks = []
    while worker.is_alive():
        looks.append(seen(supervisor, "api"))
    worker.join()
    assert ProcessState.STOPPING in {look.state for look in looks}
    assert not [look for look in looks if look.stopped_by_hand]


# What it does


def test_what_waits_for_its_own_restart_has_no_pid_and_is_restarted_at_once(pm2_home: RealPm2, tmp_path: Path) -> None:
    flag = tmp_path / "mended"
    pm2_home.start("api", f"test -e {flag} && exec sleep 1000; exit 1", restart_delay=600_000)
    supervisor = adapter(pm2_home)
    assert wait_state(supervisor, "api", ProcessState.WAITING).pid is None
    assert pm2_home.entry("api")["pid"] > 0, "PM2 gives a stale one"
    flag.touch()
    supervisor.restart("api")
    process = wait_state(supervisor, "api", ProcessState.ONLINE)
    assert process.pid is not None
    os.kill(process.pid, 0)


def test_an_app_that_ignores_sigint_for_longer_than_a_look_may_take_is_restarted_all_the_same(
    pm2_home: RealPm2, tmp_path: Path
) -> None:
    deaf = Deaf(tmp_path, "INT")
    pm2_home.start("stubborn", deaf.script, kill_timeout=4000)
    deaf.wait()
    supervisor = adapter(pm2_home, timeout=2)
    before = seen(supervisor, "stubborn").pid
    begin = time.monotonic()
    supervisor.restart("stubborn")
    assert time.monotonic() - begin > 3.9, "PM2's kill time-out"
    assert seen(supervisor, "stubborn").pid not in (None, before)


def test_of_two_restarts_at_once_the_loser_says_that_it_may_have_been_done(pm2_home: RealPm2, tmp_path: Path) -> None:
    deaf = Deaf(tmp_path, "INT")
    pm2_home.start("api", deaf.script, kill_timeout=2000)
    deaf.wait()
    supervisor = adapter(pm2_home)
    outcomes: list[bool | str | None] = []

    def restart() -> None:
        try:
            supervisor.restart("api")
            outcomes.append("done")
        except RemedyError as error:
            outcomes.append(error.done)

    threads = [threading.Thread(target=restart) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in outcomes
    assert False not in outcomes
    assert wait_state(supervisor, "api", ProcessState.ONLINE).restarts >= 1


def test_an_order_to_a_daemon_that_hangs_fails_before_it_was_given(pm2_home: RealPm2) -> None:
    pm2_home.start("api")
    pm2_home.signal_daemon(signal.SIGSTOP)
    with pytest.raises(RemedyError, match="hangs") as refused:
        adapter(pm2_home, timeout=0.5).restart("api")
    assert refused.value.done is False


# Daemons that are away


def test_a_dead_daemon_says_so_and_no_new_one_is_there_after_looking(pm2_home: RealPm2) -> None:
    pm2_home.start("api")
    pm2_home.kill_daemon()
    before = {process.pid for process in pm2_home.processes()}
    (fleet,) = adapter(pm2_home).look()
    assert "dead" in str(fleet.error)
    assert not fleet.absent
    assert {process.pid for process in pm2_home.processes()} == before
    assert not pm2_home.answers()


@pytest.mark.parametrize("use_cli", [False, True])
def test_a_home_without_a_socket_is_absent_and_stays_as_it_is(tmp_path: Path, use_cli: bool) -> None:
    for home in (tmp_path, tmp_path / "none"):
        (fleet,) = adapter(home, use_cli=use_cli).look()
        assert fleet.absent
        assert "does not exist" in str(fleet.error)
        with pytest.raises(SourceError):
            adapter(home, use_cli=use_cli).find("api")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_the_daemon_of_another_user_is_not_allowed_and_not_hung_or_dead(pm2_home: RealPm2) -> None:
    pm2_home.home.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        (fleet,) = adapter(pm2_home).look()
        os._exit(0 if "not allowed" in str(fleet.error) and not fleet.absent else 1)
    assert os.waitpid(child, 0)[1] == 0


# Settings


def first_home(params: Params) -> Path:
    opened = SUPERVISOR.open(params)
    assert isinstance(opened, Pm2)
    return opened.homes[0].daemon.home


def test_pm2_home_of_the_environment_goes_before_the_default_but_not_before_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PM2_HOME", "/somewhere/pm2")
    assert first_home(Params()) == Path("/somewhere/pm2")
    assert first_home(Params(homes=("/other",))) == Path("/other")
    monkeypatch.delenv("PM2_HOME")
    assert first_home(Params()) == Path.home() / ".pm2"


def test_homes_are_a_list_of_at_least_one_path_as_toml_gives_it() -> None:
    assert Params.model_validate({"homes": ["/a", "/b"]}).homes == ("/a", "/b")
    for wrong in ([], [""], [1], "/a"):
        with pytest.raises(ValueError, match="homes"):
            Params.model_validate({"homes": wrong})


# The command, when asked for


def test_the_command_sees_and_does_the_same(pm2_home: RealPm2, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{pm2_home.program.parent}{os.pathsep}{os.environ['PATH']}")
    pm2_home.start("api", autorestart=False)
    pm2_home.kill_app("api")
    pm2_home.wait_status("api", "stopped")
    by_command, by_socket = adapter(pm2_home, timeout=20, use_cli=True), adapter(pm2_home)
    assert by_command.look() == by_socket.look()
    by_command.restart("api")
    assert seen(by_socket, "api").state is ProcessState.ONLINE
    by_command.stop("api")
    assert seen(by_socket, "api").state is ProcessState.STOPPED


def test_the_command_is_not_called_when_no_daemon_listens(pm2_home: RealPm2, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{pm2_home.program.parent}{os.pathsep}{os.environ['PATH']}")
    pm2_home.kill_daemon()
    called = []
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: called.append(arguments))
    (fleet,) = adapter(pm2_home, use_cli=True).look()
    assert "dead" in str(fleet.error)
    assert not called
    assert not pm2_home.processes()
