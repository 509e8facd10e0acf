from collections.abc import Iterator
from pathlib import Path

import pytest

from guardian.history.database import Database
from guardian.history.history import file_url
from guardian.history.migrate import migrate
from tests.history.feeding import Feeding
from tests.postgres_server import postgres_process, postgres_url
from tests.redis_server import RedisServer, redis_process, redis_server
from tests.store.world import World

__all__ = ["database", "feeding", "postgres_process", "postgres_url", "redis_process", "redis_server", "url", "world"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is; each test runs on both kinds."""
    if request.param == "sqlite":
        return file_url(str(tmp_path / "a % b.db"))
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def database(url: str) -> Database:
    """With its tables; made here, which spares a process."""
    migrate(url)
    return Database(url)


@pytest.fixture
def world(redis_server: RedisServer) -> Iterator[World]:
    made = World(redis_server.url)
    yield made
    made.close()


@pytest.fixture
def feeding(world: World, database: Database) -> Feeding:
    return Feeding(world, database)
