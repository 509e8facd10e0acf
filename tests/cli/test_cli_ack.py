import getpass
import json

from guardian.model import TellState
from tests.cli.running import Program
from tests.store.world import World


def test_an_acknowledged_incident_is_not_escalated_and_says_who_and_why(guardian: Program, world: World) -> None:
    id_ = world.alerting()
    world.tell(id_, TellState.ALERT)
    ran = guardian("ack", id_, "--by", "anna", "--comment", "disk is on its way")
    assert ran.code == 0
    assert "acknowledged by anna" in ran.out
    assert world.incident(id_).tell is TellState.TOLD
    assert world.incident(id_).acked_by == "anna"
    assert world.store.story(id_)[-1].text == "by anna: disk is on its way"
    assert "anna took it" in guardian("status").out


def test_without_a_comment_the_story_has_the_name_alone(guardian: Program, world: World) -> None:
    id_ = world.fails()
    guardian("ack", "writer", "--by", "anna")
    assert world.store.story(id_)[-1].text == "by anna"


def test_who_is_the_user_unless_named(guardian: Program, world: World) -> None:
    id_ = world.fails()
    assert guardian("ack", "writer").code == 0
    assert world.incident(id_).acked_by == getpass.getuser()


def test_the_first_one_who_took_it_stays(guardian: Program, world: World) -> None:
    id_ = world.fails()
    guardian("ack", id_, "--by", "anna")
    ran = guardian("ack", id_, "--by", "boris", "--json")
    assert ran.code == 0
    assert json.loads(ran.out) == {"incident": id_, "outcome": "already", "acknowledged_by": "anna"}
    assert world.incident(id_).acked_by == "anna"


def test_one_that_is_over_cannot_be_taken(guardian: Program, world: World) -> None:
    id_ = world.fails()
    world.is_ok()
    ran = guardian("ack", id_)
    assert ran.code == 1
    assert "is over" in ran.out
    assert world.incident(id_).acked_by is None


def test_a_target_means_its_open_incident_only(guardian: Program, world: World) -> None:
    world.fails()
    world.is_ok()
    assert guardian("ack", "writer").code == 2
    new = world.fails()
    assert guardian("ack", "writer").code == 0
    assert world.incident(new).acked_by


def test_a_name_and_a_comment_are_kept_plain_and_bounded(guardian: Program, world: World) -> None:
    id_ = world.fails()
    guardian("ack", id_, "--by", "an\x1b[31mna\n" + "a" * 200, "--comment", "c" * 10_000)
    author = world.incident(id_).acked_by
    assert author is not None
    assert author.startswith("anna a")
    assert len(author) == 100
    assert len(world.store.story(id_)[-1].text) == len(f"by {author}: ") + 500
