"""The operator's plug-in folders: what is taken, what is refused, and that no file ever stops the others."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from guardian import services
from guardian.checks.base import Check
from guardian.config import CheckSettings, Config
from guardian.engine import act, plugins
from guardian.engine.engine import Engine
from guardian.engine.look import Looked, look, take_evidence
from guardian.errors import ConfigError, RemedyError, SourceError
from guardian.heal.base import Done
from guardian.logs.tail import LogTail
from guardian.model import Status, Verdict
from guardian.ports import Ports
from tests.cli.conftest import folder, guardian
from tests.cli.running import Program

__all__ = ["folder", "guardian"]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLUGIN = """
import os, sys, time
from datetime import timedelta
from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.errors import RemedyError, SourceAbsent, SourceError
from guardian.heal.base import Done, Remedy
from guardian.model import RemedyKind, Severity, Status, Verdict
from guardian.settings import Model

class Params(Model):
    most: int = 5
    "The most."

def probe(ports, params, only=None):
    return 1

def judge(sample, params, memory, now):
    status = Status.FAIL if sample > params.most else Status.OK
    return Judgement([Verdict("q", status, str(sample))], {"looks": memory.get("looks", 0) + 1})

def evidence(sample, target):
    return TargetEvidence({"sample": sample})

remedy, limit, every = None, timedelta(seconds=20), timedelta(seconds=10)
"""
CHECK = """
CHECK = Check("Queue", every=every, params=Params, probe=probe, judge=judge, evidence=evidence, remedy=remedy,
              limit=limit)
"""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Plug-ins of these names; each is the good one with something changed in it."""
    folder.mkdir(exist_ok=True)
    for name, change in files.items():
        (folder / f"{name}.py").write_text(PLUGIN + change + CHECK)
    return folder


def loaded(folder: Path) -> plugins.Plugins:
    return plugins.load([folder], None, {"CHECK": ["taken"], "REMEDY": ["restart_process"]}, ["restart_process"])


def reasons(found: plugins.Plugins) -> dict[str, str]:
    return {Path(fault.file).name: fault.reason for fault in found.faults}


def looked(check: Check, params: Any = None, memory: Any = None) -> Looked:
    return look(engine(check, params), "own", memory or {}, NOW)


def engine(check: Check, params: Any = None) -> Engine:
    settings = CheckSettings(True, timedelta(seconds=10), None, params or check.params())
    ports = Ports("n", [], cast("Any", None), LogTail())
    config = Config(node="n", checks={"own": settings})
    return Engine(config, cast("Any", None), ports, {"own": check}, {}, [], Path("/nowhere"), Path("/nowhere"))


def one(tmp_path: Path, change: str) -> Check:
    found = loaded(write(tmp_path / "own", {"own": change}))
    assert not found.faults
    return found.checks["own"]


def unknown(found: Looked) -> str:
    (verdict,) = found.judgement.verdicts
    assert verdict.status is Status.UNKNOWN
    return verdict.message


# what is in a folder


def test_each_file_is_a_check_under_its_own_name(tmp_path: Path) -> None:
    found = loaded(write(tmp_path / "own", {"b": "", "a": ""}))
    assert list(found.checks) == ["a", "b"]
    assert not found.faults
    assert all(check.own for check in found.checks.values())


