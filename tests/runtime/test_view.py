"""The live status of `guardian up`, on a real terminal and drawn by hand."""

import io
import re
import signal
import time
from pathlib import Path

import pytest
from rich.console import Console

from guardian import services
from guardian.config import Config
from guardian.model import Status
from guardian.runtime.view import picture, view
from tests.cli.running import Terminal
from tests.redis_server import RedisServer
from tests.store.world import NODE, World

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z (INFO|WARNING|ERROR) ")


@pytest.fixture
def world(redis_server: RedisServer) -> World:
    return World(redis_server.url)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "guardian.toml"
    file.write_text(f'node = "{NODE}"\n[redis]\nprefix = "g:"\n[checks.process_health]\nenabled = true\n')
    return services.load_config(file)


def drawn(config: Config, world: World, columns: int = 100) -> str:
    console = Console(file=io.StringIO(), width=columns, markup=False, emoji=False, highlight=False)
    with console.capture() as shown:
        console.print(picture(config, world.store, Path("/state")))
    return shown.get()


@pytest.mark.parametrize("columns", [40, 100])
def test_it_shows_the_status_each_check_the_incidents_and_where_the_log_is(
    config: Config, world: World, columns: int
) -> None:
    world.store.signs.beat_ticked(world.now)
    world.store.signs.node_seen(NODE, "check")
    world.look(world.seen(Status.FAIL), status=Status.FAIL, message="1 fail")
    text = drawn(config, world, columns)
    for part in (
        "mode heal",
        "fail\n",
        "process_health",
        "1 open:",
        "writer",
        "workers: node-1",
        "/state/guardian.log",
    ):
        assert part in text
    assert all(len(line) <= columns for line in text.splitlines())


def test_a_hostile_name_is_drawn_harmless(config: Config, world: World) -> None:
    world.fails("evil\x1b[2J[red]\n\u202ex")
    text = drawn(config, world)
    assert "evil[red] x" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(("count", "more"), [(8, False), (9, True)])
def test_only_the_first_incidents_are_drawn_and_the_rest_counted(
    config: Config, world: World, count: int, more: bool
) -> None:
    for number in range(count):
        world.fails(f"agent-{number}")
    text = drawn(config, world)
    assert f"{count} open:" in text
    assert ("and 1 more" in text) == more


def test_a_store_that_is_away_is_said_and_seen_again_when_it_is_back(
    config: Config, world: World, redis_server: RedisServer
) -> None:
    redis_server.kill()
    assert "unknown: the store is away: " in drawn(config, world)
    redis_server.start()
    assert "the store is away" not in drawn(config, world)


@pytest.mark.long
def test_a_store_that_hangs_takes_a_small_part_of_the_parents_time(
    config: Config, world: World, redis_server: RedisServer, tmp_path: Path
) -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with view(config, world.store, tmp_path, console) as show:
        redis_server.hang()
        try:
            began = time.monotonic()
            show()
            slow = time.monotonic() - began
            began = time.monotonic()
            show()
            assert time.monotonic() - began < slow / 10
        finally:
            redis_server.resume()


def test_it_is_drawn_anew_in_place_and_the_cursor_is_back_at_the_end(
    config: Config, world: World, tmp_path: Path
) -> None:
    console = Console(file=io.StringIO(), width=80, height=30, force_terminal=True)
    with view(config, world.store, tmp_path, console) as show:
        show()
        first = console.file.getvalue()  # type: ignore[attr-defined]
        world.fails("writer")
        while "writer" not in console.file.getvalue():  # type: ignore[attr-defined]
            show()
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert HIDE_CURSOR in first
    assert "\x1b[1A" in text[len(first) :]
    assert text.rindex(SHOW_CURSOR) > text.rindex(HIDE_CURSOR)
    assert text.endswith(SHOW_CURSOR)


def test_a_broken_end_gives_the_cursor_back_too(config: Config, world: World, tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)

    def broken() -> None:
        with view(config, world.store, tmp_path, console) as show:
            show()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.rindex(SHOW_CURSOR) > text.rindex(HIDE_CURSOR)


def test_up_on_a_terminal_shows_it_logs_to_the_file_and_leaves_the_terminal_clean(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, 100, "up", "--state", str(tmp_path / "s"))
    try:
        terminal.read_until(r"beat: \d+s ago")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.finish() == 0
    finally:
        terminal.close()
    assert LOG_LINE.search(terminal.text) is None
    assert "Traceback" not in terminal.text
    assert "skipped: there is nothing to look at" in terminal.text
    assert terminal.text.rindex(SHOW_CURSOR) > terminal.text.rindex(HIDE_CURSOR)
    assert LOG_LINE.search((tmp_path / "s" / "guardian.log").read_text())
