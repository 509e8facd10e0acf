"""The history is fed with what happened, whatever dies or is away, and a store that came back empty knows it again."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from guardian.engine.history import HISTORY, keep_history
from guardian.engine.readback import read_back
from guardian.history.history import History, file_url
from guardian.history.migrate import migrate
from guardian.history.tables import GAPS, HEALS, INCIDENTS, SCAN_COUNTS, SCANS, STEPS
from guardian.model import GUARDIAN, HealState, Incident, Reason
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from tests.engine.drive import PREFIX, Drive
from tests.engine.world import Receiver
from tests.redis_server import RedisServer

MINUTE = 60
COOLDOWN = 5 * MINUTE


class Past:
    """The history of a drive, in a SQLite file; `feed` is the periodic task."""

    def __init__(self, drive: Drive, server: RedisServer) -> None:
        self.drive, self.server = drive, server
        self.file = drive.folder / "history.db"
        self.history = History(file_url(str(self.file)))
        migrate(file_url(str(self.file)))  # here, which spares a process
        self.connect()

    def connect(self, **changes: Any) -> None:
        self.drive.engine = replace(self.drive.engine, history=self.history, **changes)

    def feed(self) -> str:
        return keep_history(self.drive.engine)

    def rested(self) -> str:
        """After a failed run, when the next one may begin."""
        self.drive.store.past.end_turn()
        return self.feed()

    def rows(self, table: Any) -> list[Any]:
        with self.history.database._engine.connect() as connection:
            return list(connection.execute(select(table)).all())

    @contextmanager
    def away(self) -> Iterator[None]:
        """SQL is gone: the file is no database."""
        content = {file: file.read_bytes() for file in self.drive.folder.glob("history.db*")}
        for file in content:
            file.unlink()
        self.file.mkdir()
        try:
            yield
        finally:
            self.file.rmdir()
            for file, bytes_ in content.items():
                file.write_bytes(bytes_)

    def lose_redis(self, *, knows: bool = True) -> None:
        """Redis comes back empty, to processes that knew it."""
        drive = self.drive
        standing = drive.store.past.standing()
        assert standing is not None
        self.server.restart_empty()
        file = drive.folder / "store-id"
        file.write_text(standing.id if knows else "")
        drive.store.close()
        hold = drive.engine.config.heal.cooldown
        drive.store = Store(connect(self.server.url), PREFIX, Identity(file), hold, clock=drive.clock)
        drive.engine = replace(drive.engine, store=drive.store)


@pytest.fixture
def past(drive: Drive, redis_server: RedisServer) -> Past:
    return Past(drive, redis_server)


def own(drive: Drive) -> list[Incident]:
    return [each for each in drive.every if each.key.check == GUARDIAN and each.key.target == HISTORY]


def test_what_happened_is_in_the_history_and_gone_from_redis(drive: Drive, past: Past) -> None:
    drive.world.start("api")
    drive.advance(20)
    drive.world.crash("api")
    drive.advance(60)
    assert past.feed().endswith("entries")
    (incident,), (heal,) = past.rows(INCIDENTS), past.rows(HEALS)
    assert (incident.target, incident.state, incident.resolution[:7]) == ("api", "resolved", "healed:")
    assert (heal.remedy, heal.outcome) == ("restart", "held")
    assert drive.store.past.waiting() == 0
    assert past.feed() == "0 entries"


def test_scans_are_in_the_history_each_once(drive: Drive, past: Past) -> None:
    drive.world.start("api")
    drive.advance(20)
    row = {"at": drive.clock.now().isoformat(), "node": "n1", "path": "a.py", "sha256": "ab", "rules": ["G101"]}
    for message, verdict in (("m1", "block"), ("m2", "allow"), ("m1", "block"), ("m3", "allow")):
        scan = row | {"id": message, "agent": "writer", "verdict": verdict} if verdict == "block" else None
        rules = ["G101"] if scan else []
        now = drive.clock.now()
        drive.store.scans.count(message, agent="writer", verdict=verdict, rules=rules, scan=scan, now=now)
        past.feed()
    assert [(each.id, each.path, each.rules) for each in past.rows(SCANS)] == [("m1", "a.py", "G101")]
    assert {(each.what, each.count) for each in past.rows(SCAN_COUNTS)} == {("block", 1), ("G101", 1), ("allow", 2)}


def test_killed_between_the_commit_and_the_stream_nothing_is_doubled_and_nothing_lost(drive: Drive, past: Past) -> None:
    drive.world.start("api")
    drive.advance(20)
    drive.world.crash("api")
    drive.advance(10)

    class DiesError(BaseException):
        pass

    def fed(*_: object) -> None:
        raise DiesError

    real, drive.store.past.fed = drive.store.past.fed, fed  # type: ignore[method-assign]
    with pytest.raises(DiesError):
        past.feed()
    drive.store.past.fed = real  # type: ignore[method-assign]
    steps = len(past.rows(STEPS))
    assert steps > 0
    assert past.feed() == "somebody is at it, or it rests"  # the dead one's turn runs out
    drive.advance(60)
    past.rested()
    (incident,) = past.rows(INCIDENTS)
    assert len(past.rows(STEPS)) == len(drive.store.story(incident.id)) > steps


def test_away_for_an_hour_healing_goes_on_it_is_said_and_nothing_is_lost(drive: Drive, past: Past) -> None:
    drive.configure("[heal]\nbudget = 1000\n")
    past.connect()
    drive.world.start("api")
    drive.advance(20)
    past.feed()
    with past.away():
        past.history = History(file_url(str(past.file)))
        past.connect()
        for _ in range(12):
            drive.world.crash("api")
            drive.advance(5 * MINUTE)
            assert past.rested().startswith("away")
        assert len(drive.world.times("api")) == 12
        (said,) = own(drive)
        assert said.resolved_at is None
        assert "10000 entries wait" in said.message
        assert "history.db" not in past.feed()
    past.history = History(file_url(str(past.file)))
    past.connect()
    past.rested()
    assert [each.outcome for each in past.rows(HEALS)] == ["held"] * 12
    assert past.rows(GAPS) == []
    (said,) = own(drive)
    assert said.resolution == "healthy again: works again"


def test_away_for_ten_minutes_under_load_each_crash_is_healed_and_no_step_is_missing(drive: Drive, past: Past) -> None:
    """Six processes die every half minute; one more stays dead, and a person is told."""
    drive.configure("[heal]\nbudget = 1000\n[flapping]\nbegins = 1\nends = 1\n[brake]\nat_least = 1000\n")
    past.connect()
    names = [f"app-{number}" for number in range(6)]
    drive.world.start(*names, "broken")
    drive.advance(20)
    past.feed()
    with past.away():
        past.history = History(file_url(str(past.file)))
        past.connect()
        drive.world.crash("broken")
        drive.world.dies_at_once("broken")
        for _ in range(20):
            drive.world.crash(*names)
            drive.advance(30)
            assert past.rested().startswith("away")
        assert [len(drive.world.times(name)) for name in names] == [20] * 6
        assert drive.told == [("alert", "broken"), ("alert", HISTORY)]
        waited = drive.store.past.waiting()
    past.history = History(file_url(str(past.file)))
    past.connect()
    assert past.rested() == f"{waited} entries"
    kept = Counter(
        (row.incident, row.at, row.kind, row.text) for row in past.rows(STEPS) if row.kind != "delivery failed"
    )
    told = Counter(
        (each.id, step.at, step.kind, step.text) for each in drive.every for step in drive.store.story(each.id)
    )
    assert kept <= told
    assert {each for each in told - kept if each[0] not in own_ids(drive)} == set()
    assert past.rows(GAPS) == []
    held = [row.target for row in past.rows(HEALS) if row.outcome == "held"]
    assert Counter(held) == dict.fromkeys(names, 20)


def own_ids(drive: Drive) -> set[str]:
    """What is said of the history itself goes on after it was fed."""
    return {each.id for each in own(drive)}


def test_what_the_stream_could_not_hold_is_said_and_counted(
    drive: Drive, past: Past, redis_server: RedisServer
) -> None:
    drive.store = Store(
        connect(redis_server.url), PREFIX, Identity(), timedelta(minutes=5), clock=drive.clock, history=100
    )
    drive.configure("[heal]\nbudget = 1000\n[flapping]\nbegins = 1\nends = 1\n")
    past.connect()
    drive.world.start("api")
    drive.advance(20)
    past.feed()
    before = int(drive.raw.get(f"{PREFIX}history_count") or 0)
    for _ in range(60):
        drive.world.crash("api")
        drive.advance(60)
    made = int(drive.raw.get(f"{PREFIX}history_count") or 0) - before
    kept = drive.store.past.waiting()
    assert kept < made
    past.feed()
    (gap,) = past.rows(GAPS)
    assert gap.entries == made - kept
    (said,) = own(drive)
    assert said.message.startswith(f"{made - kept} entries ")
    drive.advance(61 * MINUTE)
    past.feed()
    assert own(drive)[0].resolved_at is not None


def test_redis_back_without_its_last_second_is_no_gap(drive: Drive, past: Past) -> None:
    drive.world.start("api")
    drive.advance(20)
    drive.world.crash("api")
    drive.advance(30)
    past.feed()
    drive.raw.set(f"{PREFIX}history_count", 1)
    drive.world.crash("api")
    drive.advance(30)
    assert past.feed() != "0 entries"
    assert past.rows(GAPS) == []


# the store comes back empty


def healed(drive: Drive, *names: str) -> None:
    """Each was restarted and waits to be verified or, of some, just was."""
    drive.world.start(*names)
    drive.advance(20)
    drive.world.crash(*names)
    drive.advance(10)
    assert sorted(target for _, target in drive.world.restarted) == sorted(names)


def test_open_cooldowns_are_known_again_and_nothing_is_restarted_twice(drive: Drive, past: Past) -> None:
    names = ["a", "b", "c"]
    healed(drive, *names)
    past.feed()
    before = {each.key.target: each.id for each in drive.open}
    past.lose_redis()
    drive.world.crash(*names)
    drive.patrol()
    past.feed()
    assert {each.key.target: each.id for each in drive.open} == before
    drive.advance(COOLDOWN - 30)
    assert len(drive.world.restarted) == 3
    assert {each.reason for each in drive.open} == {Reason.HEAL_FAILED}
    drive.world.recover(*names)
    drive.advance(20)
    assert drive.open == []
    for each in drive.every:
        assert [kind for kind, _ in drive.story(each)].count("resolved") == 1
    past.feed()
    assert sorted(each.state for each in past.rows(INCIDENTS)) == ["resolved"] * len(past.rows(INCIDENTS))


def test_until_it_is_read_back_no_cure_is_done_and_then_at_once(drive: Drive, past: Past) -> None:
    drive.world.start("api", "other")
    drive.advance(20)
    past.feed()
    past.lose_redis()
    drive.patrol()
    drive.world.crash("api")
    drive.advance(30)
    assert drive.of("api").reason is Reason.RECOVERING
    assert drive.world.restarted == []
    past.feed()
    drive.advance(15)
    assert [target for _, target in drive.world.restarted] == ["api"]


def test_a_cure_of_the_last_moment_that_nobody_knows_of_is_not_repeated(drive: Drive, past: Past) -> None:
    drive.world.start("api", "untouched")
    drive.advance(20)
    past.feed()
    drive.world.crash("api")
    drive.advance(10)
    assert len(drive.world.times("api")) == 1  # and Redis is lost before the history heard of it
    past.lose_redis()
    drive.patrol()
    past.feed()
    drive.world.crash("api", "untouched")
    drive.advance(60)
    assert len(drive.world.times("api")) == 1
    assert drive.of("api").reason is Reason.RECOVERING
    assert len(drive.world.times("untouched")) == 1
    drive.advance(COOLDOWN)
    assert len(drive.world.times("api")) == 2


def test_budget_and_cooldown_are_counted_on(drive: Drive, past: Past) -> None:
    drive.configure("[heal]\nbudget = 3\n")
    past.connect()
    drive.world.start("api")
    drive.advance(20)
    for _ in range(3):
        drive.world.crash("api")
        drive.advance(60)
    past.feed()
    past.lose_redis()
    drive.patrol()
    past.feed()
    drive.world.crash("api")
    drive.advance(30)
    assert len(drive.world.times("api")) == 3
    assert drive.open[0].reason is Reason.BUDGET_USED


def test_without_the_history_the_rule_of_one_cooldown_stands(drive: Drive, past: Past) -> None:
    healed(drive, "api")
    past.feed()
    emptied = drive.clock.seconds
    past.lose_redis()
    with past.away():
        past.history = History(file_url(str(past.file)))
        past.connect()
        drive.patrol()
        past.rested()
        drive.world.crash("api")
        drive.advance(COOLDOWN - 10)
        assert len(drive.world.times("api")) == 1
        drive.advance(30)
        assert len(drive.world.times("api")) == 2
        assert drive.world.times("api")[1] >= emptied + COOLDOWN


def test_a_history_that_knows_nothing_of_the_lost_store_lifts_no_hold(drive: Drive, past: Past) -> None:
    healed(drive, "api")
    drive.advance(40)
    past.lose_redis()
    drive.patrol()
    past.feed()
    drive.world.crash("api")
    drive.advance(COOLDOWN - 30)
    assert len(drive.world.times("api")) == 1
    assert drive.of("api").reason is Reason.RECOVERING


def test_it_is_read_back_once_whatever_comes_twice(drive: Drive, past: Past) -> None:
    healed(drive, "api")
    past.feed()
    past.lose_redis()
    drive.patrol()
    standing = drive.store.past.standing()
    assert standing is not None
    read_back(drive.engine, past.history, standing)
    cooling = drive.store.cooldowns(drive.open, drive.clock.now())
    assert [key.target for key in cooling] == ["api"]
    drive.raw.hdel(f"{PREFIX}heal:node-1:api", "cooldown_until")  # as a verified heal lifts it
    read_back(drive.engine, past.history, standing)
    assert drive.store.cooldowns(drive.open, drive.clock.now()) == {}
    (incident,) = drive.open
    assert [kind for kind, _ in drive.story(incident)].count("read back") == 1
    assert len(past.rows(GAPS)) == 1


def test_who_was_told_is_told_the_end_and_its_task_is_closed(drive: Drive, past: Past) -> None:
    drive.world.start("api")
    drive.advance(20)
    drive.world.crash("api")
    drive.world.dies_at_once("api")
    drive.advance(60)
    assert len(drive.tasks()) == 1
    past.feed()
    past.lose_redis()
    drive.patrol()
    past.feed()
    drive.advance(60)
    assert drive.told == [("alert", "api")]
    drive.world.recover("api")
    drive.advance(COOLDOWN + 30)
    assert drive.told == [("alert", "api"), ("resolved", "api")]
    assert (len(drive.tasks()), len(drive.tasks("done"))) == (0, 1)


@pytest.mark.parametrize("escalated", [False, True])
def test_what_only_the_lost_spool_had_is_told_again_to_that_channel_alone(
    drive: Drive, past: Past, escalated: bool
) -> None:
    """Of an open incident; its end waited for nothing."""
    chat = Receiver(drive.clock, "chat", down=True)
    drive.receivers.append(chat)
    drive.configure(
        f'mode = "observe"\n[escalation]\nafter = "{0 if escalated else 60}m"\ndirectory = "{drive.directory}"'
    )
    past.connect()
    drive.world.start("api")
    drive.advance(20)
    drive.world.crash("api")
    drive.advance(30)
    assert (chat.told, drive.told) == ([], [("alert", "api")])
    past.feed()
    past.lose_redis()
    chat.down = False
    drive.patrol()
    past.feed()
    drive.advance(60)
    assert (chat.told, drive.told) == ([("alert", "api")], [("alert", "api")])
    assert len(drive.tasks()) == escalated
    drive.world.recover("api")
    drive.advance(COOLDOWN + 30)
    assert chat.told == drive.told == [("alert", "api"), ("resolved", "api")]


def test_a_target_that_went_meanwhile_ends_its_incident(drive: Drive, past: Past) -> None:
    drive.world.start("api", "other")
    drive.advance(20)
    drive.world.apps["api"].by_hand = None
    drive.configure('mode = "observe"\n')
    past.connect()
    drive.world.crash("api")
    drive.advance(20)
    past.feed()
    past.lose_redis()
    del drive.world.apps["api"]
    past.rested()
    drive.advance(20)
    past.rested()
    drive.advance(30)
    assert drive.of("api").resolution == "the target is gone"


def test_one_that_was_told_of_anew_goes_on_and_the_one_before_ends(drive: Drive, past: Past) -> None:
    drive.configure('mode = "observe"\n')
    past.connect()
    drive.world.start("api")
    drive.advance(20)
    drive.world.crash("api")
    drive.advance(20)
    past.feed()
    (before,) = drive.open
    past.lose_redis()
    drive.advance(60)
    (after,) = drive.open
    assert after.id != before.id
    past.rested()
    assert [each.id for each in drive.open] == [after.id]
    past.rested()
    assert {each.id: each.state for each in past.rows(INCIDENTS)} == {before.id: "resolved", after.id: "open"}


def test_an_incident_that_was_being_healed_is_looked_at_and_never_healed_again(drive: Drive, past: Past) -> None:
    drive.world.start("api")
    drive.advance(20)
    drive.world.crash("api")

    def dies() -> None:
        raise SystemExit

    drive.world.after_order = dies
    with pytest.raises(SystemExit):
        drive.advance(10)
    drive.world.after_order = lambda: None
    assert drive.open[0].heal is HealState.ACTING
    past.feed()
    past.lose_redis()
    drive.patrol()
    past.feed()
    assert drive.open[0].heal is HealState.VERIFYING
    drive.advance(30)
    assert drive.only().resolution == "healed: online"
    assert len(drive.world.times("api")) == 1