def test_files_may_share_code_in_one_that_is_no_plugin(tmp_path: Path) -> None:
    folder = write(tmp_path / "own", {"a": "from ._shared import NAME\nevery = timedelta(seconds=NAME)\n"})
    (folder / "_shared.py").write_text("NAME = 77\n")
    assert loaded(folder).checks["a"].every == timedelta(seconds=77)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("def broken(:", "SyntaxError"),
        ("sys.exit(0)", "SystemExit"),
        ("os._exit(0)", "its process ended without an answer"),
        ("os.kill(os.getpid(), 9)", "its process ended without an answer"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("remedy = 'no_such'", "its remedy `no_such` is not known; known are `restart_process`"),
        ("every = timedelta(0)", "its `every` is less than one second"),
        ("every = 10", "its CHECK cannot be used: TypeError"),
        ("limit = timedelta(seconds=31)", "its `limit` is not more than zero and at most 30s"),
        ("limit = 5", "its CHECK cannot be used: TypeError"),
        ("remedy = ['x']", "its CHECK cannot be used: TypeError"),
        ("REMEDY = Remedy('cure', None, None)", "the `kind` of its REMEDY"),
        ("Params = dict", "`params` is not a class made from guardian.settings.Model"),
        ("class Params(Model):\n    most: int", "each key has a default"),
        ("class Params(Model):\n    interval: int = 1", "must not have keys of its own named interval"),
        ("def Check(*a, **k):\n    return 7", "its CHECK is a int, not a Check"),
    ],
)
def test_a_broken_file_is_an_unknown_check_with_the_reason_and_the_others_go_on(
    tmp_path: Path, change: str, reason: str
) -> None:
    found = loaded(write(tmp_path / "own", {"bad": change, "good": ""}))
    assert reason in reasons(found)["bad.py"]
    assert "good.py" not in reasons(found)
    assert reason in unknown(looked(found.checks["bad"]))
    assert [verdict.status for verdict in looked(found.checks["good"]).judgement.verdicts] == [Status.OK]


def test_a_file_that_never_ends_to_import_is_left_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "_IMPORT_LIMIT", timedelta(seconds=3))
    found = loaded(write(tmp_path / "own", {"bad": "time.sleep(600)", "good": ""}))
    assert "no answer within 3 s" in reasons(found)["bad.py"]
    assert list(reasons(found)) == ["bad.py"]


