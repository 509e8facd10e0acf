"""What beat sends, to whom: a pure function of configuration and live nodes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian import services
from guardian.config import Config, load
from guardian.engine.overview import ALIVE, live_queues
from guardian.store.values import Presence
from guardian.tasks.schedule import entries


def config(folder: Path, text: str) -> Config:
    file = folder / "guardian.toml"
    file.write_text(text)
    return load(file, services.sections(), {})


@pytest.fixture
def two_checks(tmp_path: Path) -> Config:
    return config(tmp_path, '[summary]\nevery = "30s"\n[checks.process_health]\ninterval = "7s"\n')


def test_each_check_is_its_own_entry_at_each_live_node(two_checks: Config) -> None:
    found = entries(two_checks, ["a", "b"])
    assert {name for name in found if name.startswith("process_health")} == {"process_health@a", "process_health@b"}
    entry = found["process_health@b"]
    assert entry["task"] == "guardian.check.process_health"
    assert entry["options"] == {"queue": "check.b"}
    assert entry["schedule"].run_every == timedelta(seconds=7)


def test_the_sweep_is_sent_once_whoever_is_there(two_checks: Config) -> None:
    assert [name for name in entries(two_checks, []) if "@" not in name] == ["sweep"]
    assert entries(two_checks, ["a"])["sweep"]["options"] == {"queue": "tell"}


def test_each_node_writes_its_own_summary(two_checks: Config) -> None:
    found = entries(two_checks, ["a", "b"])
    assert [found[f"summary@{node}"]["options"]["queue"] for node in "ab"] == ["heal.a", "heal.b"]
    assert found["summary@a"]["schedule"].run_every == timedelta(seconds=30)


def test_a_check_that_is_off_is_not_sent(tmp_path: Path) -> None:
    off = config(tmp_path, "[checks.process_health]\nenabled = false\n")
    assert not any(name.startswith("process_health") for name in entries(off, ["a"]))


def test_without_a_configuration_no_check_is_sent() -> None:
    nothing = load(None, services.sections(), {})
    assert not any(entry["task"].startswith("guardian.check.") for entry in entries(nothing, ["a"]).values())


def test_a_canary_goes_through_each_queue_that_a_live_worker_takes_from(two_checks: Config) -> None:
    found = entries(two_checks, ["a"], ["check.a", "scan"])
    assert [name for name in found if name.startswith("canary")] == ["canary:check.a", "canary:scan"]
    entry = found["canary:scan"]
    assert (entry["task"], entry["args"], entry["options"]) == ("guardian.canary", ("scan",), {"queue": "scan"})
    assert entry["schedule"].run_every == timedelta(seconds=10)


def test_the_queues_that_are_served_follow_from_who_was_seen_lately() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    seen = [
        Presence("a", "check", now),
        Presence("b", "all", now - ALIVE / 2),
        Presence("c", "act", now - ALIVE),
        Presence("d", "scan", now),
        Presence("e", "of a later version", now),
    ]
    assert live_queues(seen, now) == ["check.a", "check.b", "heal.b", "own.b", "scan", "scan.d", "tell"]


def queues(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: found[name]["options"]["queue"] for name in found if name.startswith(("history", "digest"))}


def test_a_history_in_a_file_is_fed_on_one_node_beats_own_where_it_can_be(tmp_path: Path) -> None:
    own = config(tmp_path, 'node = "b"\n[history]\nevery = "9s"\n')
    found = entries(own, ["a", "b", "c"])
    assert queues(found) == {"history@b": "heal.b", "digest@b": "heal.b"}
    assert found["history@b"]["schedule"].run_every == timedelta(seconds=9)
    assert queues(entries(own, ["c", "a"])) == {"history@a": "heal.a", "digest@a": "heal.a"}
    assert queues(entries(own, [])) == {}


def test_a_history_on_a_server_is_fed_by_whoever_is_free(tmp_path: Path) -> None:
    shared = config(tmp_path, '[history]\nurl = "postgresql://u@h/d"\n[digest]\nenabled = false\n')
    assert queues(entries(shared, ["a"])) == {"history": "tell"}
