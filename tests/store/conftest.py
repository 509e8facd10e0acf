from collections.abc import Iterator

import pytest

from tests.redis_server import RedisServer, redis_process, redis_server
from tests.store.world import World

__all__ = ["redis_process", "redis_server", "world"]


@pytest.fixture
def world(redis_server: RedisServer) -> Iterator[World]:
    made = World(redis_server.url)
    yield made
    made.close()
