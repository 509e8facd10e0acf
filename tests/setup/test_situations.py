"""THE list of prepared situations (SITUATIONS, below): in each a person types `guardian init`, then `guardian doctor`.

Real PM2, real supervisord, a real Redis-protocol server, real processes. For each: what init finds, what an armed
Guardian would do, and exactly what the doctor finds. In each: the file is valid, only observes, is not overwritten by a
second init, and holds no secret. More of each area alone: test_setup_init.py, tests/doctor/.
"""

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardian import services
from guardian.errors import GuardianError
from guardian.model import Mode
from guardian.setup.init import Begun, init
from guardian.setup.told import as_json, told
from tests.doctor.installed import only_as_root
from tests.runtime.running import free_port, wait_for
from tests.setup.stage import WEBHOOK, Stage

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENVIRONMENT, LOGIN, REDIS = "3nvS3cr3t", "L0g1nS3cr3t", "R3d1sS3cr3t"
SECRETS = (WEBHOOK, ENVIRONMENT, LOGIN, REDIS)

RESTART = "heal by restart_process: failing"
BLIND = "alert: could not look for several patrols"


@dataclass(frozen=True)
class Situation:
    """`then`: what happens between the two commands."""

    name: str
    prepare: Callable[[Stage], None] = lambda _stage: None
    found: Sequence[str] = ()
    would: Mapping[str, str] = field(default_factory=dict)
    then: Callable[[Stage], None] = lambda _stage: None
    doctor: Sequence[str] = ()


# PM2


def pm2_is_well(stage: Stage) -> None:
    stage.pm2(usual=True).start("api", env={"OPENAI_API_KEY": ENVIRONMENT})


def pm2_with_a_crash(stage: Stage) -> None:
    pm2 = stage.pm2()
    pm2.start_all({"api": "exec sleep 1000", "by hand": "exec sleep 1000"})
    pm2.start("crashed", "exit 3", autorestart=False)
    pm2.cli("stop", "by hand")
    pm2.wait_status("crashed", "stopped")


def pm2_killed(stage: Stage) -> None:
    stage.pm2(usual=True).kill_daemon()


def pm2_hangs(stage: Stage) -> None:
    pm2 = stage.pm2(usual=True)
    pm2.signal_daemon(signal.SIGSTOP)
    stage.ends.callback(pm2.signal_daemon, signal.SIGCONT)


def two_pm2s(stage: Stage) -> None:
    for pm2 in (stage.pm2(), stage.pm2()):
        pm2.start("api")


def four_crash_at_once(stage: Stage) -> None:
    pm2 = stage.pm2()
    pm2.start_all(dict.fromkeys("abcd", "exit 1"), autorestart=False)
    for name in "abcd":
        pm2.wait_status(name, "stopped")


def pm2_by_sudo(stage: Stage) -> None:
    os.chown(stage.pm2(usual=True).home, 65534, 65534)


def a_second_pm2_later(stage: Stage) -> None:
    stage.pm2()


def logs_move_away(stage: Stage) -> None:
    (stage.home / "logs").rename(stage.home / "moved")


def pm2_with_logs_elsewhere(stage: Stage) -> None:
    (stage.home / "logs").mkdir()
    log = str(stage.home / "logs" / "bot.log")
    stage.pm2(usual=True).start("bot", out_file=log, error_file=log, merge_logs=True)


def pm2_gets_less_time(stage: Stage) -> None:
    stage.add('\n[supervisors.pm2]\ntimeout = "1s"\n')


# supervisord


def supervisord_in_a_place_of_its_own(stage: Stage) -> None:
    supervisord = stage.supervisord()
    supervisord.start("api", startsecs=0)
    supervisord.start("crashed", "exit 3", startsecs=0, autorestart="false")
    supervisord.start("by-hand", startsecs=0)
    supervisord.rpc.stopProcess("by-hand")
    supervisord.wait_status("crashed", "EXITED")


