"""The containers' health probes, as the engine runs them: a process of its own, and its exit code."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from guardian.engine.overview import ALIVE, live_nodes
from guardian.runtime.health import beat_trouble, worker_trouble
from guardian.store.values import Presence
from tests.redis_server import RedisServer
from tests.store.world import MS, NODE, World

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stopped:
    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def world(redis_server: RedisServer) -> World:
    return World(redis_server.url)


def probe(folder: Path, url: str, *module: str) -> subprocess.CompletedProcess[str]:
    file = folder / "guardian.toml"
    file.write_text(f'node = "{NODE}"\n[redis]\nprefix = "g:"\n')
    return subprocess.run(
        [sys.executable, "-m", *module],
        cwd=folder,
        env={"PYTHONPATH": str(_ROOT), "GUARDIAN_CONFIG": str(file), "GUARDIAN_REDIS_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_worker_is_well_by_its_own_sign_of_life_and_by_no_other(tmp_path: Path, world: World) -> None:
    world.store.signs.node_seen(NODE, "scan")
    assert probe(tmp_path, world.url, "worker.health", "scan").returncode == 0
    world.store.signs.node_seen("elsewhere", "all")
    assert probe(tmp_path, world.url, "worker.health", "all", "elsewhere").returncode == 0
    failed = probe(tmp_path, world.url, "worker.health")
    assert failed.returncode == 1
    assert failed.stderr == f"the all worker of {NODE} was never seen\n"


def test_beat_is_well_when_it_ticks(tmp_path: Path, world: World) -> None:
    failed = probe(tmp_path, world.url, "beat.health")
    assert (failed.returncode, failed.stderr) == (1, "beat was not seen lately\n")
    world.store.signs.beat_ticked(world.store.clock.now())
    assert probe(tmp_path, world.url, "beat.health").returncode == 0


@pytest.mark.parametrize("module", ["worker.health", "beat.health"])
def test_a_store_that_is_away_is_said_in_one_line(tmp_path: Path, module: str) -> None:
    failed = probe(tmp_path, f"unix://{tmp_path}/nothing.sock", module)
    assert failed.returncode == 1
    assert "nothing.sock" in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


def test_silence_up_to_the_limit_is_well_and_from_then_on_not(world: World) -> None:
    world.store.clock = Stopped(world.now)
    for silent, well in ((ALIVE - MS, True), (ALIVE, False)):
        world.store.signs.beat_ticked(world.now - silent)
        assert (beat_trouble(world.store) is None) is well
        world.client.zadd(world.keys.nodes, {f"{NODE} act": int((world.now - silent).timestamp() * 1000)})
        assert (worker_trouble(world.store, NODE, "act") is None) is well


def test_a_node_with_nothing_but_a_scanning_worker_is_sent_no_looks(world: World) -> None:
    seen = world.now - timedelta(seconds=1)
    workers = [Presence("a", "scan", seen), Presence("b", "all", seen), Presence("c", "check", seen - ALIVE)]
    assert live_nodes(workers, world.now) == ["b"]
