"""Arming and disarming a Guardian that runs for real."""

import os
from pathlib import Path

import pytest

from guardian.model import Mode, Reason
from guardian.services import load_config, open_store
from guardian.setup.arming import switch
from tests.real_pm2 import RealPm2, running_pm2
from tests.runtime.running import guardian, wait_for

_CONFIG = """\
mode = "observe"
[checks.process_health]
interval = "1s"
min_uptime = "1s"
[heal]
verify_after = "1s"
[supervisors.pm2]
homes = ["{home}"]
"""


def crash(pm2: RealPm2, name: str) -> None:
    pm2.start(name, "sleep 1; exit 3", autorestart=False)
    pm2.wait_status(name, "stopped")


def an_older_file_that_heals(file: Path) -> None:
    """As on another node, where nobody touched it: the command counts there too."""
    file.write_text(file.read_text().replace('mode = "observe"', 'mode = "heal"'))
    os.utime(file, (0, 0))


@pytest.mark.long
def test_it_heals_when_armed_and_only_observes_when_disarmed_also_after_a_restart(tmp_path: Path) -> None:
    with running_pm2() as pm2, guardian(tmp_path, "up", config=_CONFIG.format(home=pm2.home)) as run:
        run.wait_until_up()
        file = tmp_path / "guardian.toml"
        store = open_store(load_config(file), f"unix://{run.state}/redis.sock?db=0", None)

        def reason(name: str) -> Reason | None:
            return next((each.reason for each in store.open_incidents() if each.key.target == name), None)

        def healed(name: str) -> bool:
            """PM2's own counter does not count the restart of a stopped process: each start is a new one."""
            return bool(pm2.entry(name)["pm2_env"]["pm_uptime"] != starts[name])

        starts: dict[str, int] = {}
        crash(pm2, "one")
        starts["one"] = pm2.entry("one")["pm2_env"]["pm_uptime"]
        wait_for("it is observed", lambda: reason("one") is Reason.OBSERVING)
        assert not healed("one")
        assert switch(Mode.HEAL, file, run.state, "ann", "").told
        wait_for("it is healed once armed", lambda: healed("one"))
        assert switch(Mode.OBSERVE, file, run.state, "ann", "").told
        crash(pm2, "two")
        starts["two"] = pm2.entry("two")["pm2_env"]["pm_uptime"]
        wait_for("it is observed", lambda: reason("two") is Reason.OBSERVING)
        assert not healed("two")
        assert run.end() == 0
        an_older_file_that_heals(file)
        with guardian(tmp_path, "up") as again:
            again.wait_until_up()
            crash(pm2, "three")
            starts["three"] = pm2.entry("three")["pm2_env"]["pm_uptime"]
            wait_for("it is observed after a restart", lambda: reason("three") is Reason.OBSERVING)
            assert not any(map(healed, ("two", "three")))
        store.close()
