"""`guardian init` in prepared situations, real where they can be: what it finds, writes, and would heal."""

import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from guardian import services
from guardian.errors import ConfigError, GuardianError
from guardian.host.daemons import pm2_daemons
from guardian.host.listeners import listeners
from guardian.model import Action, Mode, Reason
from guardian.setup.around import Places
from guardian.setup.init import Begun, init
from guardian.setup.told import as_json, told
from guardian.supervisors.pm2 import Params
from tests.real_pm2 import RealPm2, running_pm2

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """An empty folder on an empty machine."""
    for name in ("GUARDIAN_CONFIG", "GUARDIAN_REDIS_URL", "GUARDIAN_ALERT_WEBHOOK", "PM2_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cwd = tmp_path / "here"
    cwd.mkdir()
    monkeypatch.chdir(cwd)
    home = tmp_path / "home"
    return Places(cwd, home, {}, pm2_daemons=lambda: (), listeners=lambda: (), supervisord=(), logs=())


def with_pm2(places: Places, *pm2s: RealPm2) -> Places:
    """These daemons, of all that the process list of this machine shows."""
    homes = [pm2.home for pm2 in pm2s]
    return replace(places, pm2_daemons=lambda: [daemon for daemon in pm2_daemons() if daemon.home in homes])


def begin(places: Places, *, force: bool = False) -> Begun:
    return init(None, force=force, places=places, now=NOW)


def would(begun: Begun) -> Mapping[str, tuple[Action, Reason, str | None]]:
    return {
        each.verdict.target: (each.decision.action, each.decision.reason, each.remedy)
        for rehearsal in begun.rehearsals
        for each in rehearsal.would
    }


def test_nothing_here(places: Places) -> None:
    begun = begin(places)
    assert told(begun.found) == ["nothing that Guardian could look after yet"]
    assert begun.file == places.cwd / "guardian.toml"
    config = services.load_config(begun.file)
    assert config.mode is Mode.OBSERVE
    assert [name for name, check in config.checks.items() if check.enabled] == ["process_health"]
    assert would(begun) == {}
    assert begun.rehearsals[0].skipped is not None
    assert sorted(path.name for path in places.cwd.iterdir()) == ["guardian.toml"]


NAMES = ("api", "a \"b\" 'c'", "é ✓", "back\\slash", "x]\n[checks.nonsense]", "\x7fdel", "#hash")


def test_pm2_with_processes_that_run_crashed_and_were_stopped(places: Places, pm2_home: RealPm2) -> None:
    pm2_home.start_all(dict.fromkeys(NAMES, "exec sleep 1000"))
    pm2_home.start("crashed", "exit 3", autorestart=False)
    pm2_home.start("by hand")
    pm2_home.cli("stop", "by hand")
    pm2_home.wait_status("crashed", "stopped")
    before = [(entry["name"], entry["pid"], entry["pm2_env"]["status"]) for entry in pm2_home.entries()]
    begun = begin(with_pm2(places, pm2_home))
    assert would(begun) == {"crashed": (Action.HEAL, Reason.FAILING, "restart_process")}
    assert not begun.rehearsals[0].braked
    assert [(entry["name"], entry["pid"], entry["pm2_env"]["status"]) for entry in pm2_home.entries()] == before
    config = services.load_config(begun.file)
    params = config.supervisors["pm2"]
    assert isinstance(params, Params)
    assert params.homes == (str(pm2_home.home),)
    text = begun.file.read_text()
    assert "[checks.process_health]\n" in text
    begun.file.write_text(text.replace("#expect = ", "expect = "))
    expected = services.load_config(begun.file).checks["process_health"].params.model_dump()["expect"]
    assert list(expected) == [process.target for process in begun.found.processes]
    assert {"a \"b\" 'c'", "é ✓", "back\\slash", "#hash"} <= set(expected)
    assert len(expected) == len(NAMES) + 2
    assert "9 processes (7 online, 2 stopped)" in told(begun.found)[0]


def test_two_daemons_have_the_names_that_they_will_have_later(places: Places, pm2_home: RealPm2) -> None:
    with running_pm2() as second:
        pm2_home.start("api")
        second.start("api")
        begun = begin(with_pm2(places, pm2_home, second))
        first, other = sorted((pm2_home.home, second.home))
        assert [process.target for process in begun.found.processes] == ["api", f"api@{other}"]
        [rehearsal] = begun.rehearsals
        assert sorted(verdict.target for verdict in rehearsal.verdicts) == ["api", f"api@{other}"]
        assert f'homes = ["{first}", "{other}"]' in begun.file.read_text()


def test_pm2_in_its_usual_place_is_left_to_be_found(places: Places, pm2_home: RealPm2) -> None:
    places.home.symlink_to(pm2_home.home)
    (pm2_home.home / ".pm2").symlink_to(pm2_home.home)
    begun = begin(with_pm2(places, pm2_home))
    assert [home.usual for home in begun.found.pm2] == [True]
    assert "\n#[supervisors.pm2]\n" in begun.file.read_text()
    (pm2_home.home / ".pm2").unlink()


@pytest.mark.parametrize("trouble", ["dead", "hung"])
def test_pm2_that_does_not_answer_is_said_and_the_file_is_written(
    places: Places, pm2_home: RealPm2, trouble: str
) -> None:
    (places.home).mkdir()
    (places.home / ".pm2").symlink_to(pm2_home.home)
    if trouble == "dead":
        pm2_home.kill_daemon()
    else:
        pm2_home.signal_daemon(signal.SIGSTOP)
    try:
        begun = begin(places)
    finally:
        if trouble == "hung":
            pm2_home.signal_daemon(signal.SIGCONT)
    assert "could not look: the daemon " in told(begun.found)[0]
    assert list(would(begun).values()) == [(Action.ALERT, Reason.LASTING_UNKNOWN, None)]
    assert services.load_config(begun.file).mode is Mode.OBSERVE


def test_so_many_fail_that_the_brake_would_hold_them(places: Places, pm2_home: RealPm2) -> None:
    pm2_home.start_all(dict.fromkeys("abcd", "exit 1"), autorestart=False)
    for name in "abcd":
        pm2_home.wait_status(name, "stopped")
    begun = begin(with_pm2(places, pm2_home))
    assert len(would(begun)) == 4
    assert begun.rehearsals[0].braked


def test_ports_logs_and_task_folders(places: Places, pm2_home: RealPm2, tmp_path: Path) -> None:
    tasks = places.cwd / "work" / "tasks"
    tasks.mkdir(parents=True)
    for number, state in enumerate(("doing", "doing", "assigned", "done")):
        (tasks / f"{number}.json").write_text(json.dumps({"id": number, "state": state}))
    (tasks / "broken.json").write_text("{")
    (places.cwd / "package.json").write_text(json.dumps({"name": "x", "version": "1"}))
    (places.cwd / "logs").mkdir()
    (places.cwd / "logs" / "agent.log").write_text("x" * 2_000_000)
    pm2_home.start("api")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        own = [each for each in listeners() if each.port == port]
        assert [(each.pid, each.name) for each in own] == [(os.getpid(), psutil.Process().name())]
        watched = replace(own[0], pid=os.getpid(), above=[pm2_home.entry("api")["pid"]])
        begun = begin(replace(with_pm2(places, pm2_home), listeners=lambda: [watched]))
    found = as_json(begun.found)
    assert found["task_folders"] == [
        {"path": str(tasks), "files": 5, "key": "state", "states": {"doing": 2, "assigned": 1, "done": 1}}
    ]
    assert isinstance(found["ports"], list)
    assert [(each["port"], each["target"]) for each in found["ports"]] == [(port, "api")]
    assert {log.process for log in begun.found.logs} == {"api", None}
    text = begun.file.read_text()
    for section, line in {
        "dashboard_http": f'#urls = ["http://127.0.0.1:{port}/"]',
        "pipeline_stall": f'#folders = ["{tasks}"]',
        "log_rotation": f'#files = ["{places.cwd}/logs/agent.log"',
    }.items():
        assert f"#[checks.{section}]\n{line}" in text
    assert "task folder" in "\n".join(told(begun.found))


def test_a_file_that_is_there_is_not_touched_unless_forced_and_then_kept(places: Places) -> None:
    file = places.cwd / "guardian.toml"
    file.write_text("mine")
    file.chmod(0o600)
    with pytest.raises(GuardianError, match="is there already: --force"):
        begin(places)
    assert file.read_text() == "mine"
    begun = begin(places, force=True)
    assert begun.backup is not None
    assert begun.backup.read_text() == "mine"
    assert (file.stat().st_mode & 0o777, begun.backup.stat().st_mode & 0o777) == (0o600, 0o600)
    assert services.load_config(file).mode is Mode.OBSERVE
    assert len(list(places.cwd.iterdir())) == 2


def test_another_file_may_be_named_and_a_place_that_cannot_be_written_is_said(places: Places) -> None:
    named = replace(places, environ={"GUARDIAN_CONFIG": "other.toml"})
    assert begin(named).file == places.cwd / "other.toml"
    with pytest.raises(GuardianError, match=r"nowhere/x\.toml cannot be written: No such file"):
        init(places.cwd / "nowhere" / "x.toml", force=False, places=places, now=NOW)


def test_what_cannot_be_looked_at_costs_only_itself(places: Places) -> None:
    def refuse() -> Sequence[object]:
        raise psutil.AccessDenied(1)

    (places.cwd / "logs").mkdir()
    (places.cwd / "logs" / "a.log").touch()
    begun = begin(replace(places, listeners=refuse, pm2_daemons=refuse))  # type: ignore[arg-type]
    assert [line.split(":")[0] for line in told(begun.found)] == [
        "1 log file, 0.0 MB; the largest",
        "not looked at",
        "not looked at",
    ]
    assert services.load_config(begun.file)


def test_supervisord_that_this_guardian_cannot_watch_yet_is_said(places: Places) -> None:
    place = places.cwd / "s.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        begun = begin(replace(places, supervisord=(place,)))
    assert told(begun.found) == [f"supervisord: {place}"]
    assert "supervisord" in begun.file.read_text()


def test_an_environment_that_contradicts_the_file_is_said_by_name(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUARDIAN_REDIS_URL", "redis://h:x")
    with pytest.raises(ConfigError, match="GUARDIAN_REDIS_URL"):
        begin(places)
