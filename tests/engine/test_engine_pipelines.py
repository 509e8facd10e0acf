"""Stalls and stuck tasks from the first look to the end of the incident, on real stores and along the clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from guardian import services
from guardian.decide.stuck import Patience
from guardian.errors import RemedyError
from guardian.heal import roll_back_task
from guardian.model import Action, IncidentState, Reason
from guardian.ports import NoHeartbeats, WorkerSeen
from tests.engine.drive import Drive
from tests.pipelines.benches import Bench, bench_of
from tests.postgres_server import postgres_process, postgres_url

__all__ = ["postgres_process", "postgres_url"]

STALL, STUCK = "pipeline_stall", "stuck_tasks"


class Pipeline:
    """A Guardian over one real store, by the drive's clock."""

    def __init__(self, drive: Drive, bench: Bench, *names: str, text: str = "") -> None:
        self.drive, self.bench = drive, bench
        store = replace(cast("Any", bench.store), now=drive.clock.now)
        drive.stores = [store]
        drive.configure(text, {name: services.checks()[name] for name in names}, services.remedies())

    def put(self, id_: str, age: float = 3600, **more: object) -> None:
        since = self.drive.clock.now().timestamp() - age
        own = {"state": "doing", "kind": "k", "subject": id_, "worker": "w1", "created_at": since, "started_at": since}
        self.bench.put(**{"id": id_, "retry_count": 0, "attempt": 0, **own, **more})

    def state(self, id_: str) -> tuple[object, ...]:
        task = self.bench.get(id_)
        return tuple(task.get(name) for name in ("state", "worker", "retry_count", "attempt"))

    def alive(self, *workers: str, task: str | None = None) -> None:
        """They beat now."""
        seen = {name: WorkerSeen(name, self.drive.clock.now(), task) for name in workers}
        ports = self.drive.engine.ports
        known = {**ports.heartbeats.workers(), **seen}
        self.drive.engine = replace(self.drive.engine, ports=replace(ports, heartbeats=NoHeartbeats(known)))


Make = Callable[..., Pipeline]


