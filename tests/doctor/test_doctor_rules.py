"""The rules on facts that cannot be had for real here, and at their limits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.doctor.areas import alerts, compose, configuration, folders, processes, redis, state, supervisord, system
from guardian.doctor.base import Area, judge
from guardian.doctor.examine import areas
from guardian.engine.overview import ALIVE
from guardian.host.disks import Disk
from guardian.host.rights import Seen
from guardian.host.supervisords import SupervisordDaemon
from guardian.model import Mode, Severity
from guardian.store.server import ServerFacts, _exposed
from guardian.store.spool import ChannelState
from guardian.store.values import Presence, ProcessSign

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)
GOOD = ServerFacts(
    version=(9, 1, 2), policy="noeviction", appends=True, saves=False, exposed=False, offset=timedelta(0)
)


def ids(area: Area, facts: Any) -> list[str]:
    return [finding.rule for finding in judge(area, facts)]


def server(**changes: Any) -> ServerFacts:
    return ServerFacts(**{**GOOD.__dict__, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"version": (6, 2)}, []),
        ({"version": (6, 0, 16)}, ["redis_old"]),
        ({"version": None}, []),
        ({"policy": None}, []),
        ({"exposed": True}, ["redis_open"]),
        ({"exposed": None}, []),
        ({"offset": timedelta(seconds=5)}, []),
        ({"offset": timedelta(seconds=5) + MS}, ["clock_off"]),
        ({"offset": -timedelta(seconds=5) - MS}, ["clock_off"]),
        ({"appends": False, "saves": None}, []),
        ({"appends": False, "saves": False}, ["redis_forgets"]),
        ({"used_bytes": 90, "limit_bytes": 100}, []),
        ({"used_bytes": 91, "limit_bytes": 100}, ["redis_full"]),
        ({"used_bytes": 91, "limit_bytes": 0}, []),
    ],
)
def test_of_the_server(changes: dict[str, Any], expected: list[str]) -> None:
    assert ids(redis.AREA, server(**changes)) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"protected-mode": "no", "port": "6379", "bind": "127.0.0.1 -::1", "requirepass": ""}, False),
        ({"protected-mode": "no", "port": "6379", "bind": "127.0.0.1 10.0.0.7", "requirepass": ""}, True),
        ({"protected-mode": "no", "port": "6379", "bind": "", "requirepass": ""}, True),
        ({"protected-mode": "no", "port": "6379", "bind": "* -::*", "requirepass": ""}, True),
        ({"protected-mode": "no", "port": "6379", "bind": "*", "requirepass": "x"}, False),
        ({"protected-mode": "yes", "port": "6379", "bind": "*", "requirepass": ""}, False),
        ({"protected-mode": "no", "port": "0", "bind": "*", "requirepass": ""}, False),
        ({"protected-mode": "no", "port": "0", "tls-port": "6380", "bind": "*", "requirepass": ""}, True),
    ],
)
def test_who_reaches_the_server(settings: dict[str, str], expected: bool | None) -> None:
    assert _exposed(settings) is expected


@pytest.mark.parametrize(
    ("files", "python", "expected"),
    [
        (1024, (3, 11), []),
        (None, (3, 13), []),
        (1023, (3, 12), ["open_files"]),
        (1024, (3, 14), ["python"]),
        (1024, (3, 10), ["python"]),
    ],
)
def test_of_the_system(files: int | None, python: tuple[int, int], expected: list[str]) -> None:
    assert ids(system.AREA, system.Facts(files, python)) == expected


def _state(**changes: Any) -> state.Facts:
    given: dict[str, Any] = {
        "state": Seen(Path("/s"), owner=1, folder=True, readable=True, writable=True),
        "parent": Seen(Path("/"), owner=0, folder=True, readable=True, writable=True),
        "disk": Disk(1, 10**12, 10**11, "ext4"), "user": 1, "embedded": True, "running": True, "announced": True,
        "reached": True, "newest": NOW, "now": NOW,
    }  # fmt: skip
    return state.Facts(**given | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"state": Seen(Path("/s"))}, []),
        ({"state": Seen(Path("/s")), "parent": Seen(Path("/"), owner=0, folder=True)}, ["state_rights"]),
        ({"state": Seen(Path("/s"), owner=1, writable=True)}, ["state_rights"]),
        ({"state": Seen(Path("/s"), trouble="Permission denied")}, ["state_rights"]),
        ({"disk": None}, []),
        ({"disk": Disk(1, 10**12, 10**11, "tmpfs"), "embedded": False}, []),
        ({"newest": NOW + state.FUTURE}, []),
        ({"newest": NOW + state.FUTURE + MS}, ["clock_back"]),
        ({"newest": None}, []),
        ({"running": False, "reached": False}, ["killed"]),
        ({"running": False}, ["state_lock"]),
        ({"running": False, "embedded": False}, []),
        ({"running": False, "announced": False, "reached": False}, []),
    ],
)
def test_of_the_state_directory(changes: dict[str, Any], expected: list[str]) -> None:
    assert ids(state.AREA, _state(**changes)) == expected


def _observing(since: timedelta, **changes: Any) -> configuration.Facts:
    given: dict[str, Any] = {
        "faults": (), "source": "f", "written_at": NOW - since, "checks_on": ["x"], "mode": Mode.OBSERVE,
        "arming": None, "now": NOW,
    }  # fmt: skip
    return configuration.Facts(**given | changes)


def test_of_observe_mode() -> None:
    week = configuration.OBSERVED_LONG
    assert ids(configuration.AREA, _observing(week)) == []
    assert ids(configuration.AREA, _observing(week + MS)) == ["observing"]
    assert ids(configuration.AREA, _observing(week + MS, mode=Mode.HEAL)) == []
    assert ids(configuration.AREA, _observing(week + MS, written_at=None)) == []


def test_of_workers_and_beat_at_the_limit_of_being_alive() -> None:
    sign = ProcessSign("beat", "n", "m", "h", 1, "1")

    def facts(age: timedelta, roles: Iterable[str] = ("all",), **changes: Any) -> processes.Facts:
        workers = [Presence("n", role, NOW - age) for role in roles]
        given: dict[str, Any] = {"node": "n", "now": NOW, "version": "1", "beat": NOW - age, "beats": [sign]}
        return processes.Facts(**given | {"workers": workers, "signs": [sign]} | changes)

    assert ids(processes.AREA, facts(ALIVE - MS)) == []
    assert ids(processes.AREA, facts(ALIVE)) == ["no_beat", "no_worker", "no_worker"]
    assert ids(processes.AREA, facts(timedelta(0), ["check", "act"])) == []
    assert ids(processes.AREA, facts(timedelta(0), ["check"])) == ["no_worker"]
    assert ids(processes.AREA, facts(timedelta(0), beats=[sign, sign])) == ["two_beats"]


def test_of_logs_and_sockets() -> None:
    log = folders.LogFacts(
        "api", Seen(Path("/l/a.log"), owner=0), Seen(Path("/l"), owner=0, folder=True, readable=True)
    )
    assert ids(folders.AREA, folders.Facts(None, [log], [], 1)) == ["log_unreadable"]
    fresh = folders.LogFacts("api", Seen(Path("/l/a.log")), log.folder)
    assert ids(folders.AREA, folders.Facts(None, [fresh], [], 1)) == []


WATCH = processes.Watched(NOW, alive=True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"own_checks": True}, ["no_worker"]),
        ({"own_checks": True, "workers": [Presence("n", role, NOW) for role in ("check", "own", "act")]}, []),
        ({"own_checks": True, "workers": [Presence("n", "all", NOW)]}, []),
        ({"workers": [Presence("n", "scan", NOW)]}, ["no_worker", "no_worker"]),
        ({"watch": None}, []),
        ({"watch": processes.Watched(None, alive=False)}, ["no_watch"]),
        ({"stuck": {"tell": timedelta(minutes=2)}}, ["queue_stuck"]),
        ({"stuck": {"tell": timedelta(minutes=2)}, "beat": NOW - ALIVE}, ["no_beat"]),
    ],
)
def test_of_queues_and_the_watch(changes: dict[str, Any], expected: list[str]) -> None:
    workers = [Presence("n", role, NOW) for role in ("check", "act")]
    given: dict[str, Any] = {"node": "n", "now": NOW, "version": "1", "beat": NOW, "beats": [], "workers": workers}
    assert ids(processes.AREA, processes.Facts(**given | {"signs": [], "watch": WATCH} | changes)) == expected


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("channels", "waiting", "expected"),
    [
        (["ops"], [], []),
        ([], [], ["only_the_log"]),
        (["ops"], [(ChannelState("ops", undelivered=3), None)], []),
        (["ops"], [(ChannelState("ops", undelivered=3, trouble="HTTP 401"), MINUTE)], ["channel_failing"]),
        (["ops"], [(ChannelState("old", undelivered=1), MINUTE)], ["channel_gone"]),
    ],
)
def test_of_channels(channels: list[str], waiting: list[Any], expected: list[str]) -> None:
    assert ids(alerts.AREA, alerts.Facts("f", channels, (), waiting)) == expected


def test_of_supervisords_that_nobody_watches_or_can_ask() -> None:
    here = SupervisordDaemon(1, 0, Path("/c"), "/s.sock")
    facts = supervisord.Facts(0, written=True, servers=[], others=[here])
    assert ids(supervisord.AREA, facts) == ["supervisord_unwatched"]
    assert ids(supervisord.AREA, replace(facts, others=[replace(here, address=None)])) == ["supervisord_nowhere"]
    unknown = replace(here, config=None, address=None)  # its file is out of reach: nobody knows
    assert ids(supervisord.AREA, replace(facts, others=[unknown])) == []
    gone = supervisord.ServerFacts("/s.sock", supervisord.State.ABSENT)
    assert ids(supervisord.AREA, replace(facts, others=[], servers=[gone])) == ["supervisord_absent"]
    assert ids(supervisord.AREA, replace(facts, others=[], servers=[gone], written=False)) == []


GOOD_COMPOSE = {
    "GUARDIAN_NODE": "one", "GUARDIAN_UID": "7", "GUARDIAN_GID": "7", "PM2_HOME": "/p", "REDIS_PASSWORD": "abc1",
    "FLOWER_PASSWORD": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "changes", "expected"),
    [
        ({}, {}, []),
        ({"REDIS_PASSWORD": "a@b"}, {}, ["compose_password"]),
        ({"REDIS_PASSWORD": ""}, {}, ["compose_unset"]),
        ({"PM2_HOME": "~/.pm2"}, {}, ["compose_home"]),
        ({}, {"pm2": Seen(Path("/p"))}, ["compose_home"]),
        ({}, {"daemon": 8}, ["compose_user"]),
        ({}, {"daemon": None}, []),
        ({}, {"open": True}, ["compose_readable"]),
        ({"GUARDIAN_REDIS_URL": "redis://:x@localhost:6379/0"}, {}, ["compose_loopback"]),
        ({"GUARDIAN_REDIS_URL": "redis://:x@[bad"}, {}, []),
        ({"GUARDIAN_REDIS_URL": "redis://:x@10.0.0.5:6379/0"}, {}, []),
        ({"GUARDIAN_UID": "8"}, {"daemon": 8}, ["compose_bound"]),
    ],
)
def test_of_compose(settings: dict[str, str], changes: dict[str, Any], expected: list[str]) -> None:
    bound = {
        "GUARDIAN_TOML": Seen(Path("/t"), owner=0),
        "GUARDIAN_STATE": Seen(Path("/d"), owner=7, folder=True),
    }
    given: dict[str, Any] = {
        "file": Path("/.env"), "settings": GOOD_COMPOSE | settings, "open": False,
        "pm2": Seen(Path("/p"), owner=7, folder=True), "daemon": 7, "bound": bound,
    }  # fmt: skip
    assert ids(compose.AREA, compose.Facts(**given | changes)) == expected


def test_an_env_file_is_read_as_compose_reads_it() -> None:
    text = "# A=0\nA=1\n export B = 'two words' # why\nC=\"3\"\nD=\n\nE=x # why\nno line\nF=a=b\n"
    assert compose.settings_in(text) == {"A": "1", "B": "two words", "C": "3", "D": "", "E": "x", "F": "a=b"}


def test_each_rule_has_a_name_of_its_own_and_says_when_and_why() -> None:
    rules = [rule for area in areas().values() for rule in area.rules]
    assert len({rule.id for rule in rules}) == len(rules) > 30
    assert all(rule.when and rule.why and rule.severity in Severity for rule in rules)
