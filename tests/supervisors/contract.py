"""What any supervisor adapter has to keep. A test module gives a `bench` fixture and inherits.

Written against guardian.ports.Supervisor alone; `Bench` is how a test brings the supervisor's world about.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from guardian.errors import RemedyError, SourceError
from guardian.ports import ProcessState, SupervisedProcess, Supervisor
from tests.real_pm2 import wait_for

_SHORT = timedelta(milliseconds=300)
SECRET = "s3cr3t-value-that-must-not-show"  # noqa: S105  made up


class Deaf:
    """Shell text that ignores a signal once `wait` returns: it runs well before its shell has read the first line.

    It ends by itself once `release` is called; started again, it waits for the next one.
    """

    def __init__(self, folder: Path, signal_name: str) -> None:
        self._ready, self._over = folder / f"deaf-to-{signal_name}", folder / f"released-{signal_name}"
        wait = f"until [ -e {self._over} ]; do sleep 0.05; done; rm {self._over}"
        self.script = f"trap '' {signal_name}; : > {self._ready}; {wait}"

    def wait(self) -> None:
        wait_for("it ignores the signal", self._ready.exists)

    def release(self) -> None:
        self._over.touch()


class Bench(Protocol):
    """A real supervisor with nothing in it. Names are free to choose; scripts are shell text. Every
    process has SECRET in its environment."""

    @property
    def supervisor(self) -> Supervisor: ...

    @property
    def limit(self) -> timedelta:
        """The time limit of a look, as set."""
        ...

    def start(self, name: str, script: str = "exec sleep 1000", *, autorestart: bool = True) -> None:
        """Returns when it runs."""
        ...

    def crash(self, name: str) -> None:
        """`kill -9` of the process, and wait until the supervisor has seen it."""
        ...

    def stop_by_hand(self, name: str) -> None:
        """As a person would, with the supervisor's own command."""
        ...

    def hang(self) -> None: ...

    def kill(self) -> None: ...

    def running(self) -> Sequence[int]:
        """The process ids of everything that is there, the supervisor included."""
        ...


def seen(supervisor: Supervisor, target: str) -> SupervisedProcess:
    process = supervisor.find(target)
    assert process is not None
    return process


def wait_state(supervisor: Supervisor, target: str, state: ProcessState) -> SupervisedProcess:
    """The look that saw it so: the next one may see another state."""

    def found() -> SupervisedProcess | None:
        process = seen(supervisor, target)
        return process if process.state is state else None

    process: SupervisedProcess = wait_for(f"{target} is {state}", found)
    return process


