"""What every kind of queue keeps, on real folders, a real Redis-protocol server, SQLite and PostgreSQL."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardian.errors import RemedyError
from guardian.ports import QueueReading
from guardian.queues.watched import Watched
from tests.queues import stands
from tests.queues.stands import AT, Stand
from tests.redis_server import RedisServer

KINDS = ("folder", "redis_list", "sqlite", "postgresql", "query", "celery")


@pytest.fixture(params=KINDS)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Stand:
    match request.param:
        case "folder":
            return stands.folder(tmp_path)
        case "redis_list":
            return stands.redis_list(request.getfixturevalue("redis_server"))
        case "celery":
            return stands.celery(request.getfixturevalue("redis_server"))
        case "postgresql":
            url = request.getfixturevalue("postgres_url")
            return stands.table(url, url.replace("postgresql://", "postgresql+psycopg://"))
        case "query":
            return stands.query(f"sqlite:///{tmp_path}/jobs.db")
    return stands.table(f"sqlite:///{tmp_path}/jobs.db")


@pytest.fixture
def filled(stand: Stand) -> Stand:
    """Five in `a`, none in `b`."""
    for number in range(5):
        stand.put("a", f"job{number}", AT + number)
    return stand


def look(queues: Watched) -> dict[str, QueueReading]:
    return {reading.queue: reading for reading in queues.look()}


def test_it_says_how_many_wait_and_since_when_the_oldest(filled: Stand) -> None:
    found = look(filled.queues())
    assert [(found[name].depth, found[name].error) for name in "ab"] == [(5, None), (0, None)]
    assert found["a"].oldest == (datetime.fromtimestamp(AT, UTC) if filled.has_age else None)
    assert found["b"].oldest is None


def test_a_look_takes_nothing_out(filled: Stand) -> None:
    before = filled.take("a"), filled.take("b")
    for _ in range(3):
        look(filled.queues())
    assert (filled.take("a"), filled.take("b")) == before
    assert len(before[0]) == 5


def test_only_those_asked_for_are_looked_at(filled: Stand) -> None:
    assert [reading.queue for reading in filled.queues().look(["b"])] == ["b"]


def test_what_cannot_be_read_says_why_and_is_no_zero(filled: Stand) -> None:
    filled.break_it()
    found = look(filled.queues())
    assert found["a"].error


def test_the_newest_are_moved_and_the_oldest_stay(filled: Stand) -> None:
    queues = filled.queues()
    if not filled.moves:
        assert look(queues)["a"].place is None
        with pytest.raises(RemedyError) as caught:
            queues.move("a", "b", 2)
        assert caught.value.done is False
        return
    assert look(queues)["a"].place == look(queues)["b"].place is not None
    assert queues.move("a", "b", 2) == 2
    assert list(filled.take("a")) == ["job0", "job1", "job2"]
    assert sorted(filled.take("b")) == ["job3", "job4"]


def test_no_more_are_moved_than_there_are(filled: Stand) -> None:
    if filled.moves:
        assert filled.queues().move("a", "b", 100) == 5
        assert filled.queues().move("a", "b", 100) == 0
        assert sorted(filled.take("b")) == [f"job{number}" for number in range(5)]


def test_a_server_that_hangs_is_unknown_in_time_and_keeps_nobody_waiting(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    hung, well = stands.redis_list(redis_server), stands.folder(tmp_path)
    settings = {
        "hung": hung.settings["a"],
        "celery": stands.celery(redis_server).settings["a"],
        "ok": well.settings["a"],
    }
    queues = Stand(settings, well.put, well.take, well.break_it).queues(answer=0.5)
    assert [reading.error for reading in queues.look()] == [None] * 3
    redis_server.hang()
    try:
        for _ in range(2):
            found = look(queues)
            assert found["hung"].error
            assert found["celery"].error
            assert found["ok"].error is None
    finally:
        redis_server.resume()