def test_a_file_without_what_makes_it_a_plugin_says_so(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("x = 1\n")
    assert "neither CHECK nor REMEDY" in reasons(loaded(tmp_path))["helper.py"]


@pytest.mark.parametrize("name", ["Bad", "my-check", "1st", "a.b", "taken", "restart_process", "x" * 65])
def test_a_bad_name_leaves_the_file_out_and_says_so(tmp_path: Path, name: str) -> None:
    found = loaded(write(tmp_path / "own", {name: "", "good": ""}))
    assert "left out" in reasons(found)[f"{name}.py"]
    assert list(found.checks) == ["good"]


def test_of_two_files_of_one_name_the_first_folders_counts(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", {"own": ""}), write(tmp_path / "b", {"own": "every = timedelta(hours=1)"})
    found = plugins.load([first, second], None, {}, [])
    assert found.checks["own"].every == timedelta(seconds=10)
    assert "another folder" in found.faults[0].reason


def test_a_file_that_everyone_can_write_is_not_run(tmp_path: Path) -> None:
    folder = write(tmp_path / "own", {"own": f"open({str(tmp_path / 'ran')!r}, 'w')"})
    (folder / "own.py").chmod(0o666)
    found = loaded(folder)
    assert not (tmp_path / "ran").exists()
    assert "can be written by everyone" in reasons(found)["own.py"]
    assert "can be written by everyone" in unknown(looked(found.checks["own"]))


@pytest.mark.parametrize("name", ["_shared.py", "__pycache__"])
def test_a_folder_is_refused_for_what_its_files_would_import(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir() if name == "__pycache__" else (tmp_path / name).touch()
    assert plugins.refusal(tmp_path, None) is None
    (tmp_path / name).chmod(0o777)
    assert f"{name} can be written by everyone" in str(plugins.refusal(tmp_path, None))


def test_a_file_with_a_bad_name_is_not_run(tmp_path: Path) -> None:
    loaded(write(tmp_path / "own", {"Bad": f"open({str(tmp_path / 'ran')!r}, 'w')"}))
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused_unless_the_configuration_is_theirs(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, -1)
    assert "belongs to another user" in str(plugins.refusal(tmp_path, None))
    assert plugins.refusal(tmp_path, 12345) is None


# at work


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("def probe(*_): raise ValueError('odd')", "ValueError: odd"),
        ("def probe(*_): sys.exit(3)", "SystemExit: 3"),
        ("def probe(*_): os._exit(0)", "ended without an answer"),
        ("def probe(*_): os.kill(0, 9)", "ended without an answer"),
        ("def judge(*_): return 7", "judge gave int, not a Judgement"),
        ("def judge(*_): return None", "judge gave NoneType, not a Judgement"),
        ("def judge(*_): return Judgement([7])", "judge gave int among its verdicts"),
        ("def judge(*_): return Judgement([Verdict('q', Status.OK, 'a')] * 2)", "two verdicts for one target"),
        ("def judge(*_): return Judgement([Verdict('q', 'fine', 'a')])", "ValueError"),
        ("def judge(*_): return Judgement([Verdict(7, Status.OK, 'a')])", "a target is a name"),
        ("def judge(*_): return Judgement([Verdict('q' * 501, Status.OK, 'a')])", "a target is a name"),
        ("def judge(*_): return Judgement([Verdict('q', Status.OK, 'a')], {1, 2})", "TypeError"),
        ("def judge(*_): return Judgement([Verdict('q', Status.OK, 'a')], {'x': 'y' * 2_000_000})", "would remember"),
        ("def judge(*_): return Judgement([Verdict('q', Status.OK, 'a')], {'x': 'y' * 9_000_000})", "more than"),
        (
            "def judge(*_): return Judgement([Verdict(str(n), Status.OK, '') for n in range(9999)])",
            "more than 2000",
        ),
        (
            "def judge(*_): return Judgement(Verdict('q', Status.OK, '') for _ in iter(int, 1))",
            "more than 2000",
        ),
        ("def probe(*_): return 'x' * 10**11", "MemoryError"),
    ],
)
def test_whatever_it_does_the_answer_is_one_unknown_and_nothing_is_forgotten(
    tmp_path: Path, change: str, reason: str
) -> None:
    found = looked(one(tmp_path, change), memory={"kept": 1})
    assert reason in unknown(found)
    assert found.judgement.memory == {"kept": 1}


@pytest.mark.parametrize(
    "change",
    [
        "def probe(*_): time.sleep(600)",
        "def judge(*_):\n    while True:\n        try:\n            time.sleep(1)\n        except BaseException: pass",
        "def probe(*_): sum(range(10**12))",
    ],
)
def test_one_that_hangs_is_ended_and_unknown(tmp_path: Path, change: str) -> None:
    check = one(tmp_path, change + "\nlimit = timedelta(seconds=1)")
    assert "no answer within 1 s" in unknown(looked(check))


def test_its_own_errors_are_those_of_every_check(tmp_path: Path) -> None:
    check = one(tmp_path, "def probe(*_): raise SourceError('db', 'is away')")
    (verdict,) = looked(check).judgement.verdicts
    assert (verdict.target, verdict.message) == ("db", "could not look: is away")
    check = loaded(write(tmp_path / "b", {"own": "def probe(*_): raise SourceAbsent('no db')"})).checks["own"]
    assert looked(check).judgement.nothing == "no db"


def test_what_it_prints_and_leaves_behind_goes_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    change = """print('at import')
def probe(*_):
    print('rubbish' * 100000)
    os.write(1, b'x')
    sys.modules.clear()
    return 1
"""
    found = looked(one(tmp_path, change))
    assert [verdict.status for verdict in found.judgement.verdicts] == [Status.OK]
    assert capfd.readouterr().out == ""
    assert "json" in sys.modules


def test_verdict_memory_and_evidence_come_back_whole(tmp_path: Path) -> None:
    verdict = "Verdict('q', Status.FAIL, 'bad', Severity.CRITICAL, 'no use', 3, False, True, {'n': 1})"
    check = one(tmp_path, f"def judge(s, p, m, n): return Judgement([{verdict}], {{'looks': 4}})")
    found = looked(check)
    (back,) = found.judgement.verdicts
    assert back == Verdict("q", Status.FAIL, "bad", back.severity, "no use", 3, False, True, {"n": 1})
    assert back.severity == "critical"
    assert found.judgement.memory == {"looks": 4}
    evidence, _ = take_evidence(engine(check), "own", found, back, NOW)
    assert evidence.facts == {"n": 1, "sample": 1}


def test_a_settle_that_raises_keeps_no_heal_from_ending(tmp_path: Path) -> None:
    check = one(tmp_path, "")
    broken = engine(Check(**{**vars(check), "settle": lambda _: 1 / 0}))
    assert act._settle(broken, "own") == timedelta(0)


def test_an_order_that_raises_is_none(tmp_path: Path) -> None:
    change = "def order(params, target): sys.exit(1)\nwhole = Check\n"
    change += "def Check(*a, **k): return whole(*a, order=order, **k)"
    check = one(tmp_path, change)
    assert check.order is not None
    assert check.order(None, "q") is None


REMEDY = "\nREMEDY = Remedy(RemedyKind.CURE, act, lambda ports, target, at: True)\n"


@pytest.mark.parametrize(
    ("body", "done", "says"),
    [
        ("raise RemedyError('not now')", False, "not now"),
        ("raise RemedyError('odd', done=None)", None, "odd"),
        ("raise ValueError('odd')", None, "ValueError: odd"),
        ("sys.exit(1)", None, "SystemExit"),
        ("os._exit(1)", None, "without an answer"),
        ("return 7", None, "AttributeError"),
        ("time.sleep(600)", None, "no answer within 1 s"),
    ],
)
def test_a_remedy_that_breaks_says_whether_it_may_have_been_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, done: bool | None, says: str
) -> None:
    monkeypatch.setattr(plugins.contained, "ACT_LIMIT", timedelta(seconds=1 if "sleep" in body else 60))
    remedy = loaded(write(tmp_path / "own", {"own": f"def act(ports, target): {body}" + REMEDY})).remedies["own"]
    with pytest.raises(RemedyError, match=says) as caught:
        remedy.act(cast("Any", None), "q")
    assert caught.value.done is done


