"""The supervisord adapter against a real supervisord."""

import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from guardian.errors import RemedyError, SourceError
from guardian.ports import ProcessState
from guardian.runtime.listener import SETTLE
from guardian.supervisors.supervisord import SUPERVISOR, Params, Supervisord, open_supervisord
from tests.real_pm2 import wait_for
from tests.real_supervisord import RealSupervisord, running_supervisord
from tests.runtime.running import free_port
from tests.supervisors.contract import SECRET, Deaf, EarContract, SupervisorContract, seen, wait_state


def adapter(*places: RealSupervisord | Path | str, timeout: float = 10, **more: object) -> Supervisord:
    sockets = [str(place.socket if isinstance(place, RealSupervisord) else place) for place in places]
    return open_supervisord(Params.model_validate({"sockets": sockets, "timeout": timeout, **more}))


class SupervisordBench:
    limit = timedelta(seconds=5)

    def __init__(self, supervisord: RealSupervisord) -> None:
        self.real = supervisord
        self.supervisor = adapter(supervisord, timeout=self.limit.total_seconds())

    def start(self, name: str, script: str = "exec sleep 1000", *, autorestart: bool = True) -> None:
        """Its start time is in whole seconds: what starts after it was running has another one."""
        restart = "unexpected" if autorestart else "false"
        self.real.start(name, script, autorestart=restart, environment=f'API_KEY="{SECRET}"')
        self.real.wait_status(name, "RUNNING")

    def crash(self, name: str) -> None:
        self.real.kill_app(name)
        self.real.wait_status(name, "EXITED")

    def stop_by_hand(self, name: str) -> None:
        self.real.ctl("stop", name)

    def hang(self) -> None:
        self.real.signal_daemon(signal.SIGSTOP)

    def kill(self) -> None:
        self.real.kill_daemon()

    def running(self) -> Sequence[int]:
        return [process.pid for process in self.real.processes()]


@pytest.fixture
def bench(supervisord: RealSupervisord) -> SupervisordBench:
    return SupervisordBench(supervisord)


class TestContract(SupervisorContract, EarContract):
    """Of guardian.ports.Supervisor, and of its ears."""


# What it sees


def test_groups_and_pools_are_named_as_supervisorctl_names_them(supervisord: RealSupervisord) -> None:
    supervisord.start("api")
    pool = "[program:web]\ncommand=sleep 1000\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\n"
    supervisord.add(pool + "[program:bot]\ncommand=sleep 1000\n[group:bots]\nprograms=bot", "web", "bots")
    supervisor = adapter(supervisord)
    (fleet,) = supervisor.look()
    assert [process.target for process in fleet.processes] == ["api", "bots:bot", "web:web_00", "web:web_01"]
    assert {line.split()[0] for line in supervisord.ctl("status").splitlines()} == {
        process.target for process in fleet.processes
    }
    for target in ("web:web_00", "web:web_01", "bots:bot"):
        wait_state(supervisor, target, ProcessState.ONLINE)
    keeps = seen(supervisor, "web:web_00").pid
    for target in ("web:web_01", "bots:bot"):
        before = seen(supervisor, target).pid
        supervisor.restart(target)
        assert seen(supervisor, target).pid not in (before, None)
    assert seen(supervisor, "web:web_00").pid == keeps


def test_what_supervisord_gives_up_is_errored_with_its_words_and_no_exit_code(
    supervisord: RealSupervisord, tmp_path: Path
) -> None:
    flag = tmp_path / "mended"
    supervisord.start("api", f"test -e {flag} && exec sleep 1000; exit 3", startretries=0)
    supervisord.add("[program:none]\ncommand=/no/such/program\nstartretries=0", "none")
    supervisor = adapter(supervisord)
    process = wait_state(supervisor, "api", ProcessState.ERRORED)
    assert (process.pid, process.exit_code, process.stopped_by_hand) == (None, None, None)
    assert process.why == "Exited too quickly (process log may have details)"
    assert wait_state(supervisor, "none", ProcessState.ERRORED).why == "can't find command '/no/such/program'"
    flag.touch()
    supervisor.restart("api")
    assert wait_state(supervisor, "api", ProcessState.ONLINE).pid
    with pytest.raises(RemedyError, match="can't find command") as refused:
        supervisor.restart("none")
    assert refused.value.done is False


