import json

import pytest

from tests.cli.running import Program
from tests.store.world import World


@pytest.fixture
def some(world: World) -> World:
    """`reader` was healed, `writer` and `gateway/main` are open."""
    world.verify(world.healed("reader"))
    world.fails("writer")
    world.fails("main", check="gateway")
    return world


def targets(out: str) -> list[str]:
    return [each["target"] for each in json.loads(out)["incidents"]]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ((), ["writer", "main"]),
        (("--closed",), ["reader"]),
        (("--all",), ["writer", "main", "reader"]),
        (("--check", "gate*"), ["main"]),
        (("--target", "*er"), ["writer"]),
        (("--all", "--target", "*er"), ["writer", "reader"]),
        (("--check", "gateway", "--target", "writer"), []),
    ],
)
def test_it_lists_what_is_asked_for(
    guardian: Program, some: World, arguments: tuple[str, ...], shown: list[str]
) -> None:
    ran = guardian("incidents", *arguments, "--json")
    assert ran.code == 0
    assert sorted(targets(ran.out)) == sorted(shown)
    text = guardian("incidents", *arguments).out
    for name in ("writer", "main", "reader"):
        assert (f"  {name}  " in text) == (name in shown)


def test_a_closed_one_says_how_it_ended(guardian: Program, some: World) -> None:
    assert "healed: looks healthy" in guardian("incidents", "--closed").out


def test_that_there_is_none_is_said(guardian: Program, world: World) -> None:
    assert guardian("incidents").out == "no open incidents\n"
    assert guardian("incidents", "--all").out == "no open incidents\nno closed incidents\n"


def test_of_two_patterns_neither_runs_as_code_nor_breaks(guardian: Program, some: World) -> None:
    assert guardian("incidents", "--target", "[").code == 0
