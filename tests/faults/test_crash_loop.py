"""The crash loop with an ordinary start-up time, for real: PM2 itself restarts it for ever and calls it online. (15 s
and 45 s, and hours of it: tests/engine, with another clock.)"""

import json

import pytest

from guardian.model import Incident, Reason
from tests.faults.teststand import Bench, Settings, bench
from tests.runtime.running import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

APP = "loop"
BUDGET = 5
SETTINGS: Settings = {"heal": {"cooldown": "1s", "lease": "4s", "verify_after": "2s", "budget": BUDGET}}
BREAKS: Settings = {"heal": {**SETTINGS["heal"], "break_circuit": True}}

lives = pytest.mark.parametrize("seconds", [1.2, 5])


def start(made: Bench, seconds: float, *, autorestart: bool) -> None:
    error = "UnicodeEncodeError: 'charmap' codec can't encode character '\\u2713' in position 0"
    made.pm2.start(APP, f'sleep {seconds}; echo "{error}" >&2; exit 1', autorestart=autorestart)


def starts(made: Bench) -> int:
    return made.pm2.log.read_text(errors="replace").count(f"App [{APP}:1] starting in")


def cures(made: Bench) -> int:
    """All starts but the first, without those that PM2 counts as its own."""
    return starts(made) - 1 - int(made.pm2.entry(APP)["pm2_env"]["restart_time"])


def escalated_once(made: Bench) -> Incident:
    """Told once and written once, with the log and the likely cause."""
    (incident,) = [each for each in made.of(APP) if each.escalated_at]
    assert made.receiver.steps(APP).count("alert") == 1
    (file,) = made.requests.glob("*.task")
    task = json.loads(file.read_text())
    assert task["incident"] == incident.id
    assert any("UnicodeEncodeError" in line for line in task["evidence"]["log_tail"])
    assert task["evidence"]["signature"] == "encoding_error"
    assert "errors" in task["fix_hint"]
    return incident


@lives
def test_restarted_by_pm2_for_ever_it_is_not_restarted_by_guardian_as_well(seconds: float) -> None:
    with bench(1, SETTINGS) as made:
        start(made, seconds, autorestart=True)
        incident = made.wait_escalated(APP, 90)
        assert incident.reason is Reason.BUDGET_USED
        before = starts(made)
        wait_for("it goes on for a while", lambda: starts(made) >= before + 3, 60)
        assert cures(made) == 0
        assert escalated_once(made).id == incident.id
        made.end()


@lives
def test_with_break_circuit_it_is_stopped_and_stays_so(seconds: float) -> None:
    with bench(1, BREAKS) as made:
        start(made, seconds, autorestart=True)
        made.wait_escalated(APP, 90)
        assert escalated_once(made).circuit_broken
        made.pm2.wait_status(APP, "stopped")
        before, looks = starts(made), made.store.last_look("process_health", "n1").version
        wait_for("ten more looks", lambda: made.store.last_look("process_health", "n1").version >= looks + 10, 60)
        assert starts(made) == before
        assert escalated_once(made).circuit_broken
        made.end()


@lives
def test_restarted_by_guardian_alone_it_uses_up_the_budget(seconds: float) -> None:
    with bench(1, SETTINGS) as made:
        start(made, seconds, autorestart=False)
        made.wait_escalated(APP, 120)
        wait_for("the budget is used up", lambda: cures(made) >= BUDGET, 90)
        looks = made.store.last_look("process_health", "n1").version
        wait_for("twenty more looks", lambda: made.store.last_look("process_health", "n1").version >= looks + 20, 60)
        assert cures(made) == BUDGET
        escalated_once(made)
        made.end()
