"""Checks that break, and how everything stands as the summary shows it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from guardian.checks.base import Check, Judgement
from guardian.engine.overview import ALIVE, as_json, write_summary
from guardian.engine.patrol import rehearse
from guardian.errors import SourceAbsent
from guardian.model import Status, Verdict
from tests.engine import world
from tests.engine.drive import CHECK, NODE, Drive
from tests.engine.world import check

MINUTE = timedelta(minutes=1)


def raises(error: Exception) -> Callable[..., Any]:
    def broken(*_: Any) -> Any:
        raise error

    return broken


def gives(judgement: Any) -> Check:
    return check(judge=lambda *_: judgement, remedy=None)


def fails(target: str = "x", **changes: Any) -> Verdict:
    return Verdict(**{"target": target, "status": Status.FAIL, "message": "bad"} | changes)


BROKEN = {
    "the probe raises": check(probe=raises(ZeroDivisionError("no"))),
    "the judge raises": check(judge=raises(KeyError("no"))),
    "the probe hangs until the time limit": check(probe=raises(SoftTimeLimitExceeded())),
    "no judgement": gives(None),
    "verdicts that are none": gives(Judgement(["ok"])),  # type: ignore[list-item]
    "a status that is none": gives(Judgement([fails(status="fine")])),
    "a severity that is none": gives(Judgement([fails(severity="bad")])),
    "a message that is no text": gives(Judgement([fails(message=b"bytes")])),
    "two verdicts for one target": gives(Judgement([fails(), fails(status=Status.OK)])),
    "memory that is no JSON": gives(Judgement([fails()], {"at": datetime.now(UTC)})),
    "memory that holds NaN": gives(Judgement([fails()], {"rate": float("nan")})),
    "memory over a megabyte": gives(Judgement([fails()], {"seen": "x" * 1_000_000})),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_check_is_unknown_and_the_others_go_on(drive: Drive, broken: Check) -> None:
    drive.configure(checks={"broken": broken, CHECK: check()})
    drive.world.start("writer")
    drive.world.crash("writer")
    done = drive.patrol("broken")
    assert not done.ok
    assert "the check itself failed" in done.message
    assert len(done.message) <= 200
    drive.until(30)
    assert drive.world.online("writer")
    assert drive.world.times("writer") == [10]
    assert [(each.key.check, each.status) for each in drive.open] == [("broken", Status.UNKNOWN)]


def test_a_check_that_works_again_resolves_its_own_unknown(drive: Drive) -> None:
    drive.configure(checks={CHECK: BROKEN["the judge raises"]})
    drive.world.start("writer")
    drive.until(60)
    assert [each.status for each in drive.open] == [Status.UNKNOWN]
    drive.configure()
    drive.until(70)
    assert drive.open == []


def test_memory_of_just_a_megabyte_is_kept(drive: Drive) -> None:
    memory = {"seen": "x" * (1_000_000 - len('{"seen": ""}'))}
    drive.configure(checks={CHECK: gives(Judgement([fails()], memory))})
    assert "1 fail" in drive.patrol().message
    assert drive.store.last_look(CHECK, NODE).memory == memory


def test_memory_survives_a_look_that_could_not_be_made(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(20)
    drive.world.blind = "no answer"
    drive.until(40)
    drive.world.blind = None
    drive.until(50)
    assert drive.store.last_look(CHECK, NODE).memory == {"looks": 3}


def test_a_status_given_as_plain_text_counts_as_what_it_says(drive: Drive) -> None:
    drive.configure(checks={CHECK: gives(Judgement([fails(status="fail")]))})
    assert not drive.patrol().ok
    assert len(drive.open) == 1


@pytest.mark.parametrize("name", ["\ud800", "a\udcffb"])
def test_a_name_that_is_no_text_costs_only_its_own_target(drive: Drive, name: str) -> None:
    drive.world.start(name, "writer")
    drive.world.crash(name, "writer")
    drive.until(30)
    assert drive.world.times("writer") == [10]
    assert drive.world.times(name) == []
    assert [each.status for each in drive.open] == [Status.UNKNOWN]


@pytest.mark.parametrize("name", ["a|b", "x y", "ö\u2028", "\0", "a" * 5000, "../../etc", "%s", '"', "*", "[", "-- K"])
def test_strange_names_are_names(drive: Drive, name: str) -> None:
    drive.world.start(name)
    drive.world.dies_at_once(name)
    drive.until(20)
    assert drive.world.times(name) == [10]
    assert len(drive.tasks()) == 1
    assert drive.only().key.target == name


def test_evidence_that_is_no_json_does_not_stop_the_heal(drive: Drive) -> None:
    def judge(*given: Any) -> Judgement:
        sound = world.judge(*given)
        odd: Any = {"rate": float("nan"), "at": object(), "list": [float("inf")]}
        return Judgement([Verdict(each.target, each.status, each.message, facts=odd) for each in sound.verdicts])

    drive.configure(checks={CHECK: check(judge=judge)})
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(20)
    assert drive.world.online("writer")


def test_evidence_that_cannot_be_taken_does_not_stop_the_heal(drive: Drive) -> None:
    drive.configure(checks={CHECK: check(evidence=raises(ZeroDivisionError()))})
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(20)
    assert drive.world.online("writer")
    assert any("could not be taken whole" in step.text for step in drive.store.story(drive.only().id))


def test_nothing_to_look_at_is_skipped_and_ok_with_its_reason(drive: Drive) -> None:
    drive.configure(checks={CHECK: check(probe=raises(SourceAbsent("no daemon was ever here")))})
    done = drive.patrol()
    assert done.ok
    assert done.message == "skipped: no daemon was ever here"


def test_a_check_that_is_not_configured_is_skipped_and_ok(drive: Drive) -> None:
    drive.configure(f"[checks.{CHECK}]\nenabled = false")
    drive.world.start("writer")
    drive.world.crash("writer")
    assert drive.patrol().message == "skipped: not configured"
    assert drive.every == []


def test_the_message_names_the_counts_and_the_worst(drive: Drive) -> None:
    drive.world.start("a", "b", "c")
    drive.world.crash("b")
    done = drive.patrol()
    assert (done.ok, done.message) == (False, "1 fail, 2 ok; b: stopped, exit code 1")


def test_a_rehearsal_changes_and_stores_nothing(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")
    before = sorted(drive.raw.keys())
    done, verdicts = rehearse(drive.engine, CHECK)
    assert not done.ok
    assert [verdict.status for verdict in verdicts] == [Status.FAIL]
    assert sorted(drive.raw.keys()) == before
    assert drive.world.restarted == []


# the summary


def seen(drive: Drive) -> None:
    drive.store.signs.node_seen(NODE, "check")
    drive.store.signs.beat_ticked(drive.clock.now())


def summary(drive: Drive) -> dict[str, Any]:
    """Through the file, as its readers see it."""
    write_summary(drive.engine.summary_file, as_json(drive.overview(), MINUTE))
    return json.loads(drive.engine.summary_file.read_text("utf-8"))


def test_the_summary_when_all_is_well(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    seen(drive)
    found = summary(drive)
    at = drive.clock.now().isoformat()
    assert {name: found[name] for name in ("schema_version", "generated_at", "stale_after", "status")} == {
        "schema_version": 1,
        "generated_at": at,
        "stale_after": (drive.clock.now() + 3 * MINUTE).isoformat(),
        "status": "ok",
    }
    (shown,) = found["checks"]
    assert shown.pop("duration_seconds") >= 0
    assert shown == {
        "check": CHECK,
        "node": NODE,
        "ok": True,
        "status": "ok",
        "message": "1 ok",
        "checked_at": at,
        "age_seconds": 0,
        "stale": False,
    }
    assert found["open_incidents"] == found["cooldowns"] == found["silences"] == []
    assert set(found["queues"].values()) == {0}
    assert found["workers"] == [{"node": NODE, "role": "check", "seen_at": at, "alive": True}]
    assert found["beat"] == {"last_tick": at, "alive": True}
    assert found["mean_seconds_to_detect_at_most"] is None


def test_the_summary_of_a_heal_that_failed_and_of_one_that_held(drive: Drive) -> None:
    drive.world.start("writer", "reader")
    drive.until(10)
    drive.world.crash("reader")
    drive.world.dies_at_once("writer")
    drive.until(30)
    seen(drive)
    found = summary(drive)
    assert found["status"] == "fail"
    (incident,) = found["open_incidents"]
    assert (incident["target"], incident["reason"]) == ("writer", "still failing after the heal")
    until = drive.clock.began + timedelta(seconds=320)
    assert found["cooldowns"] == [{"check": CHECK, "node": NODE, "target": "writer", "until": until.isoformat()}]
    assert found["mean_seconds_to_detect_at_most"] == 10
    assert found["mean_seconds_to_recover"] == 10


def test_a_look_that_is_too_old_is_unknown(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    drive.clock.forward(30)
    seen(drive)
    assert summary(drive)["status"] == "ok"
    drive.clock.forward(0.001)
    found = summary(drive)
    assert found["status"] == "unknown"
    assert (found["checks"][0]["ok"], found["checks"][0]["stale"]) == (False, True)


def test_without_beat_all_is_unknown(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    assert summary(drive)["status"] == "unknown"
    seen(drive)
    drive.clock.forward(ALIVE.total_seconds() - 0.001)
    drive.patrol()
    assert summary(drive)["status"] == "ok"
    drive.clock.forward(0.001)
    found = summary(drive)
    assert (found["status"], found["beat"]["alive"]) == ("unknown", False)


def test_a_failure_is_shown_although_beat_is_away(drive: Drive) -> None:
    drive.configure('mode = "observe"')
    drive.world.start("writer")
    drive.world.crash("writer")
    drive.until(10)
    assert summary(drive)["status"] == "fail"


def test_an_enabled_check_that_never_looked_is_not_shown_as_well(drive: Drive) -> None:
    seen(drive)
    assert summary(drive)["status"] == "unknown"


def test_with_every_check_off_it_is_skipped(drive: Drive) -> None:
    drive.configure(f"[checks.{CHECK}]\nenabled = false")
    seen(drive)
    found = summary(drive)
    assert (found["status"], found["checks_skipped"]) == ("skipped", [CHECK])


def test_a_summary_that_cannot_be_written_leaves_the_last_one_and_nothing_else(drive: Drive) -> None:
    summary(drive)
    before = drive.engine.summary_file.read_bytes()
    with pytest.raises(TypeError):
        write_summary(drive.engine.summary_file, {"x": object()})  # type: ignore[dict-item]
    assert drive.engine.summary_file.read_bytes() == before
    assert [file.name for file in drive.folder.glob(".*")] == []