def supervisord_in_its_usual_place(stage: Stage) -> None:
    supervisord = stage.supervisord()
    supervisord.start("api", startsecs=0, environment=f'TOKEN="{ENVIRONMENT}"')
    stage.usual_supervisord(supervisord.socket)


def supervisord_killed(stage: Stage) -> None:
    supervisord = stage.supervisord()
    stage.usual_supervisord(supervisord.socket)
    supervisord.kill_daemon()


def supervisord_hangs(stage: Stage) -> None:
    supervisord = stage.supervisord()
    supervisord.signal_daemon(signal.SIGSTOP)
    stage.ends.callback(supervisord.signal_daemon, signal.SIGCONT)


def supervisord_gets_less_time(stage: Stage) -> None:
    stage.file.write_text(stage.file.read_text().replace("\nsockets = ", '\ntimeout = "1s"\nsockets = '))


def supervisord_asks_who(stage: Stage) -> None:
    """Its file is changed and read anew, as a person does it; the socket then asks."""
    supervisord = stage.supervisord()
    config = supervisord.config.read_text()
    login = f"[unix_http_server]\nusername=u\npassword={LOGIN}\n"
    supervisord.config.write_text(config.replace("[unix_http_server]\n", login))
    supervisord.rpc.restart()
    wait_for("it asks for a user", lambda: b"401" in _asked(supervisord.socket))


