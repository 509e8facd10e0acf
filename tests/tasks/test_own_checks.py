"""The operator's own checks in a real Guardian: good ones work and heal, bad ones are unknown, nothing else minds."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from guardian import services
from guardian.model import Incident
from guardian.runtime.statedir import client
from guardian.store.store import Store
from tests.engine.test_plugins import write
from tests.runtime.running import Guardian, guardian, wait_for

EXAMPLE = Path(__file__).parents[2] / "examples" / "own-checks"
DEAD_PID = 2**22 + 1
NODE = "n1"

HEAD = f"""
node = "{NODE}"
plugins = ["checks"]
[heal]
verify_after = "1s"
[worker]
sweep_every = "1s"
own_processes = 2
[checks.process_health]
interval = "1s"
"""
COMMANDS = {
    "well": "echo all well",
    "crashes": "kill -11 $$",
    "rubbish": "head -c 20000000 /dev/urandom; exit 9",
    "hangs": "trap '' TERM; sleep 600 & sleep 600; sleep 600",
}
PLUGINS = {
    "good": "",
    "raises": "def probe(*_): raise ValueError('odd')",
    "ends": "def probe(*_): sys.exit(1)",
    "kills": "def probe(*_): os.kill(0, 9)",
    "stuck": "limit = timedelta(seconds=1)\ndef probe(*_):\n    while True: pass",
    "prints": "def probe(*_): print('rubbish' * 1000000); return 1",
    "odd": "def judge(*_): return {'ok': True}",
    "broken": "import nothing_of_this_name",
}
EXPECTED = {
    "command.well": "ok",
    "command.crashes": "unknown",
    "command.rubbish": "unknown",
    "command.hangs": "unknown",
    "command.missing": "unknown",
    "good": "ok",
    "raises": "unknown",
    "ends": "unknown",
    "kills": "unknown",
    "stuck": "unknown",
    "prints": "ok",
    "odd": "unknown",
    "broken": "unknown",
    "process_health": "skipped",
}


def section(name: str, run: list[str], *more: str) -> str:
    return "\n".join([f"[checks.command.{name}]", f"run = {run}", 'interval = "2s"', *more, ""])


def commands(lines: Mapping[str, str]) -> str:
    return "".join(section(name, ["/bin/sh", "-c", line], 'timeout = "1s"') for name, line in lines.items())


@contextmanager
def running(folder: Path, config: str) -> Iterator[tuple[Guardian, Store]]:
    with guardian(folder, "up", config=config) as run:
        run.wait_until_up()
        at = client(run.state)
        assert at is not None
        store = services.open_store(services.load_config(folder / "guardian.toml"), at.url, None)
        try:
            yield run, store
        except AssertionError:
            print(run.output[-20_000:])
            raise
        finally:
            store.close()
        assert run.end() == 0, run.output
        wait_for("nothing of it is left", lambda: not run.all_processes())
        assert "WorkerLostError" not in run.output
        assert "starting it again" not in run.output


def seen(store: Store, names: Mapping[str, str]) -> dict[str, str]:
    return {each.check: str(each.status) for each in store.checks((name, NODE) for name in names)}


def healed(store: Store, check: str) -> Incident | None:
    found = [each for each in store.closed_incidents(100) if each.key.check == check]
    return found[0] if found and found[0].healed_at else None


def test_bad_ones_are_unknown_and_the_good_ones_work_and_heal(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    write(tmp_path / "checks", PLUGINS)
    (tmp_path / "inbox").mkdir()
    lock = tmp_path / "run.lock"
    lock.write_text(str(os.getpid()))
    config = HEAD + commands(COMMANDS) + section("missing", ["./no-such-program"])
    config += section("inbox", ["./backlog.sh", "inbox", "3"], 'heal = ["./drain.sh", "inbox", "done"]')
    config += f'[checks.stale_lock]\ninterval = "2s"\nfiles = ["{lock}"]\n'
    config += "".join(f'[checks.{name}]\ninterval = "2s"\n' for name in PLUGINS)
    with running(tmp_path, config) as (_, store):
        wait_for("every check has its answer", lambda: seen(store, EXPECTED) == EXPECTED, 90)
        lock.write_text(str(DEAD_PID))
        for number in range(4):
            (tmp_path / "inbox" / f"{number}.job").touch()
        incident = wait_for("the command's cure", lambda: healed(store, "command.inbox"), 90)
        assert incident.key.target == "inbox"
        assert any("ran ./drain.sh: moved on to done" in step.text for step in store.story(incident.id))
        assert len(list((tmp_path / "done").iterdir())) == 4
        incident = wait_for("the plug-in's repair", lambda: healed(store, "stale_lock"), 90)
        assert any("removed the lock" in step.text for step in store.story(incident.id))
        assert not lock.exists()


def test_while_own_checks_hang_the_others_look_on(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    hangs = [section(name, ["/bin/sh", "-c", f"touch {name}; sleep 600"], 'timeout = "30s"') for name in ("a", "b")]
    with running(tmp_path, HEAD + "".join(hangs)) as (_, store):
        wait_for("both own processes are taken", lambda: all((tmp_path / name).exists() for name in ("a", "b")), 60)
        looks = set()

        def looked() -> bool:
            looks.add(store.last_look("process_health", NODE).version)
            return len(looks) > 4

        wait_for("process_health looks on", looked, 25)  # less than the time for which the others hang
