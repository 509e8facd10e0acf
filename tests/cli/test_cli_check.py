import json
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from guardian import services
from tests.cli.running import Program
from tests.real_pm2 import RealPm2
from tests.store.world import CHECK, NODE, World


@pytest.fixture
def pm2(world: World, folder: Path, pm2_home: RealPm2) -> RealPm2:
    """The one that the configuration names."""
    with (folder / "guardian.toml").open("a") as file:
        file.write(f'[supervisors.pm2]\nhomes = ["{pm2_home.home}"]\ntimeout = "5s"\n')
    return pm2_home


def stored(world: World) -> Mapping[str, object]:
    """Everything in the store."""
    return {key: world.client.dump(key) for key in world.client.scan_iter()}


def test_the_list_has_every_check_and_whether_it_is_on(guardian: Program, world: World) -> None:
    held = json.loads(guardian("check", "list", "--json").out)["checks"]
    assert [each["check"] for each in held] == [
        name for name, check in services.checks().items() if check.member is None
    ]
    own = next(each for each in held if each["check"] == CHECK)
    assert (own["enabled"], own["interval_seconds"], own["mode"], own["remedy"]) == (
        True,
        10,
        "heal",
        "restart_process",
    )


def test_the_list_needs_no_running_guardian(guardian: Program, folder: Path) -> None:
    ran = guardian("check", "list")
    assert ran.code == 0
    assert ["process_health", "off"] in [line.split()[:2] for line in ran.out.splitlines()]


@pytest.mark.parametrize(("name", "hint"), [("proces_health", "Did you mean 'process_health'?"), ("zzz", "check list")])
def test_a_check_that_does_not_exist_is_a_usage_error_whatever_runs(
    guardian: Program, folder: Path, name: str, hint: str
) -> None:
    ran = guardian("check", "run", name)
    assert (ran.code, ran.out) == (2, "")
    assert hint in ran.err


def test_nothing_to_look_at_is_no_failure(guardian: Program, world: World, folder: Path) -> None:
    with (folder / "guardian.toml").open("a") as file:
        file.write(f'[supervisors.pm2]\nhomes = ["{folder / "none"}"]\n')
    ran = guardian("check", "run", CHECK)
    assert ran.code == 0
    assert "skipped" in ran.out


def test_it_says_every_verdict_and_changes_nothing(guardian: Program, world: World, pm2: RealPm2) -> None:
    pm2.start("writer")
    assert guardian("check", "run", CHECK).code == 0
    pm2.start("broken", "exit 3", autorestart=False)
    pm2.wait_status("broken", "stopped")
    before = stored(world)
    ran = guardian("check", "run", CHECK, "--json")
    assert ran.code == 1
    held = json.loads(ran.out)
    assert (held["check"], held["node"], held["ok"]) == (CHECK, NODE, False)
    assert [(each["target"], each["status"]) for each in held["verdicts"]] == [("broken", "fail"), ("writer", "ok")]
    text = guardian("check", "run", CHECK).out
    assert "broken" in text
    assert "writer" in text
    assert stored(world) == before
    assert pm2.status("broken") == "stopped"


def test_what_could_not_be_looked_at_is_unknown(guardian: Program, pm2: RealPm2) -> None:
    pm2.start("writer")
    pm2.signal_daemon(signal.SIGSTOP)
    try:
        ran = guardian("check", "run", CHECK)
    finally:
        pm2.signal_daemon(signal.SIGCONT)
    assert ran.code == 3
    assert "could not look" in ran.out


def test_one_that_is_off_can_be_run_and_it_is_said(guardian: Program, pm2: RealPm2, folder: Path) -> None:
    text = (folder / "guardian.toml").read_text().replace("enabled = true", "enabled = false")
    (folder / "guardian.toml").write_text(text)
    pm2.start("writer")
    ran = guardian("check", "run", CHECK)
    assert ran.code == 0
    assert "(it is off)" in ran.out