def _asked(place: Path) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(place))
            line.sendall(b"POST /RPC2 HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
            return line.recv(100)
    except OSError:
        return b""


def supervisord_comes_later(stage: Stage) -> None:
    stage.supervisord()


def one_name_under_both(stage: Stage) -> None:
    stage.pm2().start("api")
    stage.supervisord().start("api", startsecs=0)


# Redis, Guardian's own processes, alerts, own checks, compose


def redis_that_evicts(stage: Stage) -> None:
    with stage.redis().client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")


def redis_with_another_password(stage: Stage) -> None:
    server = stage.redis()
    with server.client() as client:
        client.config_set("requirepass", "another")
    stage.patch.setenv("GUARDIAN_REDIS_URL", server.url.replace("unix://", f"unix://:{REDIS}@"))


def it_runs(stage: Stage) -> None:
    run = stage.run("up")
    run.wait_until_up()
    wait_for("signs of life", lambda: not stage.examine().findings)


def it_was_killed(stage: Stage) -> None:
    run = stage.run("up")
    run.wait_until_up()
    run.process.kill()
    run.process.wait()
    wait_for("no process is left", lambda: not run.all_processes())


def two_beats(stage: Stage) -> None:
    server = stage.redis()
    stage.add(f'\n[redis]\nurl = "{server.url}"\n')
    stage.patch.delenv("GUARDIAN_REDIS_URL")
    with server.client() as client:
        for number in (1, 2):
            stage.run("beat")
            wait_for(f"beat {number}", lambda number=number: client.zcard("guardian:processes") == number)


def channels_mistyped(stage: Stage) -> None:
    stage.add('\n[alerts.channels.ops]\nurl = "discrod://1/2"\n\n[alerts.channels.chat]\nurl = "discord://tooshort"\n')


def own_checks_gone_wrong(stage: Stage) -> None:
    folder = stage.cwd / "plugins"
    folder.mkdir()
    (folder / "broken.py").write_text("def\n")
    text = stage.file.read_text()
    stage.file.write_text(f'plugins = ["plugins"]\n{text}\n[checks.command.gone]\nrun = ["./gone.sh"]\n')


def a_plugin_folder_for_everyone(stage: Stage) -> None:
    own_checks_gone_wrong(stage)
    (stage.cwd / "plugins").chmod(0o777)


def compose_filled_in_by_hand(stage: Stage) -> None:
    pm2 = stage.pm2(usual=True)
    (stage.cwd / "docker-compose.yml").write_text("name: ai-system-guardian\n")
    (stage.cwd / ".env").write_text(
        f"GUARDIAN_NODE=one\nGUARDIAN_UID=4711\nGUARDIAN_GID=4711\nPM2_HOME={pm2.home}\n"
        f"REDIS_PASSWORD='{REDIS}@'\nFLOWER_PASSWORD=\nGUARDIAN_REDIS_URL=redis://:{REDIS}@localhost:6379/0\n"
    )
    (stage.cwd / ".env").chmod(0o644)


def ports_logs_and_tasks(stage: Stage) -> None:
    pm2 = stage.pm2(usual=True)
    stage.ports.append(free_port())
    pm2.start_node("web", f"require('http').createServer(() => 0).listen({stage.ports[0]}, '127.0.0.1')")
    wait_for("it listens", stage.places.listeners)
    tasks, logs = stage.cwd / "tasks", stage.cwd / "logs"
    tasks.mkdir()
    logs.mkdir()
    (tasks / "1.json").write_text(json.dumps({"id": 1, "state": "doing", "token": ENVIRONMENT}))
    (logs / "agent.log").write_text(f"Authorization: Bearer {ENVIRONMENT}\n" * 100_000)


NOT_RUNNING = ("no_beat", "no_watch", "no_worker", "no_worker")
SITUATIONS = [
    Situation("nothing runs here", found=["nothing that Guardian could look after yet"]),
    Situation("PM2 is well", pm2_is_well, found=["1 process (1 online)"]),
    Situation(
        "PM2: one crashed, one stopped by hand",
        pm2_with_a_crash,
        found=["3 processes (1 online, 2 stopped)"],
        would={"crashed": RESTART},
    ),
    Situation(
        "PM2: the daemon was killed",
        pm2_killed,
        found=["could not look: the daemon is dead"],
        would={"pm2": BLIND},
        doctor=["pm2_dead"],
    ),
    Situation(
        "PM2: the daemon hangs",
        pm2_hangs,
        found=["could not look: the daemon hangs"],
        would={"pm2": BLIND},
        then=pm2_gets_less_time,
        doctor=["pm2_hung"],
    ),
    Situation("PM2: two daemons with one name each", two_pm2s, found=["  api\n", "  api@/tmp/pm2-"]),
    Situation(
        "PM2: four crash at once, so the brake would hold them",
        four_crash_at_once,
        found=["4 processes (4 stopped)"],
        would=dict.fromkeys("abcd", RESTART),
    ),
    Situation("PM2: started with sudo", pm2_by_sudo, doctor=["pm2_owner"]),
    Situation("PM2: another daemon comes later", pm2_is_well, then=a_second_pm2_later, doctor=["pm2_unwatched"]),
    Situation(
        "PM2: a log folder moves away",
        pm2_with_logs_elsewhere,
        found=["1 log file"],
        then=logs_move_away,
        doctor=["log_unreadable"],
    ),
    Situation(
        "supervisord in a place of its own: one crashed, one stopped by hand",
        supervisord_in_a_place_of_its_own,
        found=["supervisord at /tmp/sv-", "3 processes"],
        would={"crashed": RESTART},
    ),
    Situation("supervisord in its usual place", supervisord_in_its_usual_place, found=["1 process ("]),
    Situation(
        "supervisord was killed",
        supervisord_killed,
        found=["could not look: the daemon is dead"],
        would={"supervisord": BLIND},
        doctor=["supervisord_dead"],
    ),
    Situation(
        "supervisord hangs",
        supervisord_hangs,
        found=["could not look: the daemon hangs"],
        would={"supervisord": BLIND},
        then=supervisord_gets_less_time,
        doctor=["supervisord_hung"],
    ),
    Situation(
        "supervisord asks for a user",
        supervisord_asks_who,
        found=["could not look: the daemon wants a user"],
        would={"supervisord": BLIND},
        doctor=["supervisord_login"],
    ),
    Situation("supervisord comes later", then=supervisord_comes_later, doctor=["supervisord_unwatched"]),
    Situation(
        "PM2 and supervisord have a process of one name",
        one_name_under_both,
        found=["PM2 in", "supervisord at"],
        would={"api": BLIND},
        doctor=["one_name"],
    ),
    Situation(
        "a web server, a task folder and logs",
        ports_logs_and_tasks,
        found=["(web)", "task folder", "log file"],
        doctor=["tasks_observed"],
    ),
    Situation("Redis evicts, and nobody works", redis_that_evicts, doctor=["redis_evicts", *NOT_RUNNING]),
    Situation("Redis has another password", redis_with_another_password, doctor=["redis_password"]),
    Situation("Guardian runs", pm2_is_well, then=it_runs),
    Situation("Guardian was killed", then=it_was_killed, doctor=["killed"]),
    Situation("two beats, no worker, no watch", then=two_beats, doctor=["two_beats", *NOT_RUNNING[1:]]),
    Situation("mistyped addresses of channels", then=channels_mistyped, doctor=["channel_address", "channel_address"]),
    Situation(
        "a broken plug-in, and a command that is not there",
        then=own_checks_gone_wrong,
        doctor=["command_missing", "plugin_broken"],
    ),
    Situation("a plug-in folder that everyone may write", then=a_plugin_folder_for_everyone, doctor=["plugin_folder"]),
    Situation(
        "compose, filled in by hand",
        compose_filled_in_by_hand,
        doctor=["compose_bound", "compose_loopback", "compose_password", "compose_readable", "compose_unset",
                "compose_user"],
    ),
]  # fmt: skip
NEED_ROOT = {"PM2: started with sudo"}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with ExitStack() as ends:
        yield Stage(tmp_path, monkeypatch, ends)


def would(begun: Begun) -> dict[str, str]:
    return {
        each.verdict.target: f"{each.decision.action}{by}: {each.decision.reason}"
        for rehearsal in begun.rehearsals
        for each in rehearsal.would
        for by in [f" by {each.remedy}" if each.remedy else ""]
    }


@pytest.mark.parametrize(
    "case",
    [pytest.param(each, marks=[only_as_root] if each.name in NEED_ROOT else [], id=each.name) for each in SITUATIONS],
)
def test_init_and_doctor(case: Situation, stage: Stage) -> None:
    case.prepare(stage)
    begun = init(None, force=False, places=stage.places, now=NOW)
    lines, text = "\n".join([*told(begun.found), ""]), stage.file.read_text()
    assert [part for part in case.found if part not in lines] == [], lines
    assert would(begun) == case.would
    assert any(rehearsal.braked for rehearsal in begun.rehearsals) is (case.prepare is four_crash_at_once)
    config = services.load_config(None)
    assert (config.mode, config.checks["process_health"].enabled) == (Mode.OBSERVE, True)
    assert [*services.plugin_faults(config), *services.address_faults(config)] == []
    with pytest.raises(GuardianError, match="is there already: --force"):
        init(None, force=False, places=stage.places, now=NOW)
    assert stage.file.read_text() == text
    case.then(stage)
    report = stage.examine()
    assert dict(report.blind) == {}
    assert sorted(finding.rule for finding in report.findings) == sorted(case.doctor), report.findings
    assert all(finding.mend for finding in report.findings)
    shown = json.dumps([text, lines, as_json(begun.found), *map(asdict, report.findings)])
    assert [secret for secret in SECRETS if secret in shown] == []


def test_init_begins_with_the_checks_that_catch_most(stage: Stage) -> None:
    ports_logs_and_tasks(stage)
    file = init(None, force=False, places=stage.places, now=NOW).file
    on = {name for name, settings in services.load_config(file).checks.items() if settings.enabled}
    assert {"process_health", "pipeline_stall", "log_rotation"} <= on <= services.checks().keys()
