import json
from datetime import timedelta

import pytest

from guardian.model import Action, Evidence, Hypothesis, Reason, TellState
from tests.cli.running import Program
from tests.store.world import World

SECRET = "sk-ant-api03-" + "aB3dE5gH7jK9mN1pQ3sT5vX7"


@pytest.fixture
def failed(world: World) -> str:
    """Seen, evidence taken, restarted, still failing, alerted: the whole story."""
    evidence = Evidence(
        world.now,
        {"exit_code": 1, "api_key": SECRET},
        ["UnicodeEncodeError: 'charmap' codec can't encode"],
        Hypothesis("encoding_error", "the codec lacks a character", "set encoding to utf-8"),
    )
    id_ = world.fails()
    world.decide(id_, evidence=evidence)
    world.claim(id_)
    world.finish(id_)
    world.later(timedelta(seconds=12))
    world.verify(id_, "failing")
    world.tell(id_, TellState.ALERT)
    return id_


def test_the_whole_story_is_told_in_order_with_reasons(guardian: Program, failed: str) -> None:
    ran = guardian("explain", failed)
    assert ran.code == 0
    parts = [
        "not healed: still failing after the heal",
        "What is next:",
        "escalation task, unless acknowledged",
        "What happened:",
        "seen: ",
        "evidence: ",
        "decided: heal (reason: failing)",
        "claimed: restart, attempt 1",
        "healed: ",
        "not verified: looks failing (reason: still failing after the heal)",
        "told: alert by log",
        "Likely cause:",
        "the codec lacks a character",
        "What may help:",
        "set encoding to utf-8",
        "exit_code: 1",
        "UnicodeEncodeError",
    ]
    rest = ran.out
    for part in parts:
        _, found, rest = rest.partition(part)
        assert found, f"{part!r} is missing or out of order in {ran.out}"


def test_no_secret_of_the_evidence_is_shown(guardian: Program, failed: str) -> None:
    for arguments in ((failed,), (failed, "--json")):
        ran = guardian("explain", *arguments)
        assert "api_key" in ran.out
        assert SECRET not in ran.out


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        (Reason.OBSERVING, "mode is `observe`"),
        (Reason.BUDGET_USED, "[heal] budget"),
        (Reason.FLAPPING, "[flapping]"),
        (Reason.NO_REMEDY, "nothing that could mend it"),
    ],
)
def test_why_it_was_not_healed_is_one_look(guardian: Program, world: World, reason: Reason, meaning: str) -> None:
    world.decide(world.fails(), Action.ALERT, reason)
    line = next(line for line in guardian("explain", "writer").out.splitlines() if line.startswith("not healed: "))
    assert reason in line
    assert meaning in line


def test_one_that_was_healed_is_not_said_to_be_unhealed(guardian: Program, world: World) -> None:
    id_ = world.healed()
    world.verify(id_)
    ran = guardian("explain", id_)
    assert "not healed" not in ran.out
    assert "resolved " in ran.out
    assert json.loads(guardian("explain", id_, "--json").out)["not_healed_because"] is None


@pytest.mark.parametrize("length", [4, 11, 12])
def test_the_beginning_of_an_id_is_enough_where_only_one_has_it(guardian: Program, world: World, length: int) -> None:
    id_ = world.fails()
    assert id_ in guardian("explain", id_[:length]).out


def test_a_beginning_that_several_have_lists_them(guardian: Program, world: World) -> None:
    ids = [world.fails(f"agent-{number}") for number in range(17)]  # of 17 hexadecimal ids two begin alike
    first = next(id_[0] for id_ in ids if sum(each[0] == id_[0] for each in ids) > 1)
    ran = guardian("explain", first)
    assert (ran.code, ran.out) == (2, "")
    assert f"incidents begin with '{first}'" in ran.err
    assert all(id_ in ran.err for id_ in ids if id_[0] == first)


def test_a_target_means_its_newest_incident(guardian: Program, world: World) -> None:
    older = world.fails()
    world.later(timedelta(seconds=1))
    world.is_ok()
    assert older in guardian("explain", "writer").out
    world.later(timedelta(seconds=1))
    newer = world.fails()
    ran = guardian("explain", "writer")
    assert newer in ran.out
    assert older not in ran.out


@pytest.mark.parametrize(("wanted", "hint"), [("wrter", "Did you mean 'writer'?"), ("rit", "'writer'"), ("zzz", "")])
def test_what_is_not_there_is_a_usage_error_with_the_nearest(
    guardian: Program, world: World, wanted: str, hint: str
) -> None:
    world.fails()
    ran = guardian("explain", wanted)
    assert (ran.code, ran.out) == (2, "")
    assert f"'{wanted}'" in ran.err
    assert hint in ran.err


def test_nothing_and_an_empty_name_find_nothing(guardian: Program, world: World) -> None:
    world.fails()
    assert guardian("explain", "").code == 2
    assert guardian("explain").code == 2


def test_a_cooldown_and_a_silence_are_part_of_what_is_next(guardian: Program, world: World, failed: str) -> None:
    guardian("silence", "add", "wri*", "--for", "2h", "--by", "anna")
    ran = guardian("explain", failed)
    assert "cooling down until " in ran.out
    assert "escalation task, unless acknowledged, silenced by anna" in ran.out
    assert "by anna, heals go on" in ran.out


@pytest.mark.parametrize(("lines", "code"), [("0", 0), ("100", 0), ("101", 2), ("-1", 2)])
def test_how_much_log_is_shown_is_chosen(guardian: Program, world: World, failed: str, lines: str, code: int) -> None:
    ran = guardian("explain", failed, "--log", lines)
    assert ran.code == code
    assert ("UnicodeEncodeError" in ran.out) == (lines == "100")


def test_as_json_the_story_has_stable_names_and_iso_times(guardian: Program, failed: str) -> None:
    held = json.loads(guardian("explain", failed, "--json").out)
    assert set(held) == {
        "incident", "not_healed_because", "cooldown_until", "silenced_until", "evidence", "story",
    }  # fmt: skip
    assert held["incident"]["id"] == failed
    assert held["evidence"]["hypothesis"]["fix_hint"] == "set encoding to utf-8"
    assert [set(step) for step in held["story"]] == [{"at", "kind", "text", "reason"}] * len(held["story"])
    assert held["cooldown_until"].endswith("+00:00")