@pytest.fixture(params=["renamed", "sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, drive: Drive, tmp_path: Path) -> Make:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    (tmp_path / "store").mkdir()
    return lambda *names, more="", text="": Pipeline(
        drive, bench_of(request.param, tmp_path / "store", url, more), *names, text=text
    )


@pytest.fixture
def files(drive: Drive, tmp_path: Path) -> Make:
    (tmp_path / "store").mkdir()
    return lambda *names, more="", text="": Pipeline(
        drive, bench_of("files", tmp_path / "store", None, more), *names, text=text
    )


def test_a_stalled_task_is_rolled_back_and_verified_within_one_patrol_and_nobody_is_told(make: Make) -> None:
    pipeline = make(STALL)
    drive = pipeline.drive
    pipeline.put("a", age=1795)
    pipeline.put("b", age=60)
    drive.until(10)
    assert pipeline.state("a") == ("assigned", None, 1, 1)
    assert pipeline.state("b") == ("doing", "w1", 0, 0)
    incident = drive.of("main/a")
    assert (incident.state, incident.resolution) == (IncidentState.RESOLVED, "healed: assigned")
    assert [kind for kind, _ in drive.story(incident)] == [
        "seen", "evidence", "decided", "claimed", "healed", "verified", "resolved",
    ]  # fmt: skip
    assert incident.evidence is not None
    assert incident.evidence.facts["worker"] == "w1"
    task = drive.stores[0].find("a")
    assert task is not None
    assert task.not_before == drive.clock.began + timedelta(seconds=40)
    assert task.failed_workers == ("w1",)
    drive.until(60)
    assert drive.told == []


def test_each_roll_back_waits_twice_as_long_and_the_fourth_fails_the_task(files: Make) -> None:
    pipeline = files(STALL)
    waits = []
    for number in range(4):
        began = pipeline.drive.clock.now()
        pipeline.put("a", retry_count=number, attempt=number)
        pipeline.drive.advance(10)
        task = pipeline.drive.stores[0].find("a")
        assert task is not None
        waits.append(task.not_before and (task.not_before - began).total_seconds() - 10)
    assert waits == [30, 60, 120, None]
    assert pipeline.state("a") == ("failed", "w1", 3, 4)
    pipeline.drive.advance(60)
    assert not pipeline.drive.open


def test_a_task_that_its_worker_finishes_in_the_last_moment_is_left_alone(files: Make) -> None:
    pipeline = files(STALL)
    pipeline.put("a")
    store = pipeline.drive.stores[0]
    find = store.find

    def late(task: str) -> Any:
        seen = find(task)
        pipeline.put("a", state="done")
        object.__setattr__(store, "find", find)
        return seen

    object.__setattr__(store, "find", late)
    pipeline.drive.until(10)
    assert pipeline.state("a") == ("done", "w1", 0, 0)
    assert pipeline.drive.of("main/a").state is IncidentState.RESOLVED


def test_many_at_once_are_rolled_back_each_and_told_once_with_what_they_have_in_common(make: Make) -> None:
    pipeline = make(STALL)
    drive = pipeline.drive
    for number in range(6):
        pipeline.put(f"t{number}", subject=str(number), source=f"s{number}")
    drive.until(300)
    assert [pipeline.state(f"t{number}") for number in range(6)] == [("assigned", None, 1, 1)] * 6
    assert drive.told == [("alert", "main")]
    text = drive.log.got[0][1].text
    assert "6 of 6 in doing stand still for over 30m; in common: kind k, worker w1" in text
    assert not drive.open
    assert drive.tasks() == []


def test_a_store_that_is_only_observed_tells_and_changes_nothing(files: Make, tmp_path: Path) -> None:
    pipeline = files(STALL)
    store = cast("Any", pipeline.drive.stores[0])
    params = store.params.model_copy(update={"writers": "in_place"})
    pipeline.drive.stores = [replace(store, params=params)]
    pipeline.drive.configure("", {STALL: services.checks()[STALL]}, services.remedies())
    for number in range(4):
        pipeline.put(f"t{number}")
    pipeline.put("young", age=1)
    pipeline.drive.until(60)
    assert pipeline.drive.of("main").reason is Reason.REMEDY_RULED_OUT
    assert {target for _, target in pipeline.drive.told} == {"main"}
    assert pipeline.state("t0") == ("doing", "w1", 0, 0)


def test_a_live_worker_and_a_kind_with_its_own_limit_are_given_longer(files: Make) -> None:
    pipeline = files(STALL, more='limits = {train = "2h"}')
    pipeline.put("slow", age=3600, kind="train")
    pipeline.put("busy", age=3600, worker="w2")
    pipeline.put("beating", age=3600, worker="w3", heartbeat_at=pipeline.drive.clock.now().timestamp() - 60)
    pipeline.put("dead", age=3600, worker="w4")
    pipeline.alive("w2", task="busy")
    pipeline.drive.until(10)
    states = {name: pipeline.state(name)[0] for name in ("slow", "busy", "beating", "dead")}
    assert states == {"slow": "doing", "busy": "doing", "beating": "doing", "dead": "assigned"}


def test_a_late_roll_back_leaves_what_its_own_limit_gives_longer(files: Make) -> None:
    pipeline = files(STALL, more='limits = {train = "2h"}')
    for name, age in (("slow", 3600), ("too slow", 9600)):
        pipeline.put(name, age=age, kind="train")
    for name in ("slow", "too slow"):
        roll_back_task.act(pipeline.drive.engine.ports, f"main/{name}", Patience(max_age=timedelta(minutes=30)))
    assert (pipeline.state("slow")[0], pipeline.state("too slow")[0]) == ("doing", "assigned")


def test_the_cap_a_duplicate_and_a_ping_pong_are_told_and_end_when_they_are_over(make: Make) -> None:
    pipeline = make(STALL, more="cap = 2")
    drive = pipeline.drive
    for number in range(3):
        pipeline.put(f"t{number}", age=60, subject="same" if number else "other", source="a")
    for number in range(5):
        pipeline.put("t0", age=60, subject="other", source="ab"[number % 2])
        drive.patrol(STALL)
        drive.clock.forward(10)
    day = f"{drive.clock.began:%Y-%m-%d}"
    targets = {"main cap", f"main twice k same {day}", "main ping-pong t0"}
    assert {each.key.target for each in drive.open} == targets
    assert {each.reason for each in drive.open} == {Reason.REMEDY_RULED_OUT}
    assert "between b and a" in drive.of("main ping-pong t0").message
    for number in range(3):
        pipeline.put(f"t{number}", age=60, state="done", subject="same", source="a")
    drive.advance(900)
    assert not drive.open
    assert pipeline.state("t0")[0] == "done"


def test_a_file_that_is_no_json_is_set_aside_after_three_looks_and_a_minute(files: Make, tmp_path: Path) -> None:
    pipeline = files(STALL)
    folder = tmp_path / "store" / "tasks"
    (folder / "bad one.json").write_bytes(b'{"sta')
    (folder / "link.json").symlink_to("/etc/hostname")
    pipeline.put("a", age=60)
    pipeline.drive.until(60)
    assert not pipeline.drive.every
    (folder / "bad one.json").write_bytes(b'{"state": "do')
    pipeline.drive.until(110)
    assert (folder / "bad one.json").exists()
    assert {each.key.target for each in pipeline.drive.every} == {"main damaged link.json"}
    pipeline.drive.until(140)
    assert not (folder / "bad one.json").exists()
    assert (folder / ".guardian" / "set-aside" / "bad one.json").read_bytes() == b'{"state": "do'
    assert pipeline.drive.of("main damaged bad one.json").state is IncidentState.RESOLVED
    assert pipeline.drive.of("main damaged link.json").reason is Reason.REMEDY_RULED_OUT
    assert {target for _, target in pipeline.drive.told} == {"main damaged link.json"}


def test_a_store_that_is_away_is_unknown_and_ends_no_incident(files: Make, tmp_path: Path) -> None:
    pipeline = files(STALL, more="cap = 1")
    pipeline.put("a", age=60)
    pipeline.put("b", age=60)
    pipeline.drive.until(10)
    folder = tmp_path / "store" / "tasks"
    folder.rename(tmp_path / "away")
    assert not pipeline.drive.patrol(STALL).ok
    pipeline.drive.until(60)
    assert {each.key.target: each.reason for each in pipeline.drive.open} == {
        "main cap": Reason.REMEDY_RULED_OUT, "main": Reason.LASTING_UNKNOWN,
    }  # fmt: skip
    (tmp_path / "away").rename(folder)
    (folder / "b.json").unlink()
    pipeline.drive.until(400)
    assert not pipeline.drive.open


def test_a_repair_that_fails_is_told_once_and_tried_again_after_growing_waits(files: Make) -> None:
    pipeline = files(STALL)
    pipeline.put("a")
    store, tries = pipeline.drive.stores[0], list[float]()

    def refuses(*_: object) -> bool:
        tries.append(pipeline.drive.clock.seconds)
        raise RemedyError("the disk is full", done=False)

    object.__setattr__(store, "change", refuses)
    pipeline.drive.until(1000)
    assert tries == [10, 40, 70, 130, 250, 490, 970]
    assert pipeline.drive.told == [("alert", "main/a")]
    assert len(pipeline.drive.tasks()) == 1
    reasons = [reason for kind, reason in pipeline.drive.story(pipeline.drive.only()) if kind == "decided"]
    assert Reason.REPAIR_WAITS in reasons
    object.__delattr__(store, "change")
    pipeline.drive.until(1940)
    assert pipeline.state("a")[0] == "assigned"
    assert pipeline.drive.told[-1] == ("resolved", "main/a")


def test_a_task_over_the_limit_of_its_kind_goes_to_the_one_with_least_to_do(make: Make) -> None:
    pipeline = make(STALL, STUCK, more='limits = {train = "10m"}\nworkers = ["w3"]')
    pipeline.put("a", age=700, kind="train")
    pipeline.put("b", age=60, kind="train", worker="w2")
    pipeline.put("c", age=60, state="done", kind="train", worker="w3")
    pipeline.drive.until(10)
    assert pipeline.state("a") == ("assigned", "w3", 1, 1)
    assert pipeline.state("b") == ("doing", "w2", 0, 0)
    assert pipeline.drive.of("main/a").state is IncidentState.RESOLVED
    assert pipeline.drive.told == []


def test_a_lost_heartbeat_moves_the_task_and_never_to_one_that_failed_it_twice_or_is_lost_too(files: Make) -> None:
    pipeline = files(STUCK, more='workers = ["w2", "w5"]')
    pipeline.alive("w1", "w4", task="a")
    pipeline.put("a", age=0, failed_workers=["w2", "w2", "w5"])
    pipeline.put("other", age=0, worker="w5")
    pipeline.drive.until(300)
    assert pipeline.state("a")[1] == "w1"
    pipeline.drive.until(310)
    assert pipeline.state("a") == ("assigned", "w5", 1, 1)
    assert pipeline.bench.get("a")["failed_workers"] == ["w2", "w2", "w5", "w1"]


def test_when_nobody_is_left_a_person_is_told_and_the_stall_is_not_rolled_back_beside_it(files: Make) -> None:
    pipeline = files(STUCK, STALL, more='limits = {k = "10m"}')
    pipeline.put("a", age=700, failed_workers=["w1"])
    pipeline.drive.until(2400)
    assert pipeline.state("a") == ("doing", "w1", 0, 0)
    assert pipeline.drive.of("main/a", STUCK).reason is Reason.REMEDY_RULED_OUT
    assert pipeline.drive.of("main/a", STALL).reason is Reason.TAKEN_IN
    assert pipeline.drive.told == [("alert", "main/a")]
    assert len(pipeline.drive.tasks()) == 1


def test_a_task_that_was_given_out_often_enough_is_failed(files: Make) -> None:
    pipeline = files(STUCK, more='limits = {k = "10m"}')
    pipeline.put("a", age=700, retry_count=3, attempt=3)
    pipeline.drive.until(10)
    assert pipeline.state("a") == ("failed", "w1", 3, 4)


def test_in_observe_mode_nothing_is_changed(files: Make) -> None:
    pipeline = files(STALL, text='mode = "observe"')
    pipeline.put("a")
    pipeline.drive.until(30)
    assert pipeline.state("a") == ("doing", "w1", 0, 0)
    incident = pipeline.drive.only()
    assert (incident.action, incident.reason) == (Action.ALERT, Reason.OBSERVING)


def test_a_worker_that_dies_after_the_roll_back_has_it_done_once(files: Make) -> None:
    pipeline = files(STALL)
    pipeline.put("a")
    drive, store = pipeline.drive, pipeline.drive.stores[0]
    change = store.change

    def dies(*arguments: Any) -> bool:
        change(*arguments)
        object.__setattr__(store, "change", change)
        raise KeyboardInterrupt

    object.__setattr__(store, "change", dies)
    with pytest.raises(KeyboardInterrupt):
        drive.until(10)
    drive.after = drive.leases_run_out
    drive.until(120)
    assert pipeline.state("a") == ("assigned", None, 1, 1)
    assert drive.of("main/a").state is IncidentState.RESOLVED
