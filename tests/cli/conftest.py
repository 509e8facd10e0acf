from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Program
from tests.real_pm2 import pm2_home
from tests.redis_server import RedisServer, redis_process, redis_server
from tests.store.world import NODE, World

__all__ = ["folder", "guardian", "pm2_home", "redis_process", "redis_server", "world"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands run; nothing there, and nothing in the environment."""
    for name in ("GUARDIAN_CONFIG", "GUARDIAN_REDIS_URL", "GUARDIAN_HISTORY_URL", "GUARDIAN_ALERT_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def guardian(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(monkeypatch, capsys)


@pytest.fixture
def world(redis_server: RedisServer, folder: Path) -> Iterator[World]:
    """A store on a real server, which the configuration in the folder names. process_health is on."""
    (folder / "guardian.toml").write_text(
        f'node = "{NODE}"\n[redis]\nurl = "unix://{redis_server.socket}"\nprefix = "g:"\n'
        "[checks.process_health]\nenabled = true\n[supervisors.supervisord]\nenabled = false\n"
    )
    made = World(redis_server.url)
    yield made
    made.close()