def test_a_remedy_acts_and_is_asked(tmp_path: Path) -> None:
    act = f"def act(ports, target):\n    open({str(tmp_path / 'done')!r}, 'w').close()\n    return Done(True, target)"
    remedy = loaded(write(tmp_path / "own", {"own": act + REMEDY + "remedy = 'own'"})).remedies["own"]
    assert remedy.act(cast("Any", None), "q") == Done(changed=True, text="q")
    assert (tmp_path / "done").exists()
    assert remedy.already_done(cast("Any", None), "q", NOW) is True


# in the configuration


def configured(folder: Path, text: str) -> Config:
    (folder / "guardian.toml").write_text(text)
    return services.load_config(folder / "guardian.toml")


def faults(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        configured(folder, text)
    return [(fault.key, fault.reason) for fault in caught.value.faults]


def test_a_plugin_has_a_section_with_its_own_keys(tmp_path: Path) -> None:
    write(tmp_path / "own", {"queue": ""})
    config = configured(tmp_path, 'plugins = ["own"]\n[checks.queue]\nmost = 7\ninterval = "3s"\n')
    settings = config.checks["queue"]
    assert (settings.enabled, settings.own, settings.interval) == (True, True, timedelta(seconds=3))
    assert settings.params.most == 7  # type: ignore[attr-defined]
    assert faults(tmp_path, 'plugins = ["own"]\n[checks.queue]\nmots = 7\n') == [
        ("checks.queue.mots", "unknown key, did you mean `most`?")
    ]


def test_without_a_section_it_is_off_like_every_check(tmp_path: Path) -> None:
    write(tmp_path / "own", {"queue": ""})
    assert not configured(tmp_path, 'plugins = ["own"]\n').checks["queue"].enabled


def test_a_relative_folder_starts_where_the_configuration_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "own", {"queue": ""})
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert configured(tmp_path, 'plugins = ["own"]\n').plugins == (tmp_path / "own",)


