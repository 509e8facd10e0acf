"""`guardian pause`, `throttle`, `resume` and `flags`."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.ports import EVERYTHING, Flag
from tests.cli.running import Program
from tests.store.world import World

MILLISECOND = timedelta(milliseconds=1)


def test_a_pause_stands_for_as_long_as_it_says_and_says_by_whom_and_why(guardian: Program, world: World) -> None:
    before = world.store.clock.now()
    ran = guardian("pause", "--for", "2h", "--by", "ann", "--reason", "moving the data base")
    after = world.store.clock.now()
    assert (ran.code, ran.err) == (0, "")
    [held] = world.store.flags.standing()
    assert (held.scope, held.share, held.author, held.reason, held.incident) == (
        EVERYTHING, 0.0, "ann", "moving the data base", None,
    )  # fmt: skip
    assert held.until is not None
    assert before + timedelta(hours=2) - MILLISECOND <= held.until <= after + timedelta(hours=2)
    assert ran.out == f"all is paused until {held.until:%Y-%m-%d %H:%M:%SZ}, by ann: moving the data base\n"


@pytest.mark.parametrize(
    ("arguments", "scope"), [(("--agent", "writer"), "agent:writer"), (("--kind", "report"), "kind:report")]
)
def test_a_throttle_is_for_one_agent_or_one_kind_until_it_is_lifted(
    guardian: Program, world: World, arguments: tuple[str, str], scope: str
) -> None:
    assert guardian("throttle", "0.25", *arguments).code == 0
    [held] = world.store.flags.standing()
    assert (held.scope, held.share, held.until) == (scope, 0.25, None)
    assert guardian("resume").code == 1  # of all, which is another scope
    ran = guardian("resume", *arguments, "--by", "eve")
    assert (ran.code, ran.out) == (0, f"{scope} goes on\n")
    assert [each.by for each in world.store.flags.lifted()] == ["eve"]


@pytest.mark.parametrize("share", ["0", "1", "-1", "nan", "much", ""])
def test_a_share_that_is_none_is_refused(guardian: Program, world: World, share: str) -> None:
    ran = guardian("throttle", "--", share)
    assert (ran.code, "more than 0" in ran.err) == (2, True)
    assert world.store.flags.standing() == []


@pytest.mark.parametrize("arguments", [("--agent", "a", "--kind", "b"), ("--agent", ""), ("--for", "0s")])
def test_what_means_nothing_is_refused(guardian: Program, world: World, arguments: tuple[str, ...]) -> None:
    assert guardian("pause", *arguments).code == 2
    assert world.store.flags.standing() == []


def test_resume_says_what_still_stands(guardian: Program, world: World) -> None:
    guardian("pause", "--by", "ann")
    guardian("pause", "--agent", "writer", "--by", "ann")
    assert guardian("resume").out == "all goes on\nstill: agent:writer is paused until it is lifted, by ann\n"
    known = json.loads(guardian("resume", "--json").out)
    assert (known["lifted"], [each["scope"] for each in known["standing"]]) == (False, ["agent:writer"])


def test_the_list_and_the_status_show_what_stands(guardian: Program, world: World) -> None:
    assert guardian("flags").out == "nothing is paused or throttled\n"
    assert "flags:" not in guardian("status").out
    incident = world.fails()
    put = Flag("kind:report", 0.5, "six in a row", "guardian", world.now, world.now + timedelta(days=2), incident)
    world.store.flags.put(put)
    assert "throttled to 0.5" in guardian("flags").out
    wanted = {
        "scope": "kind:report",
        "share": 0.5,
        "reason": "six in a row",
        "by": "guardian",
        "since": put.since.isoformat(),
        "until": put.until.isoformat() if put.until else None,
        "incident": incident,
    }
    assert json.loads(guardian("flags", "--json").out) == {"flags": [wanted]}
    assert json.loads(guardian("status", "--json").out)["flags"] == [wanted]
    assert f"by guardian for incident {incident}: six in a row" in guardian("status").out


def test_the_file_of_this_node_follows_at_once(guardian: Program, world: World, folder: Path) -> None:
    file = folder / ".guardian" / "flags.json"
    guardian("pause")
    assert not file.parent.exists()  # nothing is made where no Guardian is
    file.parent.mkdir()
    for arguments, scopes in ((("pause", "--agent", "a"), ["agent:a", "all"]), (("resume",), ["agent:a"])):
        assert guardian(*arguments).code == 0
        assert [each["scope"] for each in json.loads(file.read_text())["flags"]] == scopes


def test_a_file_that_cannot_be_written_is_said_and_the_flag_stands(
    guardian: Program, world: World, folder: Path
) -> None:
    (folder / ".guardian" / "flags.json").mkdir(parents=True)
    ran = guardian("pause")
    assert (ran.code, "flags.json cannot be written" in ran.err) == (0, True)
    assert len(world.store.flags.standing()) == 1


def test_without_a_store_it_is_unknown(guardian: Program, folder: Path) -> None:
    (folder / "guardian.toml").write_text('[redis]\nurl = "unix:///nowhere"\n')
    for command in ("pause", "resume", "flags"):
        assert guardian(command).code == 3
