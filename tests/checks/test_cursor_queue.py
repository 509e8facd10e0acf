"""Work queues, judged: limits, age, history, and unevenness with its remedy."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.checks.base import Judgement
from guardian.checks.cursor_queue import CHECK, Balance, Params, judge, probe
from guardian.errors import RemedyError, SourceAbsent
from guardian.heal import balance_queues
from guardian.logs.tail import LogTail
from guardian.model import Memory, Status, Verdict
from guardian.ports import NeverActed, Ports, QueueReading
from guardian.settings import duration_text

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs/checks/cursor_queue.md"
TEN = timedelta(seconds=10)


def params(*names: str, **keys: Any) -> Params:
    queues = {name: {"folder": f"/srv/{name}", "group": "agents"} for name in names or ("a",)}
    return Params.model_validate({"queues": queues, **keys})


def looks(
    depths: Mapping[str, int],
    given: Params,
    memory: Memory | None = None,
    *,
    count: int = 1,
    now: datetime = NOW,
    every: timedelta = TEN,
    **more: Any,
) -> Judgement:
    """The last of so many looks that find the same."""
    judgement = Judgement([], memory or {})
    for number in range(count):
        readings = [QueueReading(name, depth, **{"place": "p", **more}) for name, depth in depths.items()]
        judgement = judge(readings, given, judgement.memory, now + number * every)
    return judgement


def of(judgement: Judgement, target: str = "a") -> Verdict:
    return next(verdict for verdict in judgement.verdicts if verdict.target == target)


@pytest.mark.parametrize(("depth", "status"), [(50, Status.OK), (51, Status.FAIL)])
def test_more_than_the_hard_limit_fails_at_the_first_look(depth: int, status: Status) -> None:
    assert of(looks({"a": depth}, params(max_depth=50))).status is status


def test_a_queues_own_limit_goes_before_that_of_all() -> None:
    given = Params.model_validate({"max_depth": 5, "queues": {"a": {"folder": "/a", "max_depth": 50}}})
    assert of(looks({"a": 50}, given)).status is Status.OK


@pytest.mark.parametrize(("seconds", "status"), [(3600, Status.OK), (3601, Status.FAIL), (-500, Status.OK)])
def test_an_item_that_waits_too_long_fails(seconds: int, status: Status) -> None:
    found = of(looks({"a": 3}, params(max_age="1h"), oldest=NOW - timedelta(seconds=seconds)))
    assert found.status is status


def test_far_above_its_history_fails_and_says_how_much_is_known() -> None:
    given = params()
    day = looks({"a": 4}, given, count=2 * 1440, every=timedelta(minutes=1))
    later = NOW + timedelta(days=2)
    assert of(looks({"a": 900}, given, day.memory, count=3, now=later)).status is Status.OK
    found = of(looks({"a": 900}, given, day.memory, count=30, now=later))
    assert found.status is Status.FAIL
    assert "far above its own history" in found.message
    assert "by 2.0 days" in found.message
    assert found.ruled_out is not None


def test_before_a_day_is_known_it_says_so() -> None:
    assert of(looks({"a": 900}, params(), count=40)).message == "900 waiting, history 0 of 48 half hours"


def test_it_says_how_long_until_it_is_empty() -> None:
    judgement, given = Judgement([], {}), params()
    for number in range(31):
        judgement = looks({"a": 1000 - 10 * number}, given, judgement.memory, now=NOW + number * TEN)
    assert "empty in 11m" in of(judgement).message
    assert of(judgement).facts["drained_per_minute"] == pytest.approx(60, abs=1)


def test_the_deepest_of_an_uneven_group_fails_and_can_be_healed() -> None:
    given = params("a", "b", "c")
    assert of(looks({"a": 90, "b": 5, "c": 40}, given, count=5)).status is Status.OK
    judgement = looks({"a": 90, "b": 5, "c": 40}, given, count=6)
    assert [(each.target, each.status) for each in judgement.verdicts] == [
        ("a", Status.FAIL), ("b", Status.OK), ("c", Status.OK)
    ]  # fmt: skip
    assert of(judgement).ruled_out is None
    assert "b of its group has 5" in of(judgement).message
    assert of(looks({"a": 45, "b": 50, "c": 40}, given, judgement.memory, now=NOW + 6 * TEN)).status is Status.OK


def test_one_look_at_which_it_is_even_begins_the_minute_anew() -> None:
    given = params("a", "b")
    before = looks({"a": 30, "b": 28}, given, looks({"a": 90, "b": 0}, given, count=5).memory, now=NOW + 5 * TEN)
    assert of(looks({"a": 90, "b": 0}, given, before.memory, count=5, now=NOW + 6 * TEN)).status is Status.OK


@pytest.mark.parametrize("places", [(None, None), ("x", "y"), ("x", None)])
def test_without_a_move_in_one_step_no_heal_is_tried(places: tuple[str | None, str | None]) -> None:
    judgement, given = Judgement([], {}), params("a", "b")
    for number in range(6):
        readings = [QueueReading("a", 90, place=places[0]), QueueReading("b", 0, place=places[1])]
        judgement = judge(readings, given, judgement.memory, NOW + number * TEN)
    assert of(judgement).status is Status.FAIL
    assert of(judgement).ruled_out == "items cannot be moved between them in one step"


def test_what_cannot_be_looked_at_is_unknown_and_its_history_stays() -> None:
    given = params("a", "b")
    before = looks({"a": 3, "b": 3}, given, count=5)
    judgement = judge([QueueReading("a", error="it hangs"), QueueReading("b", 3)], given, before.memory, NOW + 9 * TEN)
    assert (of(judgement).status, of(judgement).message) == (Status.UNKNOWN, "could not look: it hangs")
    assert judgement.memory["queues"]["a"] == before.memory["queues"]["a"]


def test_a_queue_that_is_configured_no_more_is_forgotten() -> None:
    before = looks({"a": 3, "b": 3}, params("a", "b"))
    assert looks({"a": 3}, params("a"), before.memory).memory["queues"].keys() == {"a"}


def test_a_memory_of_another_version_is_forgotten() -> None:
    assert of(looks({"a": 3}, params(), {"queues": {"a": {"other": 1}}})).status is Status.OK


def test_without_queues_there_is_nothing_to_look_at() -> None:
    with pytest.raises(SourceAbsent):
        probe(Ports("n", [], NeverActed(), LogTail()), Params())


# The remedy


class Queues:
    """Two that can hand each other items, and one that cannot."""

    def __init__(self, **depths: int) -> None:
        self.depths = depths
        self.moves: list[tuple[str, str, int]] = []
        self.error: RemedyError | None = None

    def look(self, only: Any = None) -> Sequence[QueueReading]:
        named = {name: depth for name, depth in self.depths.items() if only is None or name in only}
        return [QueueReading(name, depth, place=None if name == "mq" else "p") for name, depth in named.items()]

    def move(self, source: str, to: str, most: int) -> int:
        if self.error and self.moves:
            raise self.error
        self.moves.append((source, to, most))
        self.depths[source] -= most
        self.depths[to] += most
        return most

    @property
    def ports(self) -> Ports:
        return Ports("n", [], NeverActed(), LogTail(), queues=self)


def heal(queues: Queues, names: Sequence[str] = ("a", "b", "c"), most: int = 100) -> Any:
    return balance_queues.bind(Balance(names, 3.0, 20, most)).act(queues.ports, "a")


def test_it_moves_until_the_group_is_even_and_does_nothing_a_second_time() -> None:
    queues = Queues(a=90, b=0, c=0)
    assert heal(queues).changed
    assert queues.depths == {"a": 30, "b": 30, "c": 30}
    assert not heal(queues).changed
    assert len(queues.moves) == 2


def test_it_looks_again_and_leaves_alone_what_is_even_by_now() -> None:
    queues = Queues(a=40, b=30, c=35)
    assert heal(queues).text == "the group is even again"
    assert queues.moves == []


def test_it_moves_at_most_so_many() -> None:
    queues = Queues(a=900, b=0)
    heal(queues, most=7)
    assert queues.depths == {"a": 893, "b": 7}


def test_it_leaves_a_queue_of_another_place_alone() -> None:
    queues = Queues(a=90, b=0, mq=0)
    heal(queues, ("a", "b", "mq"))
    assert queues.depths == {"a": 45, "b": 45, "mq": 0}


@pytest.mark.parametrize("queues", [Queues(b=1, c=90), Queues(mq=90, b=0)], ids=["gone", "no move"])
def test_what_cannot_be_moved_is_not_done(queues: Queues) -> None:
    with pytest.raises(RemedyError) as caught:
        balance_queues.bind(Balance(("mq", "b"), 3.0, 20, 9)).act(queues.ports, "mq")
    assert caught.value.done is False


def test_when_the_second_move_fails_the_first_is_said_to_be_done() -> None:
    queues = Queues(a=90, b=0, c=0)
    queues.error = RemedyError("away", done=False)
    with pytest.raises(RemedyError, match=r"30 of the newest from a to b; then away") as caught:
        heal(queues)
    assert caught.value.done is True


def test_the_order_names_the_group() -> None:
    given = Params.model_validate(
        {"queues": {"a": {"folder": "/a", "group": "x"}, "b": {"folder": "/b", "group": "x"}, "c": {"folder": "/c"}}}
    )
    assert CHECK.order is not None
    assert CHECK.order(given, "a") == Balance(["a", "b"], 3.0, 20, 200)
    assert CHECK.order(given, "c") is None


# The section


@pytest.mark.parametrize(
    ("queue", "reason"),
    [
        ({}, "exactly one of"),
        ({"folder": "/a", "redis_list": "x", "url": "redis://h"}, "exactly one of"),
        ({"redis_list": "x"}, "has no address"),
        ({"redis_list": "x", "url": "amqp://h"}, "redis://"),
        ({"table": "jobs; DROP TABLE x", "url": "sqlite:///x"}, "a table's name"),
        ({"table": "jobs", "where": {"a b": 1}, "url": "sqlite:///x"}, "a column's name"),
        ({"query": "DELETE FROM x", "url": "sqlite:///x"}, "must be one SELECT"),
        ({"query": "SELECT 1; DELETE FROM x", "url": "sqlite:///x"}, "must be one SELECT"),
        ({"celery_queue": "x", "url": "nonsense"}, "must begin with its kind"),
    ],
)
def test_a_queue_that_cannot_be_is_refused(queue: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        Params.model_validate({"queues": {"a": queue}})


def test_the_page_has_every_key_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", DOCS.read_text("utf-8"), re.MULTILINE))
    rows = {name: default for name, default in rows.items() if name in Params.model_fields}
    defaults = Params()
    told = {name: getattr(defaults, name) for name in Params.model_fields}
    assert rows == {name: "not set" if value is None else shown(value) for name, value in told.items()}


def shown(value: object) -> str:
    return duration_text(value) if isinstance(value, timedelta) else str(value)