def test_what_fails_to_start_waits_for_supervisords_next_try_and_is_restarted_at_once(
    supervisord: RealSupervisord, tmp_path: Path
) -> None:
    flag = tmp_path / "mended"
    supervisord.start("api", f"test -e {flag} && exec sleep 1000; exit 1", startretries=1000)
    supervisor = adapter(supervisord)
    process = wait_state(supervisor, "api", ProcessState.WAITING)
    assert (process.pid, process.exit_code) == (None, None)
    flag.touch()
    supervisor.restart("api")
    assert wait_state(supervisor, "api", ProcessState.ONLINE).pid


def test_an_exit_code_is_shown_where_there_is_one_and_a_signal_in_words(supervisord: RealSupervisord) -> None:
    supervisord.start("code", "sleep 1.2; exit 3", autorestart="false")
    supervisord.start("signal", autorestart="false")
    supervisord.wait_status("signal", "RUNNING")
    supervisord.kill_app("signal", signal.SIGTERM)
    supervisor = adapter(supervisord)
    process = wait_state(supervisor, "code", ProcessState.STOPPED)
    assert (process.exit_code, process.why, process.stopped_by_hand) == (3, None, None)
    process = wait_state(supervisor, "signal", ProcessState.STOPPED)
    assert (process.exit_code, process.why, process.stopped_by_hand) == (None, "killed by a signal", None)


@pytest.mark.parametrize("autorestart", ["unexpected", "false"])
def test_what_ends_with_an_expected_code_and_is_left_so_has_ended(
    supervisord: RealSupervisord, autorestart: str
) -> None:
    supervisord.start("job", "sleep 1.2; exit 5", autorestart=autorestart, exitcodes="0,5")
    process = wait_state(adapter(supervisord), "job", ProcessState.ENDED)
    assert (process.exit_code, process.pid, process.stopped_by_hand) == (5, None, None)


def test_what_supervisord_restarts_at_every_exit_never_seems_to_have_ended(supervisord: RealSupervisord) -> None:
    supervisord.start("loop", "sleep 0.3; exit 0", autorestart="true", startsecs=0)
    supervisor, starts, states = adapter(supervisord), set(), set()

    def restarted() -> bool:
        process = seen(supervisor, "loop")
        starts.add(process.started_at)
        states.add(process.state)
        return len(starts) > 3

    wait_for("it was restarted three times", restarted, 30)
    assert states <= {ProcessState.ONLINE, ProcessState.LAUNCHING, ProcessState.WAITING}


def test_its_logs_are_where_supervisord_writes_them(supervisord: RealSupervisord) -> None:
    supervisord.start("api", "echo out; echo bad >&2; exec sleep 1000")
    supervisord.start("one", "echo both >&2; exec sleep 1000", redirect_stderr="true")
    supervisord.start("none", stdout_logfile="NONE", stderr_logfile="/dev/null")
    supervisor = adapter(supervisord)
    error, out = map(Path, seen(supervisor, "api").logs)
    both = Path(seen(supervisor, "one").logs[-1])
    for path, text in ((error, "bad\n"), (out, "out\n"), (both, "both\n")):
        wait_for(f"{text!r} is in {path}", lambda path=path, text=text: path.exists() and path.read_text() == text)
    assert seen(supervisor, "none").logs == ()


def test_each_restart_by_supervisord_shows_as_another_start(supervisord: RealSupervisord) -> None:
    supervisord.start("api")
    supervisor = adapter(supervisord)
    before = wait_state(supervisor, "api", ProcessState.ONLINE)
    supervisord.kill_app("api")
    wait_for("supervisord restarted it", lambda: seen(supervisor, "api").pid not in (None, before.pid))
    after = seen(supervisor, "api")
    assert (after.restarts, after.autorestart) == (None, None)
    assert before.started_at is not None
    assert after.started_at is not None
    assert after.started_at > before.started_at


