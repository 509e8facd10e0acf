"""What a command imports decides how soon it answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from guardian.history.database import Database
from guardian.history.history import file_url
from tests.history.feeding import Feeding
from tests.redis_server import RedisServer
from tests.store.world import World

SLOW = {"apprise", "celery", "kombu", "sqlalchemy", "requests"}
_IMPORTED = """
import json, sys
sys.argv = ["guardian", *sys.argv[1:]]
from guardian.cli.main import main
try:
    main()
finally:
    json.dump(sorted({name.partition(".")[0] for name in sys.modules}), sys.stderr)
"""


def imported(folder: Path, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, 1, 3), done.stderr
    assert done.stdout
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "command",
    ["--help", "--version", "version", "config check", "check list", "status", "incidents", "explain writer",
     "ack writer", "silence list", "silence add x --for 1h", "check run process_health", "doctor", "disarm",
     "flags", "pause --for 1h", "init --config other.toml", "status --help", "up --help"],
)  # fmt: skip
def test_neither_celery_nor_sqlalchemy_nor_requests_is_imported(world: World, folder: Path, command: str) -> None:
    world.fails()
    asks = {"requests"} if command.startswith("init") else set()  # whatever listens here and may be a web address
    assert imported(folder, *command.split()) & (SLOW - asks) == set()


@pytest.mark.parametrize("command", ["--help", "--version", "status --help", "nothing"])
def test_help_needs_no_library_but_click(folder: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED, *command.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    names = set(json.loads(done.stderr.splitlines()[-1]))
    assert "click" in names
    assert names & {*SLOW, "redis", "pydantic", "rich", "psutil", "asyncio"} == set()


def test_only_the_report_loads_sqlalchemy_and_never_celery(world: World, folder: Path) -> None:
    world.fails()
    (folder / ".guardian").mkdir()
    Feeding(world, Database(file_url(str(folder / ".guardian" / "history.db")))).feed()
    names = imported(folder, "report", "--since", "30d")
    assert "sqlalchemy" in names
    assert names & {"celery", "kombu", "requests", "alembic"} == set()


def test_what_up_loads_before_it_forks_has_no_sqlalchemy(folder: Path) -> None:
    code = """
import sys
from pathlib import Path
from guardian import services
from guardian.runtime.up import preload
preload(services.load_config(None), "redis://127.0.0.1:1", Path("state").absolute())
print("celery" in sys.modules, "sqlalchemy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_what_is_piped_needs_no_rich(world: World, folder: Path, redis_server: RedisServer) -> None:
    world.fails()
    assert "rich" not in imported(folder, "status")


_WATCHED = """
import json, sys, threading
from datetime import UTC, datetime
from pathlib import Path
from guardian import services
from guardian.runtime.watch import Wall
import guardian.cli.watch, guardian.runtime.journal, guardian.runtime.statedir
config = services.load_config(Path("guardian.toml"))
watch = services.watch(config, config.redis.url.get_secret_value(), Wall(), known=(), remember=print)
assert watch.step(datetime.now(UTC)).whole
json.dump(sorted({name.partition(".")[0] for name in sys.modules}), sys.stdout)
"""


def test_the_watch_needs_no_celery(world: World, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) & {*SLOW, "rich"} == set()
