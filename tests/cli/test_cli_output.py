"""Names of strangers, narrow and wide terminals: on a real one, and piped."""

import json
import re
from pathlib import Path

import pytest

from guardian.model import Action, Evidence, Reason
from tests.cli.running import Program, shown_on
from tests.store.world import NODE, World

HOSTILE = "evil\x1b]0;title\x07\x1b[31mred\x1b[2J[red]markup[/red][link=x]\n\u202ertl\x9b1m\x00end"
HARMLESS = "evilred[red]markup[/red][link=x] rtl1mend"
OWN_STYLE = re.compile(r"\x1b\[[0-9;]*m")
BAD = "\x1b[2J\u202eno-such\x07"
LONG = "agent-" + "x" * 120


@pytest.fixture
def hostile(world: World) -> World:
    world.store.signs.beat_ticked(world.now)
    world.store.signs.node_seen(NODE, "check")
    id_ = world.fails(HOSTILE)
    world.decide(id_, Action.ALERT, Reason.OBSERVING, evidence=Evidence(world.now, {HOSTILE: HOSTILE}, [HOSTILE]))
    return world


def dangerous(text: str) -> list[str]:
    """What is left that a terminal obeys, but for colours and line ends. C1 controls and directions are in it."""
    left = OWN_STYLE.sub("", text).replace("\r\n", "\n").replace("\n", "")
    return [character for character in left if not character.isprintable()]


COMMANDS = [
    ("status",),
    ("incidents",),
    ("incidents", "--all"),
    ("explain", HARMLESS),
    ("ack", HARMLESS, "--by", HOSTILE.replace("\0", "")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_hostile_name_is_shown_harmless_when_piped(
    guardian: Program, hostile: World, command: tuple[str, ...]
) -> None:
    ran = guardian(*command)
    assert HARMLESS in ran.out
    assert dangerous(ran.out + ran.err) == []
    assert "\x1b" not in ran.out


@pytest.mark.parametrize("columns", [40, 160])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_hostile_name_is_shown_harmless_on_a_terminal(
    hostile: World, folder: Path, command: tuple[str, ...], columns: int
) -> None:
    _, text = shown_on(folder, columns, command)
    assert dangerous(text) == []
    bare = re.sub(r"\s", "", OWN_STYLE.sub("", text))
    assert HARMLESS.replace(" ", "") in bare


@pytest.mark.parametrize("command", COMMANDS[:4], ids=" ".join)
def test_json_has_the_name_as_it_is_and_only_ascii(guardian: Program, hostile: World, command: tuple[str, ...]) -> None:
    ran = guardian(*command, "--json")
    assert ran.out.isascii()
    assert dangerous(ran.out) == []
    assert _target(json.loads(ran.out)) == HOSTILE


def _target(document: dict[str, object]) -> object:
    found = document.get("incident") or (document.get("incidents") or document.get("open_incidents"))
    held = found[0] if isinstance(found, list) else found
    assert isinstance(held, dict)
    return held["target"]


@pytest.mark.parametrize(
    "command", [("explain", BAD), (BAD,), ("check", "run", BAD), ("status", BAD), ("status", "--config", BAD)]
)
def test_a_hostile_argument_is_harmless_in_the_error(
    guardian: Program, hostile: World, command: tuple[str, ...]
) -> None:
    ran = guardian(*command)
    assert ran.code == 2
    assert "no-such" in ran.err
    assert dangerous(ran.err) == []


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_every_name_and_message_is_whole_at_every_width(world: World, folder: Path, columns: int) -> None:
    world.fails(LONG)
    world.fails("writer")
    _, text = shown_on(folder, columns, ["incidents"])
    lines = OWN_STYLE.sub("", text).splitlines()
    assert all(len(line) <= columns for line in lines)
    assert LONG in re.sub(r"\s", "", "".join(lines))
    assert "…" not in text


def test_a_wide_terminal_has_a_table_and_a_narrow_one_blocks(world: World, folder: Path) -> None:
    world.fails("writer")
    wide = OWN_STYLE.sub("", shown_on(folder, 160, ["incidents"])[1])
    narrow = OWN_STYLE.sub("", shown_on(folder, 40, ["incidents"])[1])
    assert len(wide.splitlines()) == 2
    assert "message" in wide.splitlines()[0]
    assert "\n  message writer is fail" in narrow.replace("\r", "")


def test_piped_columns_are_aligned_and_uncoloured(guardian: Program, world: World) -> None:
    world.fails("writer")
    world.fails("a-longer-name")
    first, *rest = guardian("incidents").out.splitlines()
    at = first.index("CHECK")
    assert [line[at:].startswith("process_health@node-1") for line in rest] == [True, True]