def test_the_processes_of_another_daemon_carry_its_socket(supervisord: RealSupervisord) -> None:
    with running_supervisord() as other:
        for daemon in (supervisord, other):
            daemon.start("api", startsecs=0)
        supervisor = adapter(supervisord, other)
        there = f"api@{other.socket}"
        for target in ("api", there):
            wait_state(supervisor, target, ProcessState.ONLINE)
        supervisor.stop(there)
        assert seen(supervisor, there).state is ProcessState.STOPPED
        assert seen(supervisor, "api").state is ProcessState.ONLINE
        other.kill_daemon()
        here, away = supervisor.look()
        assert (here.error, away.source) == (None, f"supervisord@{other.socket}")
        assert away.error
        assert supervisor.find("api")
        with pytest.raises(SourceError, match="dead"):
            supervisor.find(there)


# Stopped by hand, or not


def test_the_evidence_of_a_stop_by_hand_says_since_when(supervisord: RealSupervisord) -> None:
    supervisord.start("api", startsecs=0)
    supervisor = adapter(supervisord)
    wait_state(supervisor, "api", ProcessState.ONLINE)
    supervisord.ctl("stop", "api")
    words = str(seen(supervisor, "api").stopped_by_hand)
    assert words.startswith("stopped through supervisord, down since 20")
    assert words.endswith("+00:00")


def test_what_waits_for_its_next_try_and_is_stopped_counts_as_stopped_by_hand(supervisord: RealSupervisord) -> None:
    supervisord.start("api", "exit 1", startretries=1000)
    supervisord.wait_status("api", "BACKOFF")
    supervisord.ctl("stop", "api")
    process = wait_state(adapter(supervisord), "api", ProcessState.STOPPED)
    assert process.stopped_by_hand
    assert process.exit_code is None


def test_a_stop_of_what_crashed_before_is_refused_by_supervisord_and_leaves_no_evidence(
    supervisord: RealSupervisord,
) -> None:
    supervisord.start("api", autorestart="false", startsecs=0)
    supervisord.wait_status("api", "RUNNING")
    supervisord.kill_app("api")
    supervisord.wait_status("api", "EXITED")
    assert "not running" in supervisord.ctl("stop", "api")
    assert seen(adapter(supervisord), "api").stopped_by_hand is None


def test_what_was_defined_not_to_start_is_left_alone(supervisord: RealSupervisord) -> None:
    supervisord.start("later", autostart="false")
    assert seen(adapter(supervisord), "later").stopped_by_hand == "never started: autostart is false"


def test_while_supervisord_shuts_down_nothing_seems_to_be_stopped_by_hand(
    supervisord: RealSupervisord, tmp_path: Path
) -> None:
    deaf = Deaf(tmp_path, "TERM")
    supervisord.start("stubborn", deaf.script, stopwaitsecs=60, startsecs=0)
    supervisord.start("api", startsecs=0)
    deaf.wait()
    supervisord.signal_daemon(signal.SIGTERM)
    supervisor = adapter(supervisord)
    wait_for("it says so", lambda: "shutting down" in str(supervisor.look()[0].error))
    with pytest.raises(RemedyError, match="shutting down") as refused:
        supervisor.restart("api")
    assert refused.value.done is False


# What it does


def test_what_is_still_stopping_is_started_when_it_has_stopped(supervisord: RealSupervisord, tmp_path: Path) -> None:
    """supervisord answers yes to an earlier start and does nothing."""
    deaf = Deaf(tmp_path, "TERM")
    supervisord.start("api", deaf.script, stopwaitsecs=60, startsecs=0)
    deaf.wait()
    before = supervisord.info("api")["pid"]
    supervisord.rpc.stopProcess("api", False)
    supervisor = adapter(supervisord)
    assert seen(supervisor, "api").state is ProcessState.STOPPING
    with ThreadPoolExecutor() as pool:
        restart = pool.submit(supervisor.restart, "api")
        time.sleep(0.3)  # so that it meets what is stopping; it has to end well whenever this is over
        deaf.release()
        restart.result()
    assert seen(supervisor, "api").pid not in (None, before)


