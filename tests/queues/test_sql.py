"""What is not to happen to a user's database."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from guardian.queues.sql import Query, Rows
from tests.queues import stands

FIVE = timedelta(seconds=5)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    stand = stands.Stand(
        {"a": {"table": "jobs", "url": f"sqlite:///{tmp_path}/none.db"}}, lambda *_: None, lambda _: (), lambda: None
    )
    (found,) = stand.queues().look()
    assert "no file" in str(found.error)
    assert list(tmp_path.iterdir()) == []


def test_a_query_cannot_write_in_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    stands.table(url).put("a", "job", 1.0)
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        Query("q", url, "DELETE FROM jobs RETURNING 1", FIVE).look()
    assert sqlite3.connect(tmp_path / "jobs.db").execute("SELECT count(*) FROM jobs").fetchone() == (1,)


def test_a_query_cannot_write_in_postgresql(postgres_url: str) -> None:
    stand = stands.table(postgres_url, postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    stand.put("a", "job", 1.0)
    writes = "WITH gone AS (DELETE FROM jobs RETURNING 1) SELECT count(*) FROM gone"
    with pytest.raises(sa.exc.SQLAlchemyError, match="read-only"):
        Query("q", postgres_url, writes, FIVE).look()
    assert stand.take("a") == ["job"]


def test_names_and_values_of_the_configuration_are_never_statements(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    stand = stands.table(url)
    stand.put("a", "job", 1.0)
    assert Rows("q", url, "jobs", {"agent": "a' OR '1'='1"}, None, None, FIVE).look().depth == 0


def test_a_row_that_its_worker_took_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between choosing rows and moving them."""
    url = f"sqlite:///{tmp_path}/jobs.db"
    stand = stands.table(url)
    for number in range(3):
        stand.put("a", f"job{number}", float(number))
    build = sa.update

    def taken_first(table: sa.TableClause) -> sa.Update:
        with sqlite3.connect(tmp_path / "jobs.db") as other:
            other.execute("UPDATE jobs SET state = 'doing' WHERE id = 'job2'")
        return build(table)

    monkeypatch.setattr(sa, "update", taken_first)
    assert stand.queues().move("a", "b", 2) == 1
    assert stand.take("b") == ["job1"]