def test_a_folder_that_cannot_be_used_is_a_mistake_beside_all_others(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "file").touch()
    found = faults(tmp_path, 'plugins = ["none", "open", "file"]\nmood = 1\n')
    assert [key for key, _ in found] == ["plugins[0]", "plugins[1]", "plugins[2]", "mood"]
    assert "there is no folder" in found[0][1]
    assert "can be written by everyone" in found[1][1]


def test_plugins_that_are_no_list_are_said(tmp_path: Path) -> None:
    assert faults(tmp_path, 'plugins = "own"\n') == [("plugins", "must be a list, in square brackets")]


def test_the_section_of_a_broken_plugin_is_not_judged_and_the_check_is_unknown(tmp_path: Path) -> None:
    write(tmp_path / "own", {"bad": "import nothing_of_this_name"})
    config = configured(tmp_path, 'plugins = ["own"]\n[checks.bad]\nwhatever = 7\n')
    assert config.checks["bad"].enabled
    assert "ModuleNotFoundError" in services.plugin_faults(config)[0].reason
    check = services.checks_of(config)["bad"]
    with pytest.raises(SourceError):
        check.probe(cast("Any", None), None, None)


def test_config_check_names_a_broken_plugin_and_a_good_one_is_listed(guardian: Program, folder: Path) -> None:
    write(folder / "own", {"bad": "import nothing_of_this_name", "queue": ""})
    (folder / "guardian.toml").write_text('plugins = ["own"]\n[checks.queue]\n[checks.command.api]\nrun = ["true"]\n')
    ran = guardian("config", "check", "--json")
    assert ran.code == 2
    (fault,) = json.loads(ran.out)["faults"]
    assert fault["file"] == str(folder / "own" / "bad.py")
    assert "ModuleNotFoundError" in fault["reason"]
    (folder / "own" / "bad.py").unlink()
    listed = {each["check"]: each for each in json.loads(guardian("check", "list", "--json").out)["checks"]}
    assert listed["queue"]["enabled"]
    assert listed["command.api"]["enabled"]
    assert "command" not in listed


@pytest.mark.parametrize(
    ("section", "key", "reason"),
    [
        ("", "checks.command.api.run", "is missing"),
        ("run = []", "checks.command.api.run", "must have at least 1 entry"),
        ('run = "x"', "checks.command.api.run", "must be a list"),
        ('run = ["x"]\ntimeout = "31s"', "checks.command.api.timeout", "must be at most 30s"),
        ('run = ["x"]\nshell = true', "checks.command.api.shell", "unknown key"),
        ('run = ["x"]\nseverity = "bad"', "checks.command.api.severity", "must be `info` or `warning`"),
        ('run = ["x"]\nremedy = "reboot"', "checks.command.api.remedy", "must be"),
        ('run = ["x"]\nenv = {"A B" = "1"}', 'checks.command.api.env."A B"', "a variable's name"),
        ('run = ["x"]\nremedy = "restart_process"\nheal = ["y"]', "checks.command.api", "keep one"),
        ('run = ["x"]\nremedy = "run_command"', "checks.command.api", "give it as `heal`"),
    ],
)
def test_a_mistake_in_a_command_is_said(tmp_path: Path, section: str, key: str, reason: str) -> None:
    ((found, why),) = faults(tmp_path, f"[checks.command.api]\n{section}\n")
    assert found == key
    assert reason in why


def test_a_commands_name_is_one_that_a_task_can_bear(tmp_path: Path) -> None:
    ((key, why),) = faults(tmp_path, '[checks.command."a b"]\nrun = ["x"]\n')
    assert key == 'checks.command."a b"'
    assert "a name of" in why
