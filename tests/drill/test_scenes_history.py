"""What a host check saw, did and told, by a real beat and real workers, is in the history afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian import registry, services
from guardian.drill.sandbox import guardian
from guardian.drill.scenes.base import Ending, Scene
from guardian.history.values import Past
from guardian.runtime import statedir
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]

SCENES = ("http", "port", "disk", "logs", "budget")
REMEDIES = {"http": "restart_endpoint", "disk": "clean_up_logs", "logs": "rotate_log", "budget": "throttle_pipeline"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short name: sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="ds-", dir="/tmp") as name:
        yield Path(name)


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_in_the_history_with_its_remedy_and_its_end(folder: Path, name: str) -> None:
    scene: Scene = registry.discover("guardian.drill.scenes", "SCENE")[name]
    with scene.stage(folder) as staged, guardian(folder, staged.config):
        wait_for("it has looked", lambda: _looked(folder, scene.check), 60)
        staged.go_wrong()
        wait_for("the history has it, and how it ended", lambda: _is_whole(folder, scene), 120)
        past = _past(folder)
        assert staged.proof()
    heals = {heal.remedy for heal in past.heals if heal.check == scene.check}
    assert heals == ({REMEDIES[name]} if name in REMEDIES else set())


def _looked(folder: Path, check: str) -> bool:
    config = services.load_config(folder / "guardian.toml")
    with closing(services.open_store(config, statedir.redis_url(config, folder / "state"), None)) as store:
        return store.last_look(check, config.node).at is not None


def _is_whole(folder: Path, scene: Scene) -> bool:
    incidents = [each for each in _past(folder).incidents if each.check == scene.check]
    if scene.ending is Ending.MENDED:
        return bool(incidents) and all(each.resolved_at is not None and each.healed for each in incidents)
    return bool(incidents) and all(each.told for each in incidents)


def _past(folder: Path) -> Past:
    history = services.open_history(services.load_config(folder / "guardian.toml"), folder / "state")
    now = datetime.now(UTC)
    return history.read(now - timedelta(hours=1), now + timedelta(minutes=1)) or Past(now, now, None)
