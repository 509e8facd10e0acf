import json
from datetime import timedelta

import pytest

from guardian.engine.engine import silenced
from tests.cli.running import Program
from tests.store.world import World


def test_a_silence_covers_what_matches_for_as_long_as_it_says(guardian: Program, world: World) -> None:
    world.fails("writer")
    world.fails("reader")
    before = world.store.clock.now()
    ran = guardian("silence", "add", "wri*", "--for", "2h", "--by", "anna", "--comment", "moving")
    after = world.store.clock.now()
    assert ran.code == 0
    assert "it covers 1 open incident\n" in ran.out
    [held] = world.store.silences(after)
    assert before + timedelta(hours=2) - timedelta(milliseconds=1) <= held.until <= after + timedelta(hours=2)
    assert (held.target, held.check, held.node, held.author, held.comment, held.no_heal) == (
        "wri*", "*", "*", "anna", "moving", False,
    )  # fmt: skip
    covered = [each.key.target for each in world.store.open_incidents() if silenced(each.key, [held])]
    assert covered == ["writer"]


def test_check_node_and_heals_narrow_and_widen_it(guardian: Program, world: World) -> None:
    guardian("silence", "add", "*", "--for", "90", "--check", "gateway", "--node", "node-2", "--no-heal")
    [held] = world.store.silences(world.store.clock.now())
    assert (held.check, held.node, held.no_heal) == ("gateway", "node-2", True)
    assert "no telling, no heals of *, check gateway, node node-2" in guardian("silence", "list").out


@pytest.mark.parametrize("length", ["0", "0s", "-1h", "soon", "", "11 years"])
def test_a_length_that_is_none_is_refused(guardian: Program, world: World, length: str) -> None:
    ran = guardian("silence", "add", "x", "--for", length)
    assert ran.code == 2
    assert "--for" in ran.err
    assert world.store.silences(world.now) == []


def test_it_needs_a_length(guardian: Program, world: World) -> None:
    assert guardian("silence", "add", "x").code == 2


def test_the_list_begins_with_the_one_that_ends_first(guardian: Program, world: World) -> None:
    assert guardian("silence", "list").out == "no silences\n"
    for target, length in (("late", "2h"), ("soon", "1h")):
        guardian("silence", "add", target, "--for", length)
    held = json.loads(guardian("silence", "list", "--json").out)["silences"]
    assert [each["target"] for each in held] == ["soon", "late"]
    assert held[0]["until"].endswith("+00:00")


def test_the_beginning_of_its_id_removes_it_and_only_it(guardian: Program, world: World) -> None:
    ids = {
        target: json.loads(guardian("silence", "add", target, "--for", "1h", "--json").out)["id"]
        for target in ("one", "two")
    }
    length = next(n for n in range(1, 9) if not ids["two"].startswith(ids["one"][:n]))
    assert guardian("silence", "remove", ids["one"][:length]).code == 0
    assert [each.target for each in world.store.silences(world.now)] == ["two"]


@pytest.mark.parametrize("id_", ["", "zzz"])
def test_one_that_is_not_there_is_a_usage_error(guardian: Program, world: World, id_: str) -> None:
    guardian("silence", "add", "x", "--for", "1h")
    assert guardian("silence", "remove", id_).code == 2
    assert len(world.store.silences(world.now)) == 1