def test_a_stop_is_given_as_long_as_stopwaitsecs_says_though_a_look_has_less(
    supervisord: RealSupervisord, tmp_path: Path
) -> None:
    deaf = Deaf(tmp_path, "TERM")
    supervisord.start("stubborn", deaf.script, stopwaitsecs=4, startsecs=0)
    deaf.wait()
    supervisor = adapter(supervisord, timeout=2)
    before = seen(supervisor, "stubborn").pid
    begin = time.monotonic()
    supervisor.restart("stubborn")
    assert time.monotonic() - begin > 3.9
    assert seen(supervisor, "stubborn").pid not in (None, before)


def test_a_stop_right_after_a_crash_holds_though_supervisord_was_about_to_restart_it(
    supervisord: RealSupervisord,
) -> None:
    for name in ("loop", "other"):
        supervisord.start(name, "sleep 0.2; exit 1", autorestart="true", startsecs=0)
    supervisor = adapter(supervisord)

    def spawned(name: str) -> int:
        return supervisord.log.read_text().count(f"spawned: '{name}'")

    pid = supervisord.wait_status("loop", "RUNNING")["pid"]
    wait_for("it has ended", lambda: not psutil.pid_exists(pid))  # not by asking, which wakes supervisord
    supervisor.stop("loop")
    before, others = spawned("loop"), spawned("other")
    wait_for("supervisord restarted the other one twice", lambda: spawned("other") >= others + 2)
    assert seen(supervisor, "loop").state is ProcessState.STOPPED
    assert spawned("loop") == before


def test_what_is_just_being_started_is_not_restarted(supervisord: RealSupervisord) -> None:
    supervisord.start("api", startsecs=60)
    supervisor = adapter(supervisord)
    before = wait_state(supervisor, "api", ProcessState.LAUNCHING).pid
    supervisor.restart("api")
    assert seen(supervisor, "api").pid == before


