"""`guardian drill crash` as a person runs it: real processes die, and nothing else is left of it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from guardian.config.shape import host_name
from guardian.ports import SupervisedProcess
from guardian.registry import modules
from guardian.supervisors.pm2 import Params, Pm2, open_pm2
from tests.real_daemon import marked
from tests.real_pm2 import node_program, require_pm2
from tests.runtime.running import guardian, wait_for

pytestmark = pytest.mark.timeout(300)

MARK = "DRILL_TEST_RUN"
ONCE_ONLY = 'if [ -e "$0.ran" ]; then exit 1; fi; touch "$0.ran"; exec sleep 1000'
QUICK = """
[heal]
verify_after = "1s"
[worker]
sweep_every = "1s"
[checks.process_health]
interval = "1s"
"""


@dataclass
class Drill:
    """One command. Everything that it starts carries a mark in its environment."""

    folder: Path
    arguments: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = ("-m", "guardian")
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __enter__(self) -> "Drill":
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUARDIAN_", "PM2_"))}
        with (self.folder / "err").open("wb") as err, (self.folder / "out").open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, "drill", *self.arguments],
                cwd=self.folder, env=kept | {"TMPDIR": str(self.folder)} | self.environ | {MARK: self.mark},
                stdin=subprocess.PIPE, stdout=out, stderr=err,
            )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.communicate()

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text()

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text()

    def processes(self) -> list[psutil.Process]:
        return marked(MARK, self.mark)

    def wait_until_said(self, text: str) -> None:
        def said() -> bool:
            assert text in self.err or self.process.poll() is None, self.err
            return text in self.err

        wait_for(f"it says {text!r}", said, 60)

    def end(self, typed: str = "", seconds: float = 200) -> int:
        self.process.communicate(typed.encode(), timeout=seconds)
        return self.process.returncode

    def leftovers(self) -> list[str]:
        return [str(process) for process in self.processes()] + [str(path) for path in self.folder.glob("gd-*")]


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short name: sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="dt-", dir="/tmp", ignore_cleanup_errors=True) as name:
        yield Path(name)


def path_with(pm2: bool, folder: Path) -> str:
    """A PATH on which `pm2` is, or is not."""
    clean = [part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "pm2").exists()]
    if pm2:
        wrapper = folder / "bin" / "pm2"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec "{node_program()}" "{require_pm2()}/bin/pm2" "$@"\n')
        wrapper.chmod(0o755)
        clean.insert(0, str(wrapper.parent))
    return os.pathsep.join(clean)


@pytest.mark.parametrize("pm2", [False, pytest.param(True, marks=pytest.mark.long)], ids=["stand-in", "PM2"])
def test_a_throwaway_process_is_killed_healed_and_verified_and_nothing_is_left(short: Path, pm2: bool) -> None:
    with Drill(short, ["crash", "--json"], {"PATH": path_with(pm2, short)}) as drill:
        assert drill.end() == 0, drill.err
        found = json.loads(drill.out)
        assert ("in a home of its own" if pm2 else "stand-in") in found["supervisor"]
        assert found["restarted_by"] == "guardian"
        assert 0 < found["detect_seconds"] <= found["heal_seconds"] <= 60
        assert found["heal_seconds"] + 10 <= found["verify_seconds"]
        assert [step["kind"] for step in found["story"]][-2:] == ["verified", "resolved"]
        assert drill.leftovers() == []
        assert list(short.glob("guardian-drill-*.log")) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("pm2", "moment", "number"),
    [
        (True, "kill -9", signal.SIGINT),
        (True, "under PM2", signal.SIGKILL),
        (False, "starting", signal.SIGINT),
        (False, "kill -9", signal.SIGTERM),
        (False, "under", signal.SIGKILL),
    ],
)
def test_ended_midway_it_leaves_nothing(short: Path, pm2: bool, moment: str, number: signal.Signals) -> None:
    with Drill(short, ["crash"], {"PATH": path_with(pm2, short)}) as drill:
        drill.wait_until_said(moment)
        drill.process.send_signal(number)
        code = drill.end()
        assert code == (130 if number == signal.SIGINT else -number)
        wait_for("nothing is left", lambda: not drill.leftovers(), 40)
        assert "Traceback" not in drill.err


@pytest.mark.long
def test_an_interrupt_in_the_midst_of_forking_is_not_swallowed(short: Path) -> None:
    hook = "os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))"
    environ = sabotaged(short, f"import os, signal\nif 'drill' in sys.orig_argv: {hook}\n")
    with Drill(short, ["crash"], environ) as drill:
        assert drill.end() == 130
        wait_for("nothing is left", lambda: not drill.leftovers(), 40)


def test_a_guardian_that_does_not_come_up_is_said_with_its_own_words(short: Path) -> None:
    environ = sabotaged(short, "if 'up' in sys.orig_argv: sys.exit('the cellar is flooded')\n")
    with Drill(short, ["crash"], environ) as drill:
        assert drill.end() == 2
        assert "the cellar is flooded" in drill.err
        assert drill.leftovers() == []


def sabotaged(folder: Path, code: str) -> Mapping[str, str]:
    """An environment in which every Python begins with this."""
    (folder / "sitecustomize.py").write_text("import sys\n" + code)
    before = os.environ.get("PYTHONPATH", "")
    return {"PATH": path_with(False, folder), "PYTHONPATH": os.pathsep.join(filter(None, (str(folder), before)))}


@dataclass(frozen=True)
class Running:
    """A Guardian with quick patrols, and apps under the stand-in."""

    folder: Path
    supervisor: Pm2

    def process(self, app: str) -> SupervisedProcess:
        found = self.supervisor.find(app)
        assert found is not None
        return found

    def drill(self, *arguments: str, config: str | None = None) -> Drill:
        file = self.folder / "guardian.toml"
        if config is not None:
            file = self.folder / "other.toml"
            file.write_text(config)
        where = ["--config", str(file), "--state", str(self.folder / "state")]
        return Drill(self.folder, ["crash", *arguments, *where])

    @property
    def config(self) -> str:
        return (self.folder / "guardian.toml").read_text()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dt-", dir="/tmp")))
        home = folder / "pm2"
        home.mkdir()
        spec = folder / "spec.json"
        spec.write_text(json.dumps({"apps": [
            {"name": "agent", "command": ["sleep", "1000"], "autorestart": False},
            {"name": "asked", "command": ["sleep", "1000"], "autorestart": False},
            {"name": "phoenix", "command": ["sleep", "1000"]},
            {"name": "broken", "command": ["/bin/sh", "-c", ONCE_ONLY, str(folder / "broken")], "autorestart": False},
        ]}))  # fmt: skip
        standin = stack.enter_context(
            subprocess.Popen([sys.executable, "-m", "guardian.drill.standin", home, spec], stdin=subprocess.PIPE)
        )
        stack.callback(standin.terminate)
        config = f'[supervisors.pm2]\nhomes = ["{home}"]\n[supervisors.supervisord]\nenabled = false\n{QUICK}'
        supervisor = open_pm2(Params(homes=(str(home),), timeout=timedelta(seconds=10)))
        up = stack.enter_context(guardian(folder, "up", config=config))
        up.wait_until_up()
        wait_for("Guardian has looked", lambda: _looked(folder))
        yield Running(folder, supervisor)
        assert up.end() == 0


@pytest.mark.long
def _looked(folder: Path) -> bool:
    command = [sys.executable, "-m", "guardian", "status", "--json", "--config", "guardian.toml", "--state", "state"]
    status = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return status.returncode == 0 and json.loads(status.stdout)["status"] == "ok"


@pytest.mark.long
def test_an_app_of_the_running_guardian_is_killed_healed_and_verified(running: Running) -> None:
    before = running.process("agent").pid
    with running.drill("--app", "agent", "--yes", "--json") as drill:
        assert drill.end() == 0, drill.err
        found = json.loads(drill.out)
        assert found["pid"] == before
        assert running.process("agent").pid not in (None, before)
        assert found["restarted_by"] == "guardian"
        assert found["detect_seconds"] <= found["heal_seconds"] < found["verify_seconds"]


@pytest.mark.long
def test_what_the_supervisor_restarts_by_itself_is_said_to_be_so(running: Running) -> None:
    with running.drill("--app", "phoenix", "--yes") as drill:
        assert drill.end() == 0, drill.err
        assert re.search(r"pm2 restarted it by itself after \d+\.\d", drill.out)
        assert "nothing for Guardian to do" in drill.out


@pytest.mark.long
def test_an_app_that_does_not_come_back_is_exit_code_1_with_the_story_so_far(running: Running) -> None:
    with running.drill("--app", "broken", "--yes") as drill:
        assert drill.end() == 1, drill.err
        assert "not verified: stopped, exit code 1" in drill.err
        assert "because: still failing after the heal" in drill.out
    with running.drill("--app", "broken", "--yes") as again:
        assert again.end() == 2
        assert "broken has an open incident" in again.err


@pytest.mark.long
def test_it_asks_first_and_no_is_no(running: Running) -> None:
    before = running.process("asked").pid
    with running.drill("--app", "asked") as drill:
        assert drill.end("n\n") == 130
        assert f"kill -9 asked (process {before}, under pm2)? [y/N]" in drill.err
        assert running.process("asked").pid == before


@pytest.mark.long
def test_what_was_restarted_while_a_person_thought_is_not_killed(running: Running) -> None:
    with running.drill("--app", "asked") as drill:
        drill.wait_until_said("[y/N]")
        running.supervisor.restart("asked")
        after = running.process("asked").pid
        assert drill.end("y\n") == 2
        assert "nothing was killed" in drill.err
        assert running.process("asked").pid == after


@pytest.mark.long
@pytest.mark.parametrize(
    ("app", "more", "reason"),
    [
        ("nobody", "", "does not see nobody as healthy: it does not watch it"),
        ("agent", 'mode = "observe"\n', "observe mode"),
        ("agent", 'node = "elsewhere"\n', "runs with another configuration"),
    ],
)
def test_it_is_refused_where_it_would_prove_nothing(running: Running, app: str, more: str, reason: str) -> None:
    before = running.process("agent").pid
    with running.drill("--app", app, "--yes", config=more + running.config) as drill:
        assert drill.end() == 2
        assert reason in drill.err
        assert running.process("agent").pid == before


@pytest.mark.long
def test_without_a_running_guardian_there_is_none_to_drill(short: Path) -> None:
    with Drill(short, ["crash", "--app", "agent", "--yes"]) as drill:
        assert drill.end() == 3
        assert f"no Guardian runs in {short}/.guardian" in drill.err
        assert not (short / ".guardian").exists()


@pytest.mark.long
def test_a_dead_guardians_address_is_not_taken_for_a_running_one(short: Path) -> None:
    state = short / ".guardian"
    state.mkdir()
    gone = {"url": f"unix://{state}/redis.sock?db=0", "prefix": "guardian:", "flags": "", "node": host_name()}
    (state / "client.json").write_text(json.dumps(gone))
    with Drill(short, ["crash", "--app", "agent", "--yes"]) as drill:
        assert drill.end() == 3
        assert "no Guardian runs here" in drill.err


def test_what_belongs_to_app_is_refused_without_it(short: Path) -> None:
    for given in (["--yes"], ["--state", "x"], ["--config", "x"]):
        with Drill(short, ["crash", *given]) as drill:
            assert drill.end() == 2
            assert "go with --app" in drill.err


@pytest.mark.long
@pytest.mark.parametrize("scene", modules("guardian.drill.scenes"))
def test_every_scene_is_seen_and_dealt_with_and_nothing_is_left(short: Path, scene: str) -> None:
    with Drill(short, [scene, "--json"]) as drill:
        assert drill.end() == 0, drill.err + drill.out
        found = json.loads(drill.out)
        assert found["ok"]
        assert found["incidents"]
        assert 0 <= found["detect_seconds"] <= found["over_seconds"]
        assert drill.leftovers() == []


@pytest.mark.long
def test_a_scene_that_is_not_mended_is_exit_code_1_with_what_was_seen(short: Path) -> None:
    wrong = "guardian.drill.scenes.logs"
    code = f"import {wrong} as scene; from datetime import timedelta; from dataclasses import replace\n"
    code += "scene.SCENE = replace(scene.SCENE, limit=timedelta(seconds=1))\n"
    code += "from guardian.cli.main import main; main()\n"
    drill = Drill(short, ["logs", "--json"], program=["-c", code])
    with drill:
        assert drill.end() == 1, drill.err
        assert json.loads(drill.out)["ok"] is False
        assert drill.leftovers() == []
