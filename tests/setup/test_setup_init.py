"""`guardian init` in detail: what it finds, writes, and would heal. Whole situations: test_situations.py."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from guardian import services
from guardian.errors import ConfigError, GuardianError
from guardian.host.listeners import listeners
from guardian.host.pm2s import pm2_daemons
from guardian.host.supervisords import SupervisordDaemon, supervisord_daemons
from guardian.model import Action, Mode, Reason
from guardian.setup.around import Places
from guardian.setup.init import Begun, init
from guardian.setup.told import as_json, told
from guardian.supervisors.pm2 import Params
from tests.doctor.installed import OUTSIDE
from tests.host.servers import says, serving
from tests.real_pm2 import RealPm2, running_pm2
from tests.real_supervisord import RealSupervisord, running_supervisord
from tests.runtime.running import free_port

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """An empty folder on an empty machine."""
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cwd = tmp_path / "here"
    cwd.mkdir()
    monkeypatch.chdir(cwd)
    home = tmp_path / "home"
    usual = (str(home / "supervisor.sock"),)
    monkeypatch.setattr("guardian.supervisors.supervisord.USUAL", usual)
    return Places(
        cwd, home, {}, pm2_daemons=lambda: (), listeners=lambda: (), supervisord_daemons=lambda: (),
        supervisord_usual=usual, logs=(),
    )  # fmt: skip


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
        rehearsal = next(each for each in begun.rehearsals if each.check == "process_health")
        assert sorted(verdict.target for verdict in rehearsal.verdicts) == ["api", f"api@{other}"]
        assert f'homes = ["{first}", "{other}"]' in begun.file.read_text()


def test_pm2_in_its_usual_place_is_left_to_be_found(places: Places, pm2_home: RealPm2) -> None:
    places.home.symlink_to(pm2_home.home)
    (pm2_home.home / ".pm2").symlink_to(pm2_home.home)
    begun = begin(with_pm2(places, pm2_home))
    assert [home.usual for home in begun.found.pm2] == [True]
    assert "\n#[supervisors.pm2]\n" in begun.file.read_text()
    (pm2_home.home / ".pm2").unlink()


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
    with serving(says(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")) as port:
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
    config = services.load_config(begun.file)
    assert config.checks["pipeline_stall"].enabled
    (store,) = services.task_stores(config)
    assert len(store.read(timedelta(days=1)).tasks) >= 3
    assert f'path = "{tasks}"' in text
    endpoint = services.load_config(begun.file).checks["dashboard_http"].params.endpoints["api"]  # type: ignore[attr-defined]
    assert (endpoint.url, endpoint.process) == (f"http://127.0.0.1:{port}/", "api")
    assert endpoint.status == ("2xx", "302")
    assert f'\n[checks.log_rotation]\nfiles = ["{places.cwd}/logs/agent.log"' in text
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


def test_an_environment_that_contradicts_the_file_is_said_by_name(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUARDIAN_REDIS_URL", "redis://h:x")
    with pytest.raises(ConfigError, match="GUARDIAN_REDIS_URL"):
        begin(places)


def supervisords(*daemons: RealSupervisord) -> Sequence[SupervisordDaemon]:
    """These, of all that the process list of this machine shows."""
    files = [daemon.config for daemon in daemons]
    return [daemon for daemon in supervisord_daemons() if daemon.config in files]


def test_two_supervisords_have_the_names_that_they_will_have_later(
    places: Places, supervisord: RealSupervisord
) -> None:
    with running_supervisord() as second:
        for daemon in (supervisord, second):
            daemon.start("api", startsecs=0)
        begun = begin(
            replace(
                places,
                supervisord_usual=(str(second.socket),),
                supervisord_daemons=lambda: supervisords(supervisord, second),
            )
        )
        names = ["api", f"api@{supervisord.socket}"]
        assert [process.target for process in begun.found.processes] == names
        rehearsal = next(each for each in begun.rehearsals if each.check == "process_health")
        assert sorted(verdict.target for verdict in rehearsal.verdicts) == names
        assert f'\nsockets = ["{second.socket}", "{supervisord.socket}"]\n' in begun.file.read_text()


def test_one_supervisord_by_two_names_is_one(places: Places, supervisord: RealSupervisord) -> None:
    link = places.cwd / "link"
    link.symlink_to(supervisord.home)
    usual = (str(link / "s.sock"), str(supervisord.socket))
    begun = begin(replace(places, supervisord_usual=usual, supervisord_daemons=lambda: supervisords(supervisord)))
    assert [(server.address, server.usual) for server in begun.found.supervisord] == [(usual[0], True)]


def test_an_address_with_a_user_in_it_is_never_written_and_costs_nothing_else(
    places: Places, supervisord: RealSupervisord
) -> None:
    begun = begin(
        replace(
            places,
            environ={"SUPERVISOR_SERVER_URL": "http://u:hunter2@127.0.0.1:1"},
            supervisord_usual=(str(supervisord.socket),),
        )
    )
    assert [server.address for server in begun.found.supervisord] == [str(supervisord.socket)]
    assert "hunter2" not in begun.file.read_text()


def test_a_supervisord_that_listens_on_a_port_is_found_by_its_file(places: Places) -> None:
    port = free_port()
    with running_supervisord(f"[inet_http_server]\nport=:{port}\n") as daemon:
        daemon.start("api", startsecs=0)
        text = daemon.config.read_text()
        daemon.config.write_text(text.replace(f"[unix_http_server]\nfile={daemon.home}/s.sock\n", ""))
        begun = begin(replace(places, supervisord_daemons=lambda: supervisords(daemon)))
    assert f'\nsockets = ["http://127.0.0.1:{port}"]\n' in begun.file.read_text()
    assert [process.target for process in begun.found.processes] == ["api"]