def test_of_two_restarts_at_once_both_end_well_and_it_runs(supervisord: RealSupervisord) -> None:
    supervisord.start("api", autorestart="false", startsecs=0)
    supervisord.wait_status("api", "RUNNING")
    supervisord.kill_app("api")
    supervisord.wait_status("api", "EXITED")
    supervisor, barrier, ends = adapter(supervisord), threading.Barrier(2), []

    def restart() -> None:
        barrier.wait()
        try:
            supervisor.restart("api")
            ends.append(True)
        except RemedyError as error:
            ends.append(error.done)

    threads = [threading.Thread(target=restart) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 2
    assert False not in ends
    assert seen(supervisor, "api").state is ProcessState.ONLINE


def test_an_order_to_a_daemon_that_hangs_fails_before_it_was_given(supervisord: RealSupervisord) -> None:
    supervisord.start("api")
    supervisord.signal_daemon(signal.SIGSTOP)
    with pytest.raises(RemedyError, match="hangs") as refused:
        adapter(supervisord, timeout=0.5).restart("api")
    assert refused.value.done is False


# A daemon that is away


def test_a_dead_daemon_is_told_from_none(supervisord: RealSupervisord) -> None:
    supervisord.kill_daemon()
    (fleet,) = adapter(supervisord).look()
    assert "dead" in str(fleet.error)
    assert not fleet.absent


def test_a_place_without_a_socket_is_absent_and_stays_as_it_is(tmp_path: Path) -> None:
    for place in (tmp_path / "s.sock", tmp_path / "none" / "s.sock"):
        (fleet,) = adapter(place).look()
        assert fleet.absent
        assert "does not exist" in str(fleet.error)
        with pytest.raises(SourceError):
            adapter(place).find("api")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_the_daemon_of_another_user_is_not_allowed_and_not_hung_or_dead(supervisord: RealSupervisord) -> None:
    supervisord.home.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        (fleet,) = adapter(supervisord).look()
        os._exit(0 if "not allowed" in str(fleet.error) and not fleet.absent else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_over_a_port_with_a_password_and_not_without_it() -> None:
    port = free_port()
    section = f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=guardian\npassword=p%%40ss"
    with running_supervisord(section) as daemon:
        daemon.start("api", startsecs=0)
        daemon.wait_status("api", "RUNNING")
        url = f"http://localhost:{port}"
        supervisor = adapter(url, username="guardian", password="p%40ss")  # noqa: S106  made up
        supervisor.stop("api")
        assert seen(supervisor, "api").state is ProcessState.STOPPED
        for login in ({}, {"username": "guardian"}, {"username": "guardian", "password": "other"}):
            (fleet,) = adapter(url, **login).look()
            assert fleet.error == "the daemon wants a user: set `username` and `password`"
            assert not fleet.absent
        daemon.kill_daemon()
        assert "dead" in str(supervisor.look()[0].error)


# Settings


def test_of_the_usual_places_the_first_with_a_socket_counts(
    supervisord: RealSupervisord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPERVISOR_SERVER_URL", raising=False)
    monkeypatch.setattr("guardian.supervisors.supervisord.USUAL", (str(tmp_path / "s"), str(supervisord.socket)))
    supervisord.start("api", startsecs=0)
    (fleet,) = open_supervisord(Params()).look()
    assert (fleet.source, [process.target for process in fleet.processes]) == ("supervisord", ["api"])
    (tmp_path / "s").touch()
    (fleet,) = open_supervisord(Params()).look()
    assert "dead" in str(fleet.error)
    monkeypatch.setattr("guardian.supervisors.supervisord.USUAL", (str(tmp_path / "a"), str(tmp_path / "b")))
    (fleet,) = open_supervisord(Params()).look()
    assert (fleet.absent, fleet.error) == (True, "no daemon: no socket in any of the usual places")


def test_the_environment_that_supervisord_gives_its_programs_goes_before_the_usual_places(
    supervisord: RealSupervisord, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisord.start("api", startsecs=0)
    monkeypatch.setenv("SUPERVISOR_SERVER_URL", f"unix://{supervisord.socket}")
    assert SUPERVISOR.open(Params()).look()[0].processes
    assert SUPERVISOR.open(Params(sockets=("/none/s.sock",))).look()[0].absent
    monkeypatch.setenv("SUPERVISOR_SERVER_URL", "ftp://")
    assert SUPERVISOR.open(Params()).servers[0].daemon.places


@pytest.mark.parametrize(
    "wrong",
    ["", "http://", "http://example.com:9001", "https://127.0.0.1:9001", "http://127.0.0.1", "http://127.0.0.1:99999",
     "http://me:secret@127.0.0.1:9001", "http://127.0.0.1:9001/other", "ftp://127.0.0.1:9001", "unix://", 5],
)  # fmt: skip
def test_a_place_that_is_none_is_refused_without_showing_a_password(wrong: object) -> None:
    with pytest.raises(ValueError, match="sockets") as refused:
        Params.model_validate({"sockets": [wrong]})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "good", ["/run/s.sock", "unix:///run/s.sock", "~/s.sock", "http://[::1]:9001", "http://localhost:9001/RPC2"]
)
def test_places_are_written_as_supervisorctl_writes_them(good: str) -> None:
    assert Params.model_validate({"sockets": [good]}).sockets == (good,)


def test_what_supervisord_restarts_by_itself_is_starting_when_its_end_was_heard(supervisord: RealSupervisord) -> None:
    """Else each restart by supervisord would begin an incident: unasked, it takes up to a second for one."""
    supervisord.start("api", autorestart="true", startsecs=1)
    supervisord.wait_status("api", "RUNNING")
    supervisor = adapter(supervisord)
    (ear,) = supervisor.ears()
    assert not ear.wait(timedelta(milliseconds=100))
    supervisord.kill_app("api")
    assert ear.wait(timedelta(seconds=20))
    time.sleep(SETTLE)  # as the listener does
    assert seen(supervisor, "api").state in (ProcessState.LAUNCHING, ProcessState.ONLINE)
    ear.close()


def test_without_process_descriptors_an_end_is_seen_by_the_next_look(
    supervisord: RealSupervisord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    supervisord.start("api", autorestart="false")
    supervisord.wait_status("api", "RUNNING")
    (ear,) = adapter(supervisord).ears()
    assert not ear.wait(timedelta(milliseconds=100))
    supervisord.kill_app("api")
    assert ear.wait(timedelta(seconds=20))
    ear.close()
