"""Prepared situations, real where they can be: each has exactly these findings and no others."""

import json
import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian.host.disks import Disk
from guardian.model import Arming, Mode, Severity, TellState
from guardian.notify.texts import trial
from guardian.pipelines.shared.fields import FIELDS
from tests.doctor.installed import MINE, NOBODY, Alive, Installed, as_nobody, found, only_as_root
from tests.real_pm2 import RealPm2
from tests.redis_server import RedisServer
from tests.runtime.running import guardian, wait_for


@contextmanager
def listening(path: Path, answer: bytes = b"") -> Iterator[None]:
    """A real socket that answers each connection with these bytes."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            try:
                while True:
                    line, _ = listener.accept()
                    with line:
                        line.recv(4096)
                        line.sendall(answer)
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_all_is_well(installed: Installed, shared_pm2: RealPm2, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url, pm2=shared_pm2.home)
    assert found(installed.examine()) == []
    assert installed.examine().notes == []


def test_a_fresh_machine(installed: Installed) -> None:
    report = installed.examine()
    assert found(report) == ["config_missing"]
    assert report.findings[0].mend == "guardian init"
    assert "no Guardian runs in" in report.notes[0]


def test_a_first_configuration_before_the_first_start_is_no_mistake(installed: Installed) -> None:
    installed.configure()
    report = installed.examine()
    assert found(report) == []
    assert len(report.notes) == 1


def test_a_broken_configuration(installed: Installed) -> None:
    installed.file.write_text("[redis]\nprefixx = 1\n[nonsense]\n")
    report = installed.examine()
    assert found(report) == ["config_broken", "config_broken"]
    assert any("prefixx" in finding.what for finding in report.findings)


def test_a_configuration_that_looks_at_nothing_and_tells_nobody(installed: Installed) -> None:
    installed.file.write_text("[supervisors.pm2]\nenabled = false\n")
    assert found(installed.examine()) == ["nothing_on", "only_the_log"]


def test_observe_mode_forgotten(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(top='mode = "observe"\n', redis=server.url)
    assert found(installed.examine()) == []
    old = time.time() - timedelta(days=8).total_seconds()
    os.utime(installed.file, (old, old))
    report = installed.examine()
    assert found(report) == ["observing"]
    assert (report.findings[0].what, report.findings[0].mend) == ("observe mode for 8d", "guardian arm")
    alive.store.arm(Arming(Mode.HEAL, "ann", alive.store.clock.now()))
    assert found(installed.examine()) == []
    alive.store.arm(Arming(Mode.OBSERVE, "ann", alive.store.clock.now()))
    assert found(installed.examine()) == []


# PM2


def test_pm2_whose_daemon_was_killed(installed: Installed, pm2_home: RealPm2) -> None:
    installed.configure(pm2=pm2_home.home)
    pm2_home.kill_daemon()
    report = installed.examine()
    assert found(report) == ["pm2_dead"]
    assert report.findings[0].mend == f"PM2_HOME={pm2_home.home} pm2 resurrect"


def test_pm2_whose_daemon_hangs(installed: Installed, pm2_home: RealPm2) -> None:
    installed.configure(pm2=pm2_home.home)
    pm2_home.signal_daemon(signal.SIGSTOP)
    try:
        report = installed.examine()
    finally:
        pm2_home.signal_daemon(signal.SIGCONT)
    assert found(report) == ["pm2_hung"]
    assert pm2_home.daemon is not None
    assert f"kill -9 {pm2_home.daemon.pid}; " in report.findings[0].mend


@only_as_root
def test_pm2_of_another_user(installed: Installed, shared_pm2: RealPm2) -> None:
    installed.configure(pm2=shared_pm2.home)
    os.chown(installed.state, NOBODY, NOBODY)
    told = as_nobody(installed.examine)
    assert list(told) == ["pm2_rights"]
    assert "may not use the PM2 socket of root in" in told["pm2_rights"]


@only_as_root
def test_pm2_that_was_started_with_sudo(installed: Installed, pm2_home: RealPm2) -> None:
    installed.configure(pm2=pm2_home.home)
    os.chown(pm2_home.home, NOBODY, NOBODY)
    report = installed.examine()
    assert found(report) == ["pm2_owner"]
    assert "runs as root" in report.findings[0].what


def test_pm2_with_a_second_daemon_that_nobody_watches(installed: Installed, shared_pm2: RealPm2) -> None:
    installed.configure()
    installed.file.write_text(installed.file.read_text().replace("enabled = false\n", ""))
    installed.homes.append(shared_pm2.home)
    report = installed.examine()
    assert found(report) == ["pm2_unwatched"]
    assert f'add "{shared_pm2.home}"' in report.findings[0].mend


def test_pm2_in_a_home_that_has_no_daemon(installed: Installed) -> None:
    installed.configure(pm2=installed.folder / "typo")
    assert found(installed.examine()) == ["pm2_absent"]


def test_pm2_of_another_protocol(installed: Installed) -> None:
    installed.configure(pm2=installed.folder)
    with listening(installed.folder / "rpc.sock", b"\x92rest"):
        report = installed.examine()
    assert found(report) == ["pm2_protocol"]
    assert report.findings[0].mend == "[supervisors.pm2] use_cli = true"


def test_a_log_whose_folder_is_gone(installed: Installed, pm2_home: RealPm2) -> None:
    logs = pm2_home.home / "app-logs"
    logs.mkdir()
    pm2_home.start("bot", out_file=str(logs / "out.log"), error_file=str(logs / "err.log"), merge_logs=True)
    installed.configure(pm2=pm2_home.home)
    assert found(installed.examine()) == []
    logs.rename(pm2_home.home / "moved")
    report = installed.examine()
    assert found(report) == ["log_unreadable", "log_unreadable"]
    assert {finding.mend for finding in report.findings} == {f"mkdir -p {logs}"}


@only_as_root
def test_supervisord_of_another_user(installed: Installed) -> None:
    installed.configure()
    os.chown(installed.state, NOBODY, NOBODY)
    place = installed.folder / "supervisor.sock"
    with listening(place):
        place.chmod(0o700)
        assert found(installed.examine()) == ["state_owner", "supervisord_protocol"]
        assert list(as_nobody(installed.examine)) == ["supervisord_rights"]
    assert found(installed.examine()) == ["state_owner", "supervisord_dead"]


# Redis


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("maxmemory-policy", "allkeys-lru", "redis_evicts"),
        ("maxmemory-policy", "volatile-ttl", "redis_evicts"),
        ("appendonly", "no", "redis_forgets"),
    ],
)
def test_redis_set_up_to_lose_things(
    installed: Installed, server: RedisServer, alive: Alive, setting: str, value: str, expected: str
) -> None:
    installed.configure(redis=server.url)
    assert found(installed.examine()) == []
    with server.client() as client:
        client.config_set(setting, value)
    assert found(installed.examine()) == [expected]


def test_redis_that_saves_now_and_then_is_no_mistake(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url)
    with server.client() as client:
        client.config_set("appendonly", "no")
        client.config_set("save", "3600 1")
    assert found(installed.examine()) == []


def test_redis_nearly_full(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url)
    with server.client() as client:
        used = client.info("memory")["used_memory"]
        client.config_set("maxmemory", int(used * 1.5))
        assert found(installed.examine()) == []
        client.config_set("maxmemory", int(used * 1.02))
    assert found(installed.examine()) == ["redis_full"]


def test_redis_with_another_password(installed: Installed, server: RedisServer, alive: Alive) -> None:
    with server.client() as client:
        client.config_set("requirepass", "hunter2")
    for url in (server.url, server.url.replace("unix://", "unix://:wrong@")):
        installed.configure(redis=url)
        report = installed.examine()
        assert found(report) == ["redis_password"]
        assert "hunter2" not in json.dumps(report.findings[0].what)
    installed.configure(redis=server.url.replace("unix://", "unix://:hunter2@"))
    assert found(installed.examine()) == []


def test_redis_away(installed: Installed, server: RedisServer) -> None:
    installed.configure(redis=server.url)
    server.hang()
    assert found(installed.examine()) == ["redis_away"]
    server.kill()
    assert found(installed.examine()) == ["redis_away"]


# the state directory, disks and folders


def test_a_full_disk(installed: Installed) -> None:
    installed.configure()
    installed.spoil(disk=lambda _path: Disk(1, 10**12, 500_000_000))
    assert found(installed.examine()) == []
    installed.spoil(disk=lambda _path: Disk(1, 10**12, 499_999_999))
    assert found(installed.examine()) == ["disk_full"]


def test_a_full_disk_of_logs(installed: Installed, shared_pm2: RealPm2) -> None:
    installed.configure(pm2=shared_pm2.home)
    low = Disk(2, 10**12, 1)
    installed.spoil(disk=lambda path: low if path.is_relative_to(shared_pm2.home) else Disk(1, 10**12, 10**11))
    assert found(installed.examine()) == ["log_disk_full"]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="a file system in memory is needed")
def test_a_state_directory_in_memory(installed: Installed) -> None:
    installed.configure()
    place = Path("/dev/shm") / installed.folder.name
    place.mkdir()
    try:
        installed.state.rmdir()
        installed.state.symlink_to(place)
        assert found(installed.examine()) == ["state_in_memory"]
    finally:
        place.rmdir()


@only_as_root
def test_a_state_directory_of_another_user(installed: Installed) -> None:
    installed.configure()
    assert list(as_nobody(installed.examine)) == ["state_rights"]
    os.chown(installed.state, NOBODY, NOBODY)
    assert list(as_nobody(installed.examine)) == []
    assert found(installed.examine()) == ["state_owner"]


def test_files_from_the_future(installed: Installed) -> None:
    installed.configure()
    (installed.state / "health.json").write_text("{}")
    assert found(installed.examine()) == []
    ahead = time.time() + 3600
    os.utime(installed.state / "health.json", (ahead, ahead))
    assert found(installed.examine()) == ["clock_back"]


@only_as_root
def test_an_escalation_directory_that_is_missing_no_folder_or_read_only(installed: Installed) -> None:
    place = installed.folder / "requests"
    os.chown(installed.state, NOBODY, NOBODY)
    installed.configure(f'[escalation]\ndirectory = "{place}"\n')
    told = as_nobody(installed.examine)
    assert list(told) == ["escalation_directory"]
    assert "there is no such folder" in told["escalation_directory"]
    place.mkdir()
    assert "is not writable for" in as_nobody(installed.examine)["escalation_directory"]
    os.chown(place, NOBODY, NOBODY)
    assert as_nobody(installed.examine) == {}
    place.rmdir()
    place.touch()
    assert "is no folder" in as_nobody(installed.examine)["escalation_directory"]


# Guardian's own processes


def test_nobody_works(installed: Installed, server: RedisServer) -> None:
    installed.configure(redis=server.url)
    assert found(installed.examine()) == ["no_beat", "no_watch", "no_worker", "no_worker"]


def test_nobody_heals_and_a_node_that_is_gone(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url)
    with server.client() as client:
        client.zrem("g:nodes", f"{MINE.node} act")
        client.zadd("g:nodes", {"node-2 all": (time.time() - 3600) * 1000})
    report = installed.examine()
    assert found(report) == ["no_worker", "node_gone"]
    assert "heals and tells" in report.findings[0].what


def test_an_old_worker_and_two_machines_of_one_name(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url)
    alive.store.signs.process_seen(replace(MINE, role="act", pid=1, version="0.0.1"))
    assert found(installed.examine()) == ["other_version"]
    alive.store.signs.process_seen(replace(MINE, role="check", machine="m2"))
    assert found(installed.examine()) == ["node_twice", "other_version"]


def test_a_queue_through_which_nothing_comes(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url)
    alive.store.signs.canary_seen("tell")
    assert found(installed.examine()) == []
    with server.client() as client:
        client.set("g:canary:tell", int((time.time() - 61) * 1000))
        report = installed.examine()
        assert found(report) == ["queue_stuck"]
        assert "queue tell for " in report.findings[0].what
        client.set("g:canary:check.node-2", int((time.time() - 61) * 1000))
    assert len(installed.examine().findings) == 1  # nobody takes from that one


def test_a_watch_that_is_gone_and_one_that_is_not_wanted(
    installed: Installed, server: RedisServer, alive: Alive
) -> None:
    installed.configure(redis=server.url)
    with server.client() as client:
        client.delete("g:watches")
    assert found(installed.examine()) == ["no_watch"]
    installed.configure("[watch]\nenabled = false\n", redis=server.url)
    assert found(installed.examine()) == []


def test_own_checks_that_no_worker_looks_by(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure('[checks.command.api]\nrun = ["true"]\n', redis=server.url)
    report = installed.examine()
    assert found(report) == ["no_worker"]
    assert report.findings[0].mend.endswith("guardian worker --role own")
    alive.store.signs.node_seen(MINE.node, "own")
    assert found(installed.examine()) == []


def test_a_command_that_is_not_there_is_looked_for_where_it_would_run(installed: Installed) -> None:
    program = installed.folder / "sub" / "look.sh"
    program.parent.mkdir()
    program.touch()
    installed.configure('[checks.command.api]\nrun = ["./look.sh"]\ncwd = "sub"\nheal = ["no-such-program"]\n')
    report = installed.examine()
    assert found(report) == ["command_missing", "command_missing"]
    program.chmod(0o755)
    (finding,) = installed.examine().findings
    assert "no-such-program" in finding.what


def test_a_channel_that_takes_nothing(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url)
    store, notification = alive.store, trial(MINE.node, Severity.HIGH, datetime.now(UTC))
    for channel in ("webhook", "gone"):
        now = store.clock.now()
        store.spool.keep(channel, notification, "i1", TellState.ALERT, now, "")
        store.spool.failed(channel, now, now, "HTTP 401", refused=True, node=MINE.node)
    report = installed.examine()
    assert found(report) == ["channel_failing", "channel_gone"]
    assert "HTTP 401" in report.findings[0].what
    assert report.findings[0].mend == "guardian notify test webhook"


def test_a_history_that_cannot_be_read(installed: Installed) -> None:
    place = installed.folder / "past.db"
    installed.configure(f'[history]\nurl = "sqlite:///{place}"\n')
    assert found(installed.examine()) == []
    assert not place.exists()
    place.write_text("no database, but long enough to be taken for one" * 100)
    assert found(installed.examine()) == ["history_away"]
    installed.configure()
    assert found(installed.examine()) == []
    place.rename(installed.state / "history.db")
    assert found(installed.examine()) == ["history_away"]


def test_two_beats(installed: Installed, server: RedisServer, alive: Alive) -> None:
    """Real ones, both of which go on giving signs of life."""
    installed.configure(redis=server.url)
    config = installed.file.read_text()
    with server.client() as client:
        client.delete("g:processes")
        with guardian(installed.folder, "beat", config=config) as first:
            wait_for("the first beat", lambda: client.zcard("g:processes") == 1)
            alive.workers()
            assert found(installed.examine()) == []
            with guardian(installed.folder, "beat") as second:
                wait_for("the second beat", lambda: client.zcard("g:processes") == 4)
                alive.workers()
                report = installed.examine()
                assert found(report) == ["two_beats"]
                for each in (first, second):
                    assert f"process {each.process.pid} on " in report.findings[0].what


def test_a_beat_that_was_started_anew_is_not_two(installed: Installed, server: RedisServer, alive: Alive) -> None:
    installed.configure(redis=server.url)
    alive.store.signs.process_seen(replace(MINE, pid=1))
    installed.spoil(patience=timedelta(seconds=0.5))
    assert found(installed.examine()) == []


def test_an_up_that_was_killed_and_one_that_runs_without_its_lock(installed: Installed) -> None:
    installed.configure()
    with guardian(installed.folder, "up") as run:
        run.wait_until_up()
        wait_for("signs of life", lambda: found(installed.examine()) == [])
        lock = (run.state / "lock").read_bytes()
        (run.state / "lock").unlink()
        assert found(installed.examine()) == ["state_lock"]
        (run.state / "lock").write_bytes(lock)
        run.process.kill()
        run.process.wait()
        wait_for("no process is left", lambda: not run.all_processes())
        report = installed.examine()
        assert found(report) == ["killed"]
        assert report.findings[0].mend == "guardian up"


def test_what_could_not_be_looked_at_is_said_and_stops_nothing_else(installed: Installed) -> None:
    def broken() -> datetime:
        raise RuntimeError("no clock")

    installed.spoil(now=broken)
    installed.configure(pm2=installed.folder / "typo")
    report = installed.examine()
    assert [finding.rule for finding in report.findings] == ["pm2_absent"]
    assert dict(report.blind) == {
        "configuration": "RuntimeError: no clock",
        "history": "RuntimeError: no clock",
        "state directory": "RuntimeError: no clock",
    }


def test_task_stores_that_cannot_be_read_are_only_observed_hold_damage_or_lack_an_index(
    installed: Installed, tmp_path: Path
) -> None:
    tasks, database = tmp_path / "tasks", tmp_path / "tasks.db"
    tasks.mkdir()
    (tasks / "bad.json").write_text("{")
    with closing(sqlite3.connect(database)) as session:
        columns = ", ".join(FIELDS.values())
        session.execute(f"CREATE TABLE tasks ({columns}, PRIMARY KEY (id))")
        session.execute("CREATE INDEX by_time ON tasks (created_at)")
    text = (
        f'[pipelines.folder.a]\npath = "{tasks}"\n[pipelines.folder.b]\npath = "{tmp_path}/none"\nwriters = "client"\n'
        f'[pipelines.sql.c]\nurl = "sqlite:///{database}"\ntable = "tasks"\n'
    )
    installed.configure(text)
    report = installed.examine()
    assert found(report) == ["tasks_damaged", "tasks_observed", "tasks_unindexed", "tasks_unreadable"]
    assert [finding.what for finding in report.findings if finding.rule == "tasks_unindexed"] == [
        "the task store c: no index begins with state"
    ]
