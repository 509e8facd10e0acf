from datetime import UTC, datetime
from itertools import product

import pytest

from guardian.decide.containment import Contained, contained, covers
from guardian.ports import EVERYTHING, Containment, Flag, Lifted

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def flag(share: float, incident: str | None, scope: str = EVERYTHING) -> Flag:
    return Flag(scope, share, "", "ann", NOW, incident=incident)


@pytest.mark.parametrize(
    ("share", "incident", "scope"), [*product([0.0, 0.5, 0.51], [None, "i", "j"], [EVERYTHING, "agent:a"])]
)
def test_what_leaves_as_little_or_is_a_persons_covers_its_own_scope(
    share: float, incident: str | None, scope: str
) -> None:
    wanted = Containment(share=0.5)
    assert covers(flag(share, incident, scope), wanted) is (
        scope == EVERYTHING and (incident is None or share <= wanted.share)
    )


LIFTED, RAN_OUT = Lifted(flag(0.0, "i"), "eve", NOW), Lifted(flag(0.0, "i"), None, NOW)


@pytest.mark.parametrize(
    ("standing", "ended", "answer"),
    [
        ([], [], Contained.NO),
        ([flag(0.0, "i")], [], Contained.STANDS),
        ([flag(0.0, "j")], [], Contained.STANDS),
        ([flag(0.9, None)], [LIFTED], Contained.STANDS),
        ([flag(0.5, "j")], [], Contained.NO),
        ([], [LIFTED], Contained.LIFTED),
        ([], [RAN_OUT], Contained.RAN_OUT),
        ([], [RAN_OUT, LIFTED], Contained.LIFTED),
        ([], [Lifted(flag(0.0, "j"), "eve", NOW), Lifted(flag(0.0, None), "eve", NOW)], Contained.NO),
        ([], [Lifted(flag(0.0, "i", "agent:a"), "eve", NOW)], Contained.NO),
    ],
)
def test_how_it_stands_for_one_incident(standing: list[Flag], ended: list[Lifted], answer: Contained) -> None:
    assert contained(Containment(), "i", standing, ended) is answer
