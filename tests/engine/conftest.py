from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.drive import Drive
from tests.redis_server import RedisServer, redis_process, redis_server

__all__ = ["redis_process", "redis_server"]


@pytest.fixture
def drive(redis_server: RedisServer, tmp_path: Path) -> Iterator[Drive]:
    """A Guardian over an empty store, watching an empty world, with everything at its default."""
    driven = Drive(redis_server, tmp_path)
    yield driven
    driven.close()
