"""May one more task start, and who lives: asked of a real store, of the mirror, and of nobody."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian import client
from guardian.engine.flags import mirror
from guardian.ports import EVERYTHING, Flag
from tests.store.world import World

MINUTE = timedelta(minutes=1)


def put(world: World, scope: str = EVERYTHING, share: float = 0.0, **more: Any) -> Flag:
    flag = Flag(scope, share, "deploy", "ann", world.now, **more)
    assert world.store.flags.put(flag)
    return flag


def test_where_nothing_speaks_against_it_the_answer_is_yes_at_full_pace(world: World) -> None:
    world.store.starts.pipeline_read("tasks", 0, 6)
    answer = client.may_start_task(agent="writer", kind="report", subject="acme")
    assert (bool(answer), answer.reason, answer.pace, answer.certain) == (True, "nothing speaks against it", 1.0, True)
    assert answer.cause == "free"
    assert answer.task


@pytest.mark.parametrize(
    ("scope", "concerned"),
    [(EVERYTHING, True), ("agent:writer", True), ("kind:report", True), ("agent:reader", False), ("kind:mail", False)],
)
def test_a_pause_is_a_no_for_whom_it_is_about(world: World, scope: str, concerned: bool) -> None:
    put(world, scope)
    answer = client.may_start_task(agent="writer", kind="report")
    assert bool(answer) is not concerned
    assert (answer.reason == f"paused, {scope} by ann: deploy") is concerned
    assert (answer.cause == "paused") is concerned


def test_a_pause_whose_time_is_over_is_none(world: World) -> None:
    put(world, until=world.now - MINUTE)
    assert client.may_start_task()


def test_a_throttle_says_the_pace_that_is_left(world: World) -> None:
    put(world, share=0.5)
    put(world, "agent:writer", share=0.25)
    assert (client.may_start_task(agent="writer").pace, client.may_start_task(agent="reader").pace) == (0.25, 0.5)
    assert "throttled to 0.25, agent:writer by ann" in client.may_start_task(agent="writer").reason


def test_over_the_cap_and_twice_a_day_it_is_no_and_withdrawn_it_is_free_again(world: World) -> None:
    world.store.starts.pipeline_read("tasks", 5, 6)
    first = client.may_start_task(kind="report", subject="acme")
    assert first
    full = client.may_start_task(kind="mail", subject="acme")
    assert (bool(full), full.cause, full.reason) == (
        False, "full", "tasks is full: 5 in doing and 1 let start since, its cap is 6",
    )  # fmt: skip
    assert client.withdraw(first)
    assert client.may_start_task(kind="report", subject="acme", task="t1")
    world.store.starts.pipeline_read("tasks", 0, 6)
    again = client.may_start_task(kind="report", subject="acme")
    assert (bool(again), again.cause) == (False, "duplicate")
    assert again.reason == "the same kind and subject was begun today already, as t1"
    assert client.may_start_task(kind="report", subject="acme", task="t1")
    assert not client.withdraw(again)


def test_the_name_of_an_agent_is_cut_as_the_command_cuts_it(world: World) -> None:
    put(world, f"agent:{'x' * 100}")
    assert client.may_start_task(agent="x" * 100 + "y").pace == 1.0  # another name
    assert not client.may_start_task(agent="x" * 100)


def test_a_heartbeat_is_there_for_the_checks(world: World) -> None:
    assert client.heartbeat("w1", "t1")
    assert client.heartbeat("w2")
    found = world.store.heartbeats.workers()
    assert {name: seen.task for name, seen in found.items()} == {"w1": "t1", "w2": None}
    assert not client.heartbeat("")


def test_a_connection_that_was_ended_meanwhile_is_made_anew(world: World) -> None:
    assert client.heartbeat("w1")
    world.client.client_kill_filter(_type="normal", skipme=True)
    assert client.may_start_task().certain


# Guardian is away


@pytest.fixture(params=["nothing", "refuses", "hangs", "broken"])
def away(request: pytest.FixtureRequest, state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state directory of a Guardian that cannot be asked, in one of the ways that there are."""
    monkeypatch.setattr("guardian.client.connection._STORE_ANSWER", 0.3)
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "hangs":
            listener.listen()
        url = f"redis://127.0.0.1:{listener.getsockname()[1]}"
        text = json.dumps({"url": url, "prefix": "g:", "flags": str(state / "flags.json"), "node": "n"})
        if request.param != "nothing":
            (state / "client.json").write_text("{" if request.param == "broken" else text)
        yield state


