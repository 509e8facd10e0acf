"""`guardian report`: out of a real history; empty and away it says so."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.history.database import Database
from guardian.history.history import file_url
from guardian.history.tables import HEAD, VERSION_TABLE
from tests.cli.running import Program
from tests.history.feeding import Feeding
from tests.store.world import World

LATER = "2100-01-01"


@pytest.fixture
def fed(world: World, folder: Path) -> World:
    """Two incidents in the history of the state directory: one healed, one open."""
    (folder / ".guardian").mkdir()
    world.verify(world.healed("writer"))
    world.fails("reader")
    Feeding(world, Database(file_url(str(folder / ".guardian" / "history.db")))).feed()
    return world


def test_markdown_tells_of_the_last_seven_days(guardian: Program, fed: World) -> None:
    ran = guardian("report", "--until", LATER)
    assert (ran.code, ran.err) == (0, "")
    assert "- Incidents: 2 opened, 1 ended, 1 of them by a heal that held." in ran.out
    assert "| process_health | 2 | 1 | 0 | 1 |" in ran.out
    assert "| reader@node-1 | process_health |" in ran.out


def test_json_is_one_document(guardian: Program, fed: World) -> None:
    ran = guardian("report", "--json", "--until", LATER)
    found = json.loads(ran.out)
    assert found["schema_version"] == 1
    assert found["incidents"]["opened"] == 2
    assert [each["target"] for each in found["incidents"]["open"]] == ["reader"]


def test_a_span_is_given_as_durations_or_times(guardian: Program, fed: World) -> None:
    yesterday = (fed.now - timedelta(days=1)).date().isoformat()
    found = json.loads(guardian("report", "--json", "--since", "30d", "--until", yesterday).out)
    assert found["until"].startswith(yesterday)
    assert found["incidents"]["opened"] == 0
    assert json.loads(guardian("report", "--json", "--since", yesterday).out)["incidents"]["opened"] == 2


@pytest.mark.parametrize("arguments", [["--since", "soon"], ["--since", "1d", "--until", "2d"], ["--until", ""]])
def test_a_span_that_is_none_is_refused(guardian: Program, fed: World, arguments: list[str]) -> None:
    ran = guardian("report", *arguments)
    assert ran.code == 2
    assert "--" in ran.err


def test_without_a_history_it_says_so_and_makes_none(guardian: Program, folder: Path) -> None:
    ran = guardian("report")
    assert (ran.code, ran.out) == (3, "")
    assert "the history is empty" in ran.err
    assert list(folder.iterdir()) == []


def test_a_database_in_which_guardian_never_kept_anything_is_empty_and_stays_so(
    guardian: Program, folder: Path
) -> None:
    (folder / ".guardian").mkdir()
    file = folder / ".guardian" / "history.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE of_somebody_else (name TEXT)")
    ran = guardian("report")
    assert (ran.code, ran.out) == (3, "")
    assert "the history is empty" in ran.err
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("of_somebody_else",)]


def test_a_history_of_a_newer_guardian_is_left_alone_and_it_says_why(
    guardian: Program, fed: World, folder: Path
) -> None:
    file = folder / ".guardian" / "history.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608  our own name
    ran = guardian("report")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.endswith(
        f"the history cannot be read: its tables are of a newer Guardian: version 9999, this one knows {HEAD}\n"
    )


def test_a_history_that_is_away_or_none_is_unknown(guardian: Program, folder: Path) -> None:
    (folder / "guardian.toml").write_text('[history]\nurl = "postgresql://guardian:hunter2@127.0.0.1:1/guardian"\n')
    ran = guardian("report")
    assert (ran.code, ran.out) == (3, "")
    assert "the history cannot be read" in ran.err
    assert "hunter2" not in ran.err
    (folder / "guardian.toml").write_text('[history]\nurl = "sqlite:///no.db"\n')
    (folder / "no.db").write_text("this is no database, but it is long enough to be taken for one " * 20)
    assert guardian("report").code == 3
