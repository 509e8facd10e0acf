"""May one more task start: the cap by the last reading and what was let start since, and no work twice a day."""

import threading
from datetime import timedelta
from typing import Any

from guardian.store.starts import FRESH, Start
from tests.store.world import World


def ask(world: World, id_: str, **given: Any) -> Start:
    return world.store.starts.ask(id_, **{"kind": None, "subject": None, **given})


def read(world: World, doing: int, cap: int | None = 6, name: str = "tasks", age: timedelta = timedelta()) -> None:
    world.store.starts.pipeline_read(name, doing, cap)
    if age:
        at = int((world.store.clock.now() - age).timestamp() * 1000)
        world.client.hset(world.keys.pipelines, name, f'{{"at":{at},"doing":{doing},"cap":{cap}}}')


def test_up_to_the_cap_and_no_further_though_the_reading_does_not_know_yet(world: World) -> None:
    read(world, doing=4)
    assert [ask(world, str(number)).answer for number in range(4)] == ["yes", "yes", "cap", "cap"]
    last = ask(world, "x")
    assert (last.pipeline, last.doing, last.started, last.cap, last.known) == ("tasks", 4, 2, 6, True)


def test_who_asks_again_for_the_same_task_is_not_counted_twice(world: World) -> None:
    read(world, doing=5)
    assert [ask(world, "t").answer for _ in range(3)] == ["yes"] * 3
    assert ask(world, "u").answer == "cap"


def test_a_new_reading_counts_what_started_before_it(world: World) -> None:
    read(world, doing=5)
    assert ask(world, "a").answer == "yes"
    before = int(world.store.clock.now().timestamp() * 1000) - 5_001  # so long before the next reading
    world.client.zadd(f"{world.keys.prefix}starts:tasks", {"a": before})
    read(world, doing=5)
    assert ask(world, "b").answer == "yes"


def test_what_started_just_before_a_reading_is_still_counted(world: World) -> None:
    read(world, doing=5)
    assert ask(world, "a").answer == "yes"
    read(world, doing=5)
    assert ask(world, "b").answer == "cap"


def test_an_old_reading_and_none_say_nothing(world: World) -> None:
    assert ask(world, "a") == Start("yes", known=False)
    read(world, doing=6, age=FRESH + timedelta(seconds=1))
    assert not ask(world, "b").known
    read(world, doing=6, age=FRESH - timedelta(seconds=10))
    assert ask(world, "c").answer == "cap"


def test_of_several_pipelines_the_one_that_is_named_counts(world: World) -> None:
    read(world, doing=6, name="full")
    read(world, doing=0, name="empty")
    assert (ask(world, "a").known, ask(world, "a").answer) == (False, "yes")
    assert ask(world, "b", pipeline="full").answer == "cap"
    assert ask(world, "c", pipeline="empty").answer == "yes"
    read(world, doing=6, name="full", age=timedelta(minutes=5))
    assert ask(world, "d").pipeline == "empty"


def test_a_throttle_leaves_its_share_of_the_cap_and_one_at_least(world: World) -> None:
    read(world, doing=2)
    assert ask(world, "a", pace=0.5).answer == "yes"
    assert ask(world, "b", pace=0.5).answer == "cap"
    read(world, doing=0, name="idle")
    assert ask(world, "c", pace=0.01, pipeline="idle").answer == "yes"
    assert ask(world, "d", pace=0.01, pipeline="idle").answer == "cap"


def test_without_a_cap_there_is_none(world: World) -> None:
    read(world, doing=1000, cap=None)
    assert ask(world, "a").answer == "yes"


def test_the_same_kind_and_subject_start_once_a_day(world: World) -> None:
    work = {"kind": "report", "subject": "acme"}
    assert ask(world, "a", **work).answer == "yes"
    assert ask(world, "a", **work).answer == "yes"  # it is the same task
    again = ask(world, "b", **work)
    assert (again.answer, again.by) == ("duplicate", "a")
    for other in ({"kind": "mail", "subject": "acme"}, {"kind": "report", "subject": "x"}, {"kind": "report"}):
        assert ask(world, "b", **other).answer == "yes"
    [key] = [each for each in world.client.scan_iter("g:begun:*") if world.client.get(each) == "a"]
    assert 0 < world.client.pttl(key) <= 2 * 86_400_000


def test_what_was_withdrawn_is_free_again_but_only_for_who_held_it(world: World) -> None:
    read(world, doing=5)
    work = {"kind": "report", "subject": "acme"}
    assert ask(world, "a", **work).answer == "yes"
    world.store.starts.withdraw("b", pipeline="tasks", **work)
    assert ask(world, "b", **work).answer == "cap"
    read(world, doing=0)
    assert ask(world, "b", **work).answer == "duplicate"
    read(world, doing=5)
    world.store.starts.withdraw("a", pipeline="tasks", **work)
    assert ask(world, "b", **work).answer == "yes"


def test_a_no_at_the_cap_does_not_take_the_work(world: World) -> None:
    read(world, doing=6)
    assert ask(world, "a", kind="report", subject="acme").answer == "cap"
    read(world, doing=0)
    assert ask(world, "b", kind="report", subject="acme").answer == "yes"


def test_of_many_that_ask_at_once_no_more_than_the_cap_get_a_yes(world: World) -> None:
    read(world, doing=0)
    answers: list[str] = []

    def orchestrator(number: int) -> None:
        store = world.another()
        answers.extend(store.starts.ask(f"{number}.{n}", kind=None, subject=None).answer for n in range(5))

    threads = [threading.Thread(target=orchestrator, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(answers), answers.count("yes")) == (40, 6)
