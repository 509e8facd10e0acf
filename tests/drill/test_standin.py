"""The stand-in keeps PM2's contract, through PM2's own adapter, and leaves nothing when it ends."""

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from guardian.drill.standin import App, Log, Spec, main
from guardian.drill.standin_bus import Bus
from guardian.errors import RemedyError
from guardian.ports import ProcessState
from guardian.supervisors.pm2 import Params, open_pm2
from guardian.supervisors.pm2.wire import Connection, WireError
from tests.real_daemon import marked
from tests.real_pm2 import wait_for
from tests.supervisors.contract import SECRET, Deaf, EarContract, SupervisorContract, seen, wait_state

MARK = "GUARDIAN_TEST_STANDIN"
SLEEP = "exec sleep 1000"
IGNORES_SIGINT = "trap '' INT; while :; do sleep 0.05; done"


_MAIN = """
import json, sys
from guardian.drill import standin
vars(standin).update(json.loads(sys.argv[1]))
sys.exit(standin.main(sys.argv[2:]))
"""


def shell(script: str = SLEEP, **options: object) -> dict[str, object]:
    return {"command": ["/bin/sh", "-c", script], **options}


class StandinBench:
    """A stand-in that is started anew for each app: its apps are given at its start."""

    limit = timedelta(seconds=5)

    def __init__(self, home: Path) -> None:
        self.home = home
        self.supervisor = open_pm2(Params(homes=(str(home),), timeout=self.limit))
        self.process: subprocess.Popen[bytes] | None = None
        self._mark = uuid.uuid4().hex
        self._apps: list[Mapping[str, object]] = []

    @property
    def socket(self) -> Path:
        return self.home / "rpc.sock"

    def start(self, name: str, script: str = SLEEP, *, autorestart: bool = True) -> None:
        self.end()
        self.launch({name: shell(script, autorestart=autorestart)})
        wait_state(self.supervisor, name, ProcessState.ONLINE)

    def launch(self, apps: Mapping[str, Mapping[str, object]], **constants: float) -> None:
        """Run it with these apps beside those of before, and with its `constants` so; returns when it answers."""
        self._apps += [{"name": name, **app} for name, app in apps.items()]
        self.process = self.spawn(**constants)
        wait_for("the stand-in answers", self._answers)

    def spawn(self, **constants: float) -> subprocess.Popen[bytes]:
        spec = self.home / "spec.json"
        spec.write_text(json.dumps({"apps": self._apps}))
        return subprocess.Popen(
            [sys.executable, "-c", _MAIN, json.dumps(constants), self.home, spec],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {MARK: self._mark, "API_KEY": SECRET},
        )

    def end(self) -> int:
        """By the end of its standard input. Its exit code."""
        if self.process is None:
            return 0
        self.process.communicate(timeout=60)
        return self.process.returncode

    def crash(self, name: str) -> None:
        pid = seen(self.supervisor, name).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_state(self.supervisor, name, ProcessState.STOPPED)

    def stop_by_hand(self, name: str) -> None:
        """The call that `pm2 stop` makes."""
        self.call("stopProcessId", self.number(name))

    def hang(self) -> None:
        self.signal(signal.SIGSTOP)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(60)

    def running(self) -> Sequence[int]:
        return [process.pid for process in marked(MARK, self._mark)]

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def call(self, method: str, argument: object) -> Any:
        with Connection(self.socket, 30) as connection:
            return connection.call(method, argument)

    def number(self, name: str) -> int:
        return next(int(entry["pm_id"]) for entry in self.call("getMonitorData", {}) if entry["name"] == name)

    def close(self) -> None:
        wait_for("nothing of it runs", self._kill_all)  # several rounds: it restarts what dies before it
        if self.process is not None:
            self.process.communicate()

    def _kill_all(self) -> bool:
        left = marked(MARK, self._mark)
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        return not left

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None
        with suppress(WireError):
            return bool(self.call("ping", {}))
        return False


@pytest.fixture
def bench() -> Iterator[StandinBench]:
    with tempfile.TemporaryDirectory(prefix="si-", dir="/tmp") as folder:  # short: a socket's path must be
        bench = StandinBench(Path(folder))
        yield bench
        bench.close()


class TestContract(SupervisorContract, EarContract):
    """Of guardian.ports.Supervisor, and of its ears."""


# Ends with nothing left


