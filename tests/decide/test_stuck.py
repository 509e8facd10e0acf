from datetime import UTC, datetime, timedelta

import pytest

from guardian.decide.duplicates import duplicates
from guardian.decide.pingpong import Flips, advance
from guardian.decide.stuck import Patience, in_common, is_stalled, other_worker, reassigned, rolled_back, stuck
from guardian.ports import PipelineTask, TaskReading, TaskState, WorkerSeen

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def task(id_: str = "a", minutes: float = 0, state: str = "doing", **more: object) -> PipelineTask:
    since = NOW - minutes * MINUTE
    own: dict[str, object] = {"state_since": since, "created_at": since, "worker": "w1", "kind": "k", "subject": "s"}
    return PipelineTask(id_, TaskState(state), "v", **own | more)  # type: ignore[arg-type]


def seen(worker: str, minutes: float, task_id: str | None = None) -> dict[str, WorkerSeen]:
    return {worker: WorkerSeen(worker, NOW - minutes * MINUTE, task_id)}


@pytest.mark.parametrize(
    ("given", "workers", "stalled"),
    [
        (task(minutes=30), {}, False),
        (task(minutes=30.1), {}, True),
        (task(minutes=60, state="assigned"), {}, False),
        (task(minutes=60, state="other"), {}, False),
        (task(minutes=60, doubt="why"), {}, False),
        (task(minutes=60, state_since=None), {}, True),
        (task(minutes=60, state_since=None, created_at=None), {}, False),
        (task(minutes=60, heartbeat_at=NOW - 29 * MINUTE), {}, False),
        (task(minutes=60, heartbeat_at=NOW - 31 * MINUTE), {}, True),
        (task(minutes=60), seen("w1", 1, "a"), False),
        (task(minutes=60), seen("w1", 1, "b"), True),
        (task(minutes=60), seen("w2", 1, "a"), True),
    ],
)
def test_a_task_is_stalled_without_a_sign_of_life(
    given: PipelineTask, workers: dict[str, WorkerSeen], stalled: bool
) -> None:
    assert is_stalled(given, 30 * MINUTE, {}, workers, NOW) is stalled


@pytest.mark.parametrize(
    ("given", "workers", "why"),
    [
        (task(minutes=10, kind="limited"), {}, None),
        (task(minutes=10.1, kind="limited"), {}, "over the limit of its kind"),
        (task(minutes=10.1, kind="limited"), seen("w1", 0, "a"), "over the limit of its kind"),
        (task(minutes=600), {}, None),
        (task(minutes=600), seen("w1", 5), None),
        (task(minutes=600), seen("w1", 5.1), "no heartbeat"),
        (task(minutes=4), seen("w1", 60), None),
        (task(minutes=600, heartbeat_at=NOW - 5.1 * MINUTE), {}, "no heartbeat"),
        (task(minutes=600, heartbeat_at=NOW - 60 * MINUTE), seen("w1", 1), None),
        (task(minutes=600, state="assigned"), seen("w1", 60), None),
        (task(minutes=600, doubt="why"), seen("w1", 60), None),
    ],
)
def test_a_task_is_stuck_over_its_kinds_limit_or_without_a_heartbeat(
    given: PipelineTask, workers: dict[str, WorkerSeen], why: str | None
) -> None:
    reading = TaskReading("main", limits={"limited": 10 * MINUTE})
    assert stuck(given, reading, workers, Patience(), NOW) == why


def test_a_roll_back_clears_the_worker_and_doubles_its_wait_until_the_task_is_failed() -> None:
    first = rolled_back(task(failed_workers=["w0"]), Patience(), NOW)
    assert (first.state, first.worker, first.retries, first.attempt) == ("assigned", None, 1, 1)
    assert (first.not_before, first.failed_workers) == (NOW + timedelta(seconds=30), ["w0", "w1"])
    assert rolled_back(task(retries=2), Patience(), NOW).not_before == NOW + timedelta(seconds=120)
    last = rolled_back(task(retries=3, attempt=7), Patience(), NOW)
    assert (last.state, last.retries, last.attempt, last.not_before) == ("failed", 3, 8, None)
    assert reassigned(task(retries=3), "w2", Patience()).state == "failed"
    assert reassigned(task(retries=2), "w2", Patience()).worker == "w2"


def test_the_other_worker_is_the_one_with_least_to_do_who_is_there_and_has_not_failed_it_twice() -> None:
    mine = task(failed_workers=["w2", "w3"])
    others = [task("b", worker="w3"), task("c", worker="w4", state="assigned"), task("d", worker="w4", state="done")]
    reading = TaskReading("main", [mine, *others], workers=["w2", "w3", "w5"])

    def chosen(given: PipelineTask, workers: dict[str, WorkerSeen] | None = None) -> str | None:
        return other_worker(given, reading, workers or {}, Patience(), NOW)

    assert chosen(mine) == "w2"
    assert chosen(task(failed_workers=["w2", "w2"])) == "w5"
    assert chosen(task(failed_workers=["w2", "w2", "w5", "w5"])) == "w3"
    assert chosen(task(failed_workers=["w2", "w2", "w5", "w5"]), seen("w3", 6)) == "w4"
    assert chosen(task(failed_workers=["w2", "w3", "w4", "w5"] * 2)) is None
    assert chosen(task(failed_workers=["w2", "w3", "w4", "w5"] * 2), seen("w6", 0)) == "w6"


def test_what_all_have_in_common_is_named() -> None:
    assert in_common([task(source="x"), task("b", source="y")]) == "in common: kind k, worker w1"
    assert in_common([task(kind="a"), task(kind="b", worker="w2")]) == "nothing in common"


def test_duplicates_are_open_tasks_of_one_kind_subject_and_day() -> None:
    day = f"{NOW:%Y-%m-%d}"
    tasks = [
        task("a"), task("b", state="done"), task("c", kind="other"), task("d", created_at=NOW - timedelta(days=1)),
        task("e", state="failed"), task("f", subject=None), task("g", subject=None),
        task("h", subject="t", state="done"), task("i", subject="t", state="done"), task("j", created_at=None),
    ]  # fmt: skip
    assert duplicates(tasks) == {f"k s {day}": ["a", "b"]}


def test_two_sources_that_take_turns_are_counted_within_the_window() -> None:
    known: dict[str, Flips] = {}
    for second in range(6):
        known = dict(advance(known, [task(source="ab"[second % 2])], second * 1000, 3000))
    assert known == {"a": Flips("b", "a", [2000, 3000, 4000, 5000])}
    known = dict(advance(known, [task(source="b")], 6000, 3000))
    assert known["a"].times == [3000, 4000, 5000]


def test_a_third_source_or_none_is_no_ping_pong() -> None:
    known = dict(advance({}, [task(source="a")], 0, 9000))
    for number, source in enumerate("bcabc"):
        known = dict(advance(known, [task(source=source)], number, 9000))
    assert len(known["a"].times) == 1
    assert advance({}, [task(source=None)], 0, 9000) == {}


def test_what_is_remembered_of_sources_is_bounded_and_those_that_flip_are_kept() -> None:
    known = advance({}, [task("old", minutes=900, source="a")], 0, 9000)
    known = advance(known, [task("old", minutes=900, source="b")], 1, 9000)
    many = [task(str(number), minutes=number / 100, source="a") for number in range(2000)]
    known = advance(known, [*many, task("old", minutes=900, source="b")], 2, 9000)
    assert len(known) == 500
    assert {"old", "0"} <= set(known)
    for number in range(100):
        known = advance(known, [task("old", source="ab"[number % 2])], number, 9000)
    assert len(known["old"].times) == 20
