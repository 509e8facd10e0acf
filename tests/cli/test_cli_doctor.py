import json
from pathlib import Path

import pytest

from guardian.doctor.areas import system
from tests.cli.running import Program
from tests.redis_server import RedisServer
from tests.store.world import World


def test_each_finding_is_one_line_with_why_and_what_mends_it(guardian: Program, folder: Path) -> None:
    ran = guardian("doctor")
    assert (ran.code, ran.err) == (1, "")
    assert "high: there is no configuration file. Every check is off without one. To mend: guardian init\n" in ran.out
    assert "note: no Guardian runs in" in ran.out
    assert list(folder.iterdir()) == []


def test_as_json_the_worst_comes_first(guardian: Program, world: World, redis_server: RedisServer) -> None:
    ran = guardian("doctor", "--json")
    assert ran.code == 1
    held = json.loads(ran.out)
    assert held["ok"] is False
    assert held["could_not_look"] == []
    severities = [each["severity"] for each in held["findings"]]
    assert severities == sorted(severities, key=["critical", "high", "warning", "info"].index)
    by_rule = {each["rule"]: each for each in held["findings"]}
    assert by_rule["no_beat"]["mend"] == "guardian up, or guardian beat"
    assert set(by_rule["no_beat"]) == {"rule", "severity", "what", "why", "mend"}


def test_what_it_finds_does_not_change_the_store(guardian: Program, world: World) -> None:
    before = {key: world.client.dump(key) for key in world.client.scan_iter()}
    guardian("doctor")
    assert {key: world.client.dump(key) for key in world.client.scan_iter()} == before


def test_an_area_that_breaks_is_said_and_is_no_silent_pass(
    guardian: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int | None:
        raise OSError("no limits")

    monkeypatch.setattr(system, "_open_files", broken)
    ran = guardian("doctor")
    assert "could not look at system: OSError: no limits" in ran.out