class SupervisorContract:
    def test_a_running_process_is_seen_by_its_name_with_pid_and_times(self, bench: Bench) -> None:
        bench.start("api")
        (fleet,) = bench.supervisor.look()
        (process,) = fleet.processes
        assert (process.target, process.state) == ("api", ProcessState.ONLINE)
        assert process.restarts in (0, None)
        assert process.pid in bench.running()
        assert process.started_at is not None
        assert process.started_at.tzinfo is not None
        assert (fleet.error, fleet.absent) == (None, False)
        assert process.stopped_by_hand is None

    def test_a_crashed_process_is_seen_as_stopped_by_nobody_and_without_pid(self, bench: Bench) -> None:
        bench.start("api", autorestart=False)
        bench.crash("api")
        process = seen(bench.supervisor, "api")
        assert (process.state, process.pid, process.stopped_by_hand) == (ProcessState.STOPPED, None, None)

    def test_a_process_stopped_by_hand_is_told_from_a_crashed_one(self, bench: Bench) -> None:
        bench.start("mine", autorestart=False)
        bench.start("other")
        bench.stop_by_hand("mine")
        bench.stop_by_hand("other")
        for name in ("mine", "other"):
            process = seen(bench.supervisor, name)
            assert process.state is ProcessState.STOPPED
            assert process.stopped_by_hand is not None

    def test_a_process_started_again_after_a_stop_by_hand_and_then_crashed_was_not_stopped_by_hand(
        self, bench: Bench
    ) -> None:
        bench.start("api", autorestart=False)
        bench.stop_by_hand("api")
        bench.supervisor.restart("api")
        wait_state(bench.supervisor, "api", ProcessState.ONLINE)
        bench.crash("api")
        assert seen(bench.supervisor, "api").stopped_by_hand is None

    def test_a_stopped_process_is_restarted(self, bench: Bench) -> None:
        bench.start("api", autorestart=False)
        bench.crash("api")
        bench.supervisor.restart("api")
        process = wait_state(bench.supervisor, "api", ProcessState.ONLINE)
        assert process.pid in bench.running()

    def test_a_running_process_is_restarted_into_another_one(self, bench: Bench) -> None:
        bench.start("api")
        before = seen(bench.supervisor, "api")
        bench.supervisor.restart("api")
        after = wait_state(bench.supervisor, "api", ProcessState.ONLINE)
        assert after.pid != before.pid
        assert after.started_at is not None
        assert before.started_at is not None
        assert after.started_at > before.started_at

    def test_a_process_that_the_adapter_stops_stays_stopped(self, bench: Bench) -> None:
        bench.start("api")
        pid = seen(bench.supervisor, "api").pid
        bench.supervisor.stop("api")
        assert seen(bench.supervisor, "api").state is ProcessState.STOPPED
        assert pid not in bench.running()

    def test_stopping_what_is_stopped_changes_nothing(self, bench: Bench) -> None:
        bench.start("api", autorestart=False)
        bench.crash("api")
        bench.supervisor.stop("api")
        assert seen(bench.supervisor, "api").state is ProcessState.STOPPED

    def test_an_unknown_target_is_not_found_and_no_order_for_it_is_given(self, bench: Bench) -> None:
        bench.start("api")
        assert bench.supervisor.find("apis") is None
        for order in (bench.supervisor.restart, bench.supervisor.stop):
            with pytest.raises(RemedyError) as refused:
                order("apis")
            assert refused.value.done is False
        assert seen(bench.supervisor, "api").state is ProcessState.ONLINE

    def test_a_dead_supervisor_is_an_error_and_is_not_started_by_looking_or_acting(self, bench: Bench) -> None:
        bench.start("api")
        bench.kill()
        before = set(bench.running())
        (fleet,) = bench.supervisor.look()
        assert fleet.error
        assert not fleet.processes
        with pytest.raises(SourceError):
            bench.supervisor.find("api")
        with pytest.raises(RemedyError) as refused:
            bench.supervisor.restart("api")
        assert refused.value.done is False
        assert set(bench.running()) <= before

    def test_a_hung_supervisor_is_an_error_within_the_time_limit(self, bench: Bench) -> None:
        bench.start("api")
        bench.hang()
        begin = time.monotonic()
        (fleet,) = bench.supervisor.look()
        assert time.monotonic() - begin < bench.limit.total_seconds() + 10
        assert fleet.error
        assert not fleet.absent

    def test_no_environment_value_comes_with_a_look(self, bench: Bench) -> None:
        bench.start("api")
        bench.start("down", autorestart=False)
        bench.crash("down")
        assert SECRET not in repr(bench.supervisor.look())
        assert SECRET not in repr(bench.supervisor.find("api"))


class EarContract:
    """Of guardian.ports.Ear, for a supervisor with one daemon that can be listened to."""

    def test_an_end_is_heard_long_before_a_patrol_and_a_start_is_not(self, bench: Bench) -> None:
        (ear,) = bench.supervisor.ears()
        assert not ear.wait(_SHORT)
        bench.start("api", autorestart=False)
        assert not ear.wait(timedelta(seconds=3))
        with ThreadPoolExecutor() as pool:
            crash = pool.submit(bench.crash, "api")
            began = time.monotonic()
            assert ear.wait(timedelta(seconds=30))
            assert time.monotonic() - began < 15
            crash.result(30)
        assert not ear.wait(_SHORT)
        ear.close()

    def test_an_ear_outlives_a_supervisor_that_is_killed_or_hangs(self, bench: Bench) -> None:
        (ear,) = bench.supervisor.ears()
        bench.start("api")
        assert not ear.wait(_SHORT)
        bench.hang()
        began = time.monotonic()
        assert not ear.wait(_SHORT)
        assert time.monotonic() - began < 15
        bench.kill()
        assert not ear.wait(_SHORT)
        ear.close()
