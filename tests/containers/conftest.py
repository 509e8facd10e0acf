"""One engine for all container tests of a session, one stack for a module."""

from collections.abc import Iterator

import pytest

from tests.containers.engine import Engine, running_engine
from tests.containers.stack import USER, Stack, running_stack
from tests.real_pm2 import running_pm2


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with running_engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def stack(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Guardian in containers, for a PM2 outside that belongs to a plain user."""
    with running_pm2(user=USER) as pm2, running_stack(engine, pm2, tmp_path_factory.mktemp("compose")) as stack:
        yield stack
