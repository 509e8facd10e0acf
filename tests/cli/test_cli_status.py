import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.engine.overview import ALIVE
from guardian.model import Action, Reason, Status
from tests.cli.running import Program
from tests.store.world import NODE, World


def alive(world: World) -> None:
    world.store.signs.beat_ticked(world.now)
    world.store.signs.node_seen(NODE, "check")


def look(world: World, status: Status) -> None:
    world.look(world.seen(status), status=status, message=f"writer is {status}")


@pytest.mark.parametrize(
    ("status", "code"), [(Status.OK, 0), (Status.FAIL, 1), (Status.UNKNOWN, 3), (Status.SKIPPED, 0)]
)
def test_the_exit_code_says_how_it_stands(guardian: Program, world: World, status: Status, code: int) -> None:
    alive(world)
    look(world, status)
    ran = guardian("status")
    assert ran.code == code
    assert ran.out.startswith(f"Guardian is {status}")
    assert f"writer is {status}" in ran.out


@pytest.mark.parametrize(("length", "code"), [(ALIVE / 2, 0), (ALIVE + timedelta(seconds=1), 3)])
def test_a_beat_that_is_away_makes_the_last_good_look_worthless(
    guardian: Program, world: World, length: timedelta, code: int
) -> None:
    look(world, Status.OK)
    world.store.signs.beat_ticked(world.now - length)
    ran = guardian("status")
    assert ran.code == code
    assert ("beat is away" in ran.out) == (code == 3)


def test_a_beat_that_never_was_is_said(guardian: Program, world: World) -> None:
    look(world, Status.OK)
    ran = guardian("status")
    assert ran.code == 3
    assert "beat is away (never seen)" in ran.out


def test_a_look_that_is_too_old_is_unknown_by_name(guardian: Program, world: World) -> None:
    alive(world)
    world.now -= timedelta(minutes=2)
    look(world, Status.OK)
    ran = guardian("status")
    assert ran.code == 3
    assert "no look in time by process_health" in ran.out.splitlines()[0]


def test_the_canaries_and_the_watch_are_shown(guardian: Program, world: World) -> None:
    alive(world)
    look(world, Status.OK)
    world.store.signs.canary_seen("check.node-1")
    world.store.signs.watch_seen(NODE, [])
    ran = guardian("status")
    assert ran.code == 0
    assert re.search(r"canaries: check\.node-1 \ds ago", ran.out)
    assert re.search(r"watch: node-1 \ds ago", ran.out)
    held = json.loads(guardian("status", "--json").out)
    assert [(each["queue"], each["stale"]) for each in held["canaries"]] == [("check.node-1", False)]
    assert [(each["node"], each["alive"]) for each in held["watches"]] == [(NODE, True)]
    assert held["blind"] == []


def test_what_the_watch_says_makes_it_unknown(guardian: Program, world: World) -> None:
    alive(world)
    look(world, Status.OK)
    world.store.signs.watch_seen(NODE, ["a worker lives but works on nothing (queue tell): 9 messages wait in it"])
    ran = guardian("status")
    assert ran.code == 3
    assert "blind: a worker lives but works on nothing (queue tell)" in ran.out.splitlines()[0]


@pytest.mark.parametrize(("seconds", "code"), [(30, 0), (61, 3)])
def test_a_canary_that_is_too_old_makes_it_unknown_without_a_watch_too(
    guardian: Program, world: World, seconds: float, code: int
) -> None:
    alive(world)
    look(world, Status.OK)
    old = int((world.now - timedelta(seconds=seconds)).timestamp() * 1000)
    world.client.set(world.keys.canary("check.node-1"), old)
    ran = guardian("status")
    assert ran.code == code
    assert ("no canary came through queue check.node-1" in ran.out) == (code == 3)


def test_an_open_incident_is_shown_with_its_reason_and_what_is_next(guardian: Program, world: World) -> None:
    alive(world)
    world.decide(world.fails(), Action.ALERT, Reason.OBSERVING)
    ran = guardian("status")
    assert "1 open incident\n" in ran.out
    row = next(line for line in ran.out.splitlines() if "process_health@node-1" in line)
    assert Reason.OBSERVING in row
    assert "alert (due now)" in row


def test_what_a_silence_holds_back_is_said(guardian: Program, world: World) -> None:
    world.alerting()
    guardian("silence", "add", "wri*", "--for", "1h", "--by", "anna")
    ran = guardian("status")
    assert "alert, silenced by anna (in 59m" in ran.out
    assert "silences: 1" in ran.out


def test_a_running_guardian_with_nothing_to_look_at_is_no_failure_and_no_good_news(
    guardian: Program, world: World, folder: Path
) -> None:
    alive(world)
    text = (folder / "guardian.toml").read_text().replace("enabled = true", "enabled = false")
    (folder / "guardian.toml").write_text(text)
    ran = guardian("status")
    assert ran.code == 0
    assert ran.out.startswith("Guardian is skipped: there is nothing to look at")
    (off,) = [line for line in ran.out.splitlines() if line.startswith("off: ")]
    assert "process_health" in off.removeprefix("off: ").split(", ")


def test_as_json_it_is_the_health_summary_with_what_is_next(guardian: Program, world: World) -> None:
    alive(world)
    id_ = world.planned()
    ran = guardian("status", "--json")
    assert ran.code == 1
    held = json.loads(ran.out)
    assert held["status"] == "fail"
    assert held["beat"]["alive"] is True
    assert [worker["role"] for worker in held["workers"]] == ["check"]
    [incident] = held["open_incidents"]
    assert (incident["id"], incident["target"], incident["reason"]) == (id_, "writer", "failing")
    assert incident["next"][0]["what"].startswith("heal, attempt 1")
    assert incident["next"][0]["at"].endswith("+00:00")
