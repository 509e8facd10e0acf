"""The listener hastens and nothing else: without it, hung or killed, only the times are others."""

import signal
import time

import pytest

from tests.faults import invariants
from tests.faults.teststand import NODE, Bench, bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

PARTS = ("check", "act", "beat", "listener")
RARELY = {"checks.process_health": {"interval": "600s", "min_uptime": "1s"}}
"""Longer than the test: what is seen was heard."""


def test_what_ends_is_looked_at_long_before_the_next_patrol() -> None:
    with bench(3, RARELY, *PARTS) as made:
        looked = looks(made)
        time.sleep(1)  # a listener that hears nothing sends nothing
        assert looks(made) == looked
        for app in made.apps[:2]:
            at = time.time()
            made.crash(app)
            wait_for(f"{app} runs again", lambda app=app: len(made.starts(app)) == 2, 60)
            incident = made.last(app)
            assert incident is not None
            assert 0 <= incident.opened_at.timestamp() - at < 60
        made.end()


def test_what_pm2_restarts_by_itself_is_no_incident_however_soon_it_is_looked_at() -> None:
    with bench(1, None, *PARTS) as made:
        made.pm2.start_all({"own": "exec sleep 1000"}, autorestart=True)
        for round_ in range(1, 5):  # a few more would rightly be a crash loop
            pid = made.pm2.entry("own")["pid"]
            made.pm2.kill_app("own")
            wait_for("PM2 restarted it", lambda pid=pid: made.runs("own") and made.pm2.entry("own")["pid"] != pid)
            wait_for("Guardian looked", lambda round_=round_: looked_since(made, round_), 60)
        assert made.of("own") == []
        made.end()


@pytest.mark.parametrize("what", [signal.SIGKILL, signal.SIGSTOP])
def test_killed_or_hung_the_crash_is_healed_all_the_same(what: signal.Signals) -> None:
    with bench(1, None, *PARTS) as made:
        (app,) = made.apps
        listener = made.part("listener")
        assert listener is not None
        listener.send_signal(what)
        made.crash(app)
        made.wait_healed(app, 0)
        made.wait_calm()
        assert len(made.starts(app)) == 2
        invariants.check(made)
        if what is signal.SIGSTOP:
            listener.resume()
        wait_for("it listens again", lambda: made.part("listener"), 60)
        made.end()


def looks(made: Bench) -> int:
    return made.store.last_look("process_health", NODE).version


def looked_since(made: Bench, restarts: int) -> bool:
    """The last look saw PM2's newest restart."""
    held = made.store.last_look("process_health", NODE).memory.get("targets", {}).get("own")
    return held is not None and held["restarts"] >= restarts