@pytest.mark.parametrize("way", ["its standard input ends", signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_all_that_it_runs(bench: StandinBench, way: str | signal.Signals) -> None:
    bench.launch(
        {
            "plain": shell(),
            "stubborn": shell(IGNORES_SIGINT),
            "parent": shell(f"({IGNORES_SIGINT}) & {SLEEP}"),
            "crash loop": shell("exit 1", max_restarts=1_000_000),
            "once": shell(autorestart=False),
        }
    )
    for name in ("plain", "stubborn", "parent", "once"):
        wait_state(bench.supervisor, name, ProcessState.ONLINE)
    wait_for("it loops", lambda: seen(bench.supervisor, "crash loop").restarts > 1)
    if isinstance(way, signal.Signals):
        assert bench.process is not None
        bench.signal(way)
        assert bench.process.wait(60) == 0
    else:
        assert bench.end() == 0
    assert bench.running() == []
    assert list(bench.home.glob("*.sock")) == []


def test_ended_while_it_starts_its_apps_it_leaves_none(bench: StandinBench) -> None:
    bench._apps = [{"name": f"app {number}", **shell()} for number in range(30)]
    bench.process = bench.spawn()
    wait_for("its socket", bench.socket.exists)
    bench.signal(signal.SIGTERM)
    assert bench.process.wait(60) == 0
    assert bench.running() == []


def test_an_app_that_is_stopped_while_it_is_launched_stays_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = uuid.uuid4().hex
    monkeypatch.setenv(MARK, mark)
    (tmp_path / "logs").mkdir()
    app = App(0, Spec("api", ["sleep", "1000"]), tmp_path, Log(tmp_path / "pm2.log"), Bus())

    async def stop_while_launching() -> None:
        start = asyncio.create_task(app.start())
        await asyncio.sleep(0)
        assert (app.status, app.pid) == ("launching", 0)
        await app.stop()
        await start

    asyncio.run(stop_while_launching())
    left = marked(MARK, mark)
    for process in left:
        process.kill()
    assert (app.status, app.pid, left) == ("stopped", 0, [])


def test_a_home_that_has_a_daemon_is_not_taken_over(bench: StandinBench) -> None:
    bench.start("api")
    second = bench.spawn()
    _, said = second.communicate(timeout=60)
    assert second.returncode == 2
    assert b"a daemon's home is not taken over" in said
    assert b"Traceback" not in said
    assert seen(bench.supervisor, "api").state is ProcessState.ONLINE


# As PM2 does


def test_what_dies_at_once_again_and_again_is_given_up(bench: StandinBench) -> None:
    bench.launch({"api": shell("test -e mended && exec sleep 1000; exit 7", max_restarts=3)}, _MIN_UPTIME_MS=60_000)
    process = wait_state(bench.supervisor, "api", ProcessState.ERRORED)
    assert (process.pid, process.exit_code, process.restarts) == (None, 7, 2)
    (bench.home / "mended").touch()
    bench.supervisor.restart("api")
    assert wait_state(bench.supervisor, "api", ProcessState.ONLINE).restarts == 2


def test_a_crashed_app_is_started_again_and_counted_until_the_count_is_reset(bench: StandinBench) -> None:
    bench.start("api")
    pid = seen(bench.supervisor, "api").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for("another process", lambda: seen(bench.supervisor, "api").pid not in (None, pid))
    process = seen(bench.supervisor, "api")
    assert (process.restarts, process.exit_code) == (1, 0)
    bench.call("resetMetaProcessId", bench.number("api"))
    assert seen(bench.supervisor, "api").restarts == 0


def test_an_app_stopped_within_the_exit_that_would_give_it_up_is_stopped(bench: StandinBench) -> None:
    bench.launch({"api": shell(max_restarts=1)})
    wait_state(bench.supervisor, "api", ProcessState.ONLINE)
    bench.supervisor.stop("api")
    assert seen(bench.supervisor, "api").state is ProcessState.STOPPED


def test_of_two_restarts_at_once_the_loser_hears_already(bench: StandinBench, tmp_path: Path) -> None:
    deaf = Deaf(tmp_path, "INT")
    bench.launch({"api": shell(deaf.script)}, KILL_TIMEOUT_SECONDS=60)
    deaf.wait()
    with ThreadPoolExecutor() as pool:
        winner = pool.submit(bench.supervisor.restart, "api")
        wait_state(bench.supervisor, "api", ProcessState.STOPPING)
        with pytest.raises(RemedyError, match="already") as refused:
            bench.supervisor.restart("api")
        deaf.release()
        winner.result()
    assert refused.value.done is None
    assert seen(bench.supervisor, "api").restarts == 1


def test_an_app_that_cannot_be_spawned_is_errored_and_the_others_run(bench: StandinBench) -> None:
    bench.launch({"broken": {"command": ["/no/such/program"]}, "api": shell()})
    wait_state(bench.supervisor, "api", ProcessState.ONLINE)
    assert seen(bench.supervisor, "broken").state is ProcessState.ERRORED


def test_what_an_app_prints_is_in_the_logs_that_a_look_names(bench: StandinBench) -> None:
    bench.start("api", f"echo out; echo err >&2; {SLEEP}")
    err, out = map(Path, seen(bench.supervisor, "api").logs)
    wait_for("both have a line", lambda: err.read_text() and out.read_text())
    assert (err.read_text(), out.read_text()) == ("err\n", "out\n")


# Its bus


@contextmanager
def listening(bench: StandinBench) -> Iterator[list[tuple[str, str]]]:
    """(event, status) of all that the bus tells meanwhile."""
    told: list[tuple[str, str]] = []
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(bench.home / "pub.sock"))

        def read() -> None:
            with suppress(OSError), line.makefile("rb") as stream:
                while head := stream.read(1):
                    _topic, payload = (stream.read(*struct.unpack(">I", stream.read(4))) for _ in range(head[0] & 0x0F))
                    event = json.loads(payload.removeprefix(b"j:"))
                    told.append((event["event"], event["process"]["pm2_env"]["status"]))

        thread = threading.Thread(target=read)
        thread.start()
        try:
            yield told
        finally:
            line.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_its_bus_tells_of_a_crash_a_restart_and_a_giving_up_as_pm2s_does(bench: StandinBench) -> None:
    bench.launch({"api": shell(), "quitter": shell("exit 1", max_restarts=1)}, _MIN_UPTIME_MS=60_000)
    wait_state(bench.supervisor, "api", ProcessState.ONLINE)
    wait_state(bench.supervisor, "quitter", ProcessState.ERRORED)
    pid = seen(bench.supervisor, "api").pid
    assert pid is not None
    with listening(bench) as told:
        bench.call("ping", {})  # answered by the same loop: the bus has taken the connection before it
        os.kill(pid, signal.SIGKILL)
        wait_for("the crash and the start", lambda: told == [("exit", "stopped"), ("online", "online")])
        told.clear()
        bench.supervisor.restart("api")
        order = [("exit", "stopping"), ("exit", "stopped"), ("online", "online")]
        wait_for("the restart", lambda: told == order)
        told.clear()
        bench.supervisor.restart("quitter")
        order = [("online", "online"), ("restart overlimit", "errored"), ("exit", "errored")]
        wait_for("that it is given up", lambda: told == order)


def test_who_does_not_read_the_bus_is_hung_up_on_alone(tmp_path: Path) -> None:
    async def tell_much() -> tuple[bytes, int]:
        bus = Bus()
        server = await asyncio.start_unix_server(bus.serve, tmp_path / "pub.sock")
        with socket.socket(socket.AF_UNIX) as idle:
            idle.connect(str(tmp_path / "pub.sock"))
            reader, writer = await asyncio.open_unix_connection(tmp_path / "pub.sock", limit=2**24)
            while len(bus._clients) < 2:  # noqa: ASYNC110  nothing else says so
                await asyncio.sleep(0.01)
            for number in range(60):
                bus.tell("exit", number, {"padding": "x" * 100_000})
                await reader.readuntil(b'"at": %d' % number)
            still = len(bus._clients)
            bus.tell("online", 60, {})
            last = await reader.readuntil(b'"at": 60')
            writer.close()
        server.close()
        return last, still

    last, still = asyncio.run(asyncio.wait_for(tell_much(), 30))
    assert b'"online"' in last
    assert still == 1


# What is no call


def frame(*arguments: bytes) -> bytes:
    head = bytes([1 << 4 | len(arguments)])
    return head + b"".join(struct.pack(">I", len(argument)) + argument for argument in arguments)


@pytest.mark.parametrize(
    "said",
    [
        b"\x22",
        frame(b'j:{"type":"call","method":"ping","args":[]}', b"s:1"),
        frame(b'j:{"type":"call","method":"ping","args":[{}]}'),
        frame(b"j:nonsense", b"s:1"),
        frame(b"j:" + b"[" * 100_000, b"s:1"),
        b"\x12" + struct.pack(">I", 1 << 30),
    ],
)
def test_whoever_says_what_is_no_call_is_hung_up_on_alone(bench: StandinBench, said: bytes) -> None:
    bench.start("api")
    with Connection(bench.socket, 30) as other, socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(bench.socket))
        connection.sendall(said)
        assert connection.recv(1) == b""
        assert other.call("ping", {}) == {"msg": "pong"}


@pytest.mark.parametrize("method", ["stopProcessId", "restartProcessId", "noSuchMethod"])
def test_a_call_that_it_does_not_know_or_for_no_app_is_refused(bench: StandinBench, method: str) -> None:
    bench.start("api")
    with pytest.raises(WireError, match=r"unknown|does not exist"):
        bench.call(method, 77)


# Its settings


@pytest.mark.parametrize(
    "spec",
    [
        "not json",
        "{}",
        json.dumps({"apps": [{"name": "a"}]}),
        json.dumps({"apps": [{"name": "a/b", "command": ["true"]}]}),
        json.dumps({"apps": [{"name": "", "command": ["true"]}]}),
        json.dumps({"apps": [{"name": "a", "command": ["true"]}] * 2}),
        json.dumps({"apps": [{"name": "a", "command": "true"}]}),
        json.dumps({"apps": [{"name": "a", "command": []}]}),
    ],
)
def test_a_spec_that_is_none_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str], spec: str) -> None:
    (tmp_path / "spec.json").write_text(spec)
    assert main([str(tmp_path), str(tmp_path / "spec.json")]) == 2
    assert capsys.readouterr().err.startswith("standin HOME SPEC.json: ")
