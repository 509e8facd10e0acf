import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doctor.installed import OUTSIDE, Alive, Installed
from tests.real_pm2 import RealPm2, pm2_home, running_pm2
from tests.redis_server import RedisServer

__all__ = ["pm2_home"]


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """One of this test alone, so that its settings may be changed."""
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        made = RedisServer(Path(folder))
        made.start()
        yield made
        made.kill()


@pytest.fixture
def alive(server: RedisServer) -> Iterator[Alive]:
    """Signs of life on that server."""
    made = Alive(server)
    yield made
    made.store.close()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """In a folder that every user may look into."""
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="gd-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        monkeypatch.chdir(folder)
        monkeypatch.setenv("HOME", name)
        monkeypatch.setattr("guardian.supervisors.supervisord.USUAL", (f"{name}/supervisor.sock",))
        yield Installed(folder)


@pytest.fixture(scope="module")
def shared_pm2() -> Iterator[RealPm2]:
    """For tests that leave it as it is."""
    with running_pm2() as pm2:
        pm2.start("api")
        yield pm2
