from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server import RedisServer, redis_process, redis_server
from tests.store.world import World

__all__ = ["redis_process", "redis_server", "state", "world"]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory of a Guardian that does not run; nothing else says where one is."""
    for name in ("GUARDIAN_REDIS_URL", "GUARDIAN_REDIS_PREFIX", "GUARDIAN_RESULTS_LOG", "GUARDIAN_COSTS_LOG"):
        monkeypatch.delenv(name, raising=False)
    made = tmp_path / "state"
    made.mkdir()
    return made


@pytest.fixture
def world(redis_server: RedisServer, state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A Guardian's store on a real server, which clients reach."""
    monkeypatch.setenv("GUARDIAN_REDIS_URL", redis_server.url)
    monkeypatch.setenv("GUARDIAN_REDIS_PREFIX", "g:")
    made = World(redis_server.url)
    yield made
    made.close()
