"""The history's database, SQLite and a real PostgreSQL alike: fed once whatever comes twice, and read as it was."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from guardian.errors import HistoryError
from guardian.history.connect import engine, errors
from guardian.history.database import Database
from guardian.history.history import file_url
from guardian.history.migrate import migrate
from guardian.history.rows import VERSION, rows
from guardian.history.tables import (
    ACTS,
    HEAD,
    HEALS,
    INCIDENTS,
    METADATA,
    NOTIFICATIONS,
    SCAN_COUNTS,
    SCANS,
    STEPS,
    STORES,
    VERSION_TABLE,
)
from guardian.history.values import Cursor, Gap, ScanCount
from guardian.model import Arming, Evidence, Mode, Silence, TellState
from tests.history.feeding import DAY, Feeding
from tests.store.world import MS, NODE, TARGET, World

WEEK = timedelta(days=7)


def test_an_incident_is_there_with_its_story_its_heal_and_who_was_told(feeding: Feeding) -> None:
    world = feeding.world
    id_ = world.planned()
    world.store.keep_evidence(id_, Evidence(world.now, {"exit_code": 1}, ["a line"]), "taken", world.now)
    world.claim(id_)
    world.finish(id_)
    world.verify(id_, "failing")
    world.tell(id_, TellState.ALERT)
    world.store.acknowledge(id_, "ann", world.now)
    world.is_ok()
    assert feeding.feed()
    (incident,), (heal,) = feeding.all(INCIDENTS), feeding.all(HEALS)
    assert (incident.id, incident.check_name, incident.target, incident.state) == (
        id_,
        "process_health",
        TARGET,
        "resolved",
    )
    assert incident.opened_at == incident.resolved_at == world.now
    assert '"exit_code":1' in incident.evidence
    assert (heal.act, heal.cure, heal.outcome, heal.claimed_at) == ("restart", True, "not held", world.now)
    kinds = [(step.kind, step.reason) for step in feeding.all(STEPS)]
    assert kinds == [(step.kind, step.reason) for step in world.store.story(id_)]
    assert [(each.channel, each.step, each.sent) for each in feeding.all(NOTIFICATIONS)] == [("log", "alert", True)]
    assert [(each.author, each.verb, each.subject) for each in feeding.all(ACTS)] == [("ann", "acknowledge", id_)]


def test_slices_of_any_size_give_the_same_as_one(feeding: Feeding) -> None:
    world = feeding.world
    for name in ("a", "b"):
        world.verify(world.healed(name))
    while world.store.past.entries(getattr(feeding.database.cursor(feeding.store), "entry", None), 1):
        assert feeding.feed(most=1)
    assert [(heal.target, heal.outcome, heal.finished_at) for heal in feeding.all(HEALS)] == [
        ("a", "held", world.now), ("b", "held", world.now)
    ]  # fmt: skip
    assert [each.state for each in feeding.all(INCIDENTS)] == ["resolved", "resolved"]
    assert len(feeding.all(STEPS)) == sum(len(world.store.story(each.id)) for each in feeding.all(INCIDENTS))


def test_what_is_fed_a_second_time_changes_nothing(feeding: Feeding) -> None:
    world = feeding.world
    world.verify(world.healed())
    store, past = feeding.store, world.store.past
    found = past.entries(None, 100)
    after = Cursor(found[-1][0], len(found), world.now)
    assert feeding.database.feed(store, None, after, rows(store, found), None, world.now)
    before = [feeding.all(table) for table in METADATA.sorted_tables]
    assert not feeding.database.feed(store, None, after, rows(store, found), None, world.now)
    stale = Cursor(found[0][0], 1, None)
    assert not feeding.database.feed(store, stale, after, rows(store, found), None, world.now)
    assert [feeding.all(table) for table in METADATA.sorted_tables] == before


def test_of_two_that_feed_at_once_one_wins(feeding: Feeding, url: str) -> None:
    world, rounds = feeding.world, 10
    world.fails()
    feeding.feed()
    other = Database(url)
    for _ in range(rounds):
        world.is_ok()
        world.fails()
        store = feeding.store
        before = feeding.database.cursor(store)
        assert before is not None
        found = world.store.past.entries(before.entry, 100)
        after = Cursor(found[-1][0], 0, world.now)
        won: list[bool] = []

        def feed(database: Database) -> None:
            won.append(database.feed(store, before, after, rows(store, found), None, world.now))  # noqa: B023

        both = [threading.Thread(target=feed, args=(each,)) for each in (feeding.database, other)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(won) == [False, True]
    assert len(feeding.all(STEPS)) == 1 + 2 * rounds


def test_many_open_a_new_file_at_once_and_wait_for_each_other(tmp_path: Path) -> None:
    """SQLite refuses all but one at once, whatever time limit it was given."""
    failed: list[HistoryError] = []

    def use(url: str, ready: threading.Barrier) -> None:
        made = engine(url)
        ready.wait()
        try:
            with errors(), made.connect():
                pass
        except HistoryError as error:
            failed.append(error)

    for number in range(40):
        url, ready = file_url(str(tmp_path / f"{number}.db")), threading.Barrier(6)
        threads = [threading.Thread(target=use, args=(url, ready)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []


def test_many_bring_up_the_tables_at_once_and_all_can_use_them(url: str) -> None:
    failed: list[BaseException] = []

    def use() -> None:
        try:
            assert Database(url).cursor("none") is None
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_the_migrations_give_the_tables_that_the_queries_know(url: str) -> None:
    database = Database(url)
    assert not database.made()
    assert database.cursor("none") is None
    assert database.made()
    with database._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD
        assert len(inspect(connection).get_table_names()) == len(METADATA.tables) + 1


@pytest.mark.parametrize("version", ["0001"])
def test_tables_of_an_older_guardian_are_brought_up_to_date_with_what_is_in_them(
    world: World, url: str, version: str
) -> None:
    migrate(url, version)
    made = engine(url)
    began = "2026-11-01 10:00:00+00:00" if made.dialect.name == "postgresql" else "2026-11-01 10:00:00.000000"
    with made.connect().execution_options(write=True) as connection, connection.begin():
        assert "guardian_scans" not in inspect(connection).get_table_names()
        connection.execute(
            text("INSERT INTO guardian_stores (store, began_at, entry, number) VALUES ('old', :at, '5-0', 7)"),
            {"at": began},
        )
        connection.execute(
            text("INSERT INTO guardian_acts (at, author, verb, subject, about) VALUES (:at, 'ann', 'arm', '', 'why')"),
            {"at": began},
        )
    database = Database(url)
    assert database.cursor("old") == Cursor("5-0", 7, None)
    past = database.past(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    assert [(act.author, act.about) for act in past.acts] == [("ann", "why")]
    assert past.scans is not None
    assert past.scans.counts == []
    feeding = Feeding(world, database)
    world.fails()
    scanned(world, "m1", "block", "G101")
    assert feeding.feed()
    assert [each.id for each in feeding.all(SCANS)] == ["m1"]


def test_tables_of_a_newer_guardian_are_refused_and_left_alone(database: Database, url: str) -> None:
    assert database.cursor("none") is None
    with database._engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608  our own name
    with pytest.raises(HistoryError, match=f"newer Guardian: version 9999, this one knows {HEAD}"):
        Database(url).cursor("none")
    with database._engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0000'"))  # noqa: S608  our own name
    with pytest.raises(HistoryError, match="another version of Guardian"):
        Database(url).cursor("none")


def test_alembic_is_in_no_process_that_lives_on(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from guardian.history.database import Database\n"
        "assert Database(sys.argv[1]).cursor('none') is None\n"
        "print([name for name in ('alembic', 'mako', 'sqlalchemy') if name in sys.modules])\n"
    )
    (tmp_path / "alembic.py").write_text("raise SystemExit('a stranger')")
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, file_url(str(tmp_path / "history.db"))],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("['sqlalchemy']\n", "")


def test_tables_that_cannot_be_made_are_an_error_without_secrets(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    sqlite3.connect(file).execute("CREATE TABLE guardian_stores (other TEXT)").connection.close()
    with pytest.raises(HistoryError, match="already exists"):
        Database(file_url(str(file))).cursor("none")


def test_texts_that_no_database_takes_come_in_all_the_same(feeding: Feeding) -> None:
    name = "a\0b\ud800 'x' \u2713"
    feeding.world.fails(name)
    assert feeding.feed()
    (row,) = feeding.all(INCIDENTS)
    assert row.target == "a\ufffdb? 'x' \u2713"


def test_an_entry_that_cannot_be_read_is_left_out_and_the_others_come_in(world: World) -> None:
    world.fails("a")
    (_, good), *_ = world.store.past.entries(None, 1)
    bad = [{"v": "1"}, {"v": "1", "incident": "{"}, {"v": "1", "act": "[]"}, {**good, "steps": '[{"kind":"claimed"}]'}]
    found = rows("s", [("1-0", each) for each in bad] + [("2-0", good)])
    assert (len(found.incidents), len(found.steps), found.unreadable) == (1, 1, len(bad))


def test_an_entry_of_a_newer_guardian_is_refused(world: World) -> None:
    world.fails("a")
    (entry,) = world.store.past.entries(None, 1)
    with pytest.raises(HistoryError, match="newer"):
        rows("s", [(entry[0], {**entry[1], "v": str(VERSION + 1)})])


def test_what_is_old_goes_in_slices_and_what_is_open_stays(feeding: Feeding) -> None:
    world = feeding.world
    for name in ("a", "b", "c"):
        world.verify(world.healed(name))
    world.fails("open")
    world.store.add_silence(Silence("s", "*", "*", "*", world.now + DAY, "ann", ""))
    feeding.feed()
    assert feeding.database.prune(world.now, 100) == 0
    assert feeding.database.prune(world.now + WEEK, 2) > 0
    assert len(feeding.all(INCIDENTS)) == 2
    while feeding.database.prune(world.now + WEEK, 100):
        pass
    assert [each.target for each in feeding.all(INCIDENTS)] == ["open"]
    assert [feeding.all(table) for table in (STEPS, HEALS, NOTIFICATIONS, ACTS)] == [[], [], [], []]
    assert len(feeding.all(STORES)) == 1


def test_a_span_of_time_has_all_that_touches_it_and_nothing_else(feeding: Feeding) -> None:
    world, began = feeding.world, feeding.world.now
    world.verify(world.healed("first"))
    world.later(DAY)
    lasting = world.fails("lasting")
    world.later(DAY)
    world.fails("third")
    feeding.feed()
    whole = feeding.past()
    assert [each.target for each in feeding.database.past(began, world.now + MS).incidents] == [
        "first",
        "lasting",
        "third",
    ]
    assert [each.target for each in whole.incidents] == ["lasting", "third"]
    assert [each.target for each in feeding.database.past(began + MS, world.now).incidents] == ["lasting"]
    assert [each.id for each in feeding.database.past(world.now - MS, world.now).incidents] == [lasting]
    assert [heal.outcome for heal in feeding.database.past(began, began + MS).heals] == ["held"]
    assert feeding.database.past(began + MS, world.now).heals == []


def test_a_gap_is_kept_with_what_came_after_it(feeding: Feeding) -> None:
    world = feeding.world
    world.fails()
    found = world.store.past.entries(None, 100)
    gap = Gap(world.now, 7, None, world.now)
    feeding.database.feed(feeding.store, None, Cursor(found[-1][0], 8, world.now), rows("s", found), gap, world.now)
    assert list(feeding.past().gaps) == [gap]


def test_the_last_day_that_was_told_is_known(feeding: Feeding) -> None:
    world = feeding.world
    world.fails()
    feeding.feed()
    assert feeding.database.last_digest() is None
    for day in (date(2026, 11, 24), date(2026, 11, 25)):
        world.store.past.mark_digest(day, "log", world.now)
        world.store.past.finish_digest(day, world.now, "told")
    feeding.feed()
    assert feeding.database.last_digest() == date(2026, 11, 25)
    assert [(each.step, each.channel) for each in feeding.all(NOTIFICATIONS)] == [("digest", "log")] * 2
    assert feeding.past().acts == []


def test_who_armed_and_disarmed_is_among_the_acts_of_people(feeding: Feeding) -> None:
    world = feeding.world
    world.fails()
    for mode, comment in ((Mode.HEAL, ""), (Mode.OBSERVE, "deploy")):
        world.store.arm(Arming(mode, "ann", world.now, comment))
        assert world.store.arming() == Arming(mode, "ann", world.now, comment)
    feeding.feed()
    acts = [(act.author, act.verb, act.about) for act in feeding.past().acts]
    assert acts == [("ann", "arm", ""), ("ann", "disarm", "deploy")]


def test_silences_are_among_the_acts_of_people(feeding: Feeding) -> None:
    world = feeding.world
    world.fails()
    world.store.add_silence(Silence("s", "*", TARGET, NODE, world.now + DAY, "ann", "deploy"))
    feeding.feed()
    (act,) = feeding.past().acts
    assert (act.author, act.verb) == ("ann", "add silence")
    assert "deploy" in act.about


def test_a_database_that_cannot_be_reached_says_so_without_its_password() -> None:
    away = Database("postgresql://guardian:hunter2@127.0.0.1:1/guardian")
    with pytest.raises(HistoryError) as caught:
        away.cursor("none")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(HistoryError, match="unable to open"):
        Database("sqlite:////nowhere/at/all/history.db").cursor("none")


def scanned(world: World, message: str, verdict: str, *rules: str, agent: str = "writer") -> bool:
    row = {"id": message, "at": world.now.isoformat(), "node": NODE, "agent": agent, "path": "/made/a.py"}
    row |= {"sha256": None, "verdict": verdict, "rules": list(rules)}
    scan = None if verdict == "allow" else row
    return world.store.scans.count(message, agent=agent, verdict=verdict, rules=rules, scan=scan, now=world.now)


def test_scans_are_counted_and_what_is_not_allowed_is_there_by_itself(feeding: Feeding) -> None:
    world = feeding.world
    world.fails()
    scanned(world, "m1", "allow")
    scanned(world, "m2", "block", "G101", "G205", agent="two words")
    world.later(MS)
    scanned(world, "m3", "review", "G205")
    assert world.store.scans.hand_over() == 6
    assert feeding.feed()
    scanned(world, "m4", "allow")
    world.store.scans.hand_over()
    assert feeding.feed()
    found = feeding.past().scans
    assert found is not None
    assert found.counts == [
        ScanCount("two words", "G101", 1),
        ScanCount("two words", "G205", 1),
        ScanCount("two words", "block", 1),
        ScanCount("writer", "G205", 1),
        ScanCount("writer", "allow", 2),
        ScanCount("writer", "review", 1),
    ]
    assert [(each.agent, each.verdict, each.rules, each.at) for each in found.newest] == [
        ("two words", "block", ["G101", "G205"], world.now - MS),
        ("writer", "review", ["G205"], world.now),
    ]


def test_a_scan_whose_message_or_entry_comes_twice_is_there_once(feeding: Feeding) -> None:
    world = feeding.world
    world.fails()
    assert scanned(world, "m", "block", "G101")
    assert not scanned(world, "m", "block", "G101")
    world.store.scans.hand_over()
    found = world.store.past.entries(None, 100)
    for number in (1, 2):
        before, after = feeding.database.cursor(feeding.store), Cursor(f"{number}-0", number, world.now)
        assert feeding.database.feed(feeding.store, before, after, rows(feeding.store, found), None, world.now)
    assert [each.id for each in feeding.all(SCANS)] == ["m"]
    assert {(each.what, each.count) for each in feeding.all(SCAN_COUNTS)} == {("block", 1), ("G101", 1)}


def test_counts_of_a_store_that_came_back_empty_are_added(feeding: Feeding) -> None:
    world = feeding.world
    for number, store in enumerate(("lost", "new")):
        scanned(world, f"m{number}", "allow")
        world.store.scans.hand_over()
        found = world.store.past.entries(None, 100)
        feeding.database.feed(store, None, Cursor(found[-1][0], 1, world.now), rows(store, found), None, world.now)
    past = feeding.past().scans
    assert past is not None
    assert past.counts == [ScanCount("writer", "allow", 1 + 2)]  # the second store went on counting here


def test_scans_are_of_whole_days_and_go_when_they_are_old(feeding: Feeding) -> None:
    world, began = feeding.world, feeding.world.now
    world.fails()
    for number in range(3):
        scanned(world, f"m{number}", "block", "G101")
        world.later(DAY)
    world.store.scans.hand_over()
    feeding.feed()
    first = feeding.database.past(began, began + MS).scans
    assert first is not None
    assert (first.first, first.last, [each.count for each in first.counts]) == (began.date(), began.date(), [1, 1])
    midnight = datetime.combine(began.date(), datetime.min.time(), UTC) + DAY
    two = feeding.database.past(began, midnight + DAY).scans
    assert two is not None
    assert (two.last, [each.count for each in two.counts]) == (began.date() + DAY, [2, 2])
    assert feeding.database.prune(began + 2 * DAY, 100) == 6 + 1  # a step of the incident
    assert [each.id for each in feeding.all(SCANS)] == ["m2"]
    assert {each.day for each in feeding.all(SCAN_COUNTS)} == {(began + 2 * DAY).date()}