def test_without_guardian_the_default_is_the_answer_and_nothing_raises(away: Path) -> None:
    yes, no = client.may_start_task(state=away), client.may_start_task(state=away, default=False)
    assert yes.cause == no.cause == "away"
    assert ((bool(yes), yes.certain), (bool(no), no.certain)) == ((True, False), (False, False))
    assert "Guardian cannot be asked, so it is the default" in yes.reason
    assert client.heartbeat("w1", state=away) is False
    assert client.withdraw(yes, state=away) is False


def mirrored(state: Path, *flags: Flag, age: timedelta = timedelta()) -> None:
    class Held:
        def standing(self) -> list[Flag]:
            return list(flags)

        def now(self) -> datetime:
            return datetime.now(UTC) - age

    assert mirror(Held(), state / "flags.json", Held(), MINUTE) is None  # type: ignore[arg-type]


def flag(share: float = 0.0, scope: str = EVERYTHING, until: timedelta | None = None) -> Flag:
    now = datetime.now(UTC)
    return Flag(scope, share, "deploy", "ann", now, now + until if until else None)


def test_while_the_store_is_away_a_pause_in_the_mirror_is_a_no(state: Path) -> None:
    mirrored(state, flag(), flag(0.5, "agent:writer"))
    answer = client.may_start_task(agent="writer", state=state, default=True)
    assert (bool(answer), answer.certain, answer.reason) == (False, False, "paused, all by ann: deploy")


def test_a_throttle_in_the_mirror_is_the_pace(state: Path) -> None:
    mirrored(state, flag(0.5))
    assert client.may_start_task(state=state).pace == 0.5


@pytest.mark.parametrize("seconds", [-1, 3600])
def test_what_is_over_in_the_mirror_is_none_by_the_clock_here(state: Path, seconds: int) -> None:
    mirrored(state, flag(until=timedelta(seconds=seconds)))
    assert bool(client.may_start_task(state=state)) is (seconds < 0)


def test_a_mirror_that_is_old_or_broken_says_nothing(state: Path) -> None:
    mirrored(state, flag(), age=timedelta(minutes=2))
    assert not client.may_start_task(state=state)
    mirrored(state, flag(), age=timedelta(minutes=3, seconds=1))
    assert client.may_start_task(state=state)
    for broken in ("", "{", "[]", "{}", '{"stale_after": "x"}', '{"stale_after": "2999-01-01T00:00:00+00:00"}'):
        (state / "flags.json").write_text(broken)
        assert client.may_start_task(state=state)


def test_the_mirror_is_where_the_announcement_says(state: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    mirrored(elsewhere, flag())
    announced = {"url": "unix:///nowhere", "prefix": "g:", "flags": str(elsewhere / "flags.json"), "node": "n"}
    (state / "client.json").write_text(json.dumps(announced))
    assert not client.may_start_task(state=state)


def test_importing_the_client_loads_nothing_but_itself() -> None:
    code = "import sys, guardian.client; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("guardian")} == {"guardian", "guardian.client"}
    assert loaded & {"redis", "celery", "pydantic", "json", "inspect", "asyncio"} == set()


def test_what_it_offers_is_there_and_nothing_else_is() -> None:
    assert set(client.__all__) <= set(dir(client))
    assert all(getattr(client, name) is not None for name in client.__all__)
    with pytest.raises(AttributeError, match="may_end_task"):
        client.may_end_task  # noqa: B018


@pytest.mark.parametrize(
    ("call", "redis"),
    [
        ("client.TaskFolder('.').claim('w')", False),
        ("client.report_cost('m', cost=1, log='c.jsonl')", False),
        ("client.may_start_task()", False),  # nothing says where a store is
        ("client.may_start_task(state='there')", True),
    ],
)
def test_redis_is_loaded_only_where_it_is_asked(state: Path, tmp_path: Path, call: str, redis: bool) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "client.json").write_text('{"url": "unix:///nowhere", "prefix": "g:"}')
    code = f"import sys\nfrom guardian import client\n{call}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert ("redis" in loaded) is redis
    assert loaded & {"celery", "kombu", "pydantic", "sqlalchemy"} == set()
