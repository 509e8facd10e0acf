"""Death after every single thing that Guardian does, and every message twice, in any order: nothing is lost, nothing
is done or told twice (SPEC 6).

A worker dies by an exception that nothing catches. A call that only reads leaves nothing half done: to die after it is
to die after the effect before. The chain that the worker carried is gone; only the sweep takes it up.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from guardian.engine.patrol import patrol
from guardian.engine.sweep import sweep
from guardian.model import Incident, IncidentState, Stage, Step, TellState
from guardian.store.values import Recorded
from tests.engine.drive import CHECK, PATROL, SWEEP, Drive
from tests.engine.world import Receiver, check
from tests.redis_server import RedisServer

_LINKS = tuple(Stage)


class Death(BaseException):
    """kill -9."""


READS = {
    *("last_look", "facts", "silences", "told", "alert_turns", "incident", "incidents", "story", "holds"),
    *("states", "first", "waiting", "standing", "lifted", "arming", "open_of"),
}
HURRY = """
[worker]
time_limit = 5
[heal]
lease = 6
cooldown = 60
"""
COOLDOWN = 60


@dataclass
class Mortal:
    """A worker whose `at`-th effect is its last: what it writes into the store and orders of the supervisor."""

    drive: Drive
    at: int
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = self.drive.clock
        self.drive.world.after_order = lambda: self.effect("order")

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.drive.store, name)
        if name in ("spool", "flags"):
            return _Part(self, real)
        return self.effective(name, real)

    def effective(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:

        def call(*given: Any, **named: Any) -> Any:
            answer = real(*given, **named)
            nothing = name in READS or answer in ([], 0) or (isinstance(answer, Recorded) and not answer.incidents)
            if not nothing:
                self.effect(name)
            return answer

        return call

    def effect(self, name: str) -> None:
        self.done.append(name)
        if len(self.done) == self.at:
            raise Death(name)


@dataclass
class _Part:
    """What belongs to the worker's store."""

    worker: Mortal
    part: Any

    def __getattr__(self, name: str) -> Any:
        return self.worker.effective(name, getattr(self.part, name))


def holds(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.crash("writer")


def fails_once(drive: Drive) -> None:
    """The first heal does not hold, later ones do."""
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    drive.after = lambda: setattr(drive.world.apps["writer"], "lives", None) if drive.clock.seconds > 40 else None


def never(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")


def breaks(drive: Drive) -> None:
    drive.configure(HURRY + "budget = 1\nbreak_circuit = true")
    never(drive)


def deaf(drive: Drive) -> None:
    """A channel cannot be reached for a while, and a person has to hear of it."""
    hook = Receiver(drive.clock, "hook", down=True)
    drive.receivers.append(hook)
    never(drive)
    drive.after = lambda: setattr(hook, "down", drive.clock.seconds <= 60)


STORIES = {story.__name__: story for story in (holds, fails_once, never, breaks, deaf)}
LONG = 200


def live(drive: Drive, worker: Mortal) -> bool:
    """`worker` does everything until it dies. Whether it did; what is left to do is then done by another one."""
    healthy = drive.store
    lease = drive.after

    def after() -> None:
        lease()
        drive.leases_run_out()

    drive.after = after
    drive.configure_store(worker)
    died = False
    while drive.clock.seconds < LONG:
        try:
            drive.advance(SWEEP)
        except Death:
            died = True
            drive.configure_store(healthy)
            drive.world.after_order = lambda: None
    return died


QUICK = (holds, fails_once)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "story",
    [pytest.param(story, marks=() if story in QUICK else pytest.mark.long) for story in STORIES.values()],
    ids=STORIES,
)
def test_dying_after_any_effect_loses_nothing_and_repeats_nothing(
    redis_server: RedisServer, tmp_path: Any, story: Callable[[Drive], None]
) -> None:
    for at in range(1, 1000):
        folder = tmp_path / str(at)
        folder.mkdir()
        drive = Drive(redis_server, folder)
        drive.raw.flushall()
        drive.configure(HURRY)
        story(drive)
        worker = Mortal(drive, at)
        try:
            died = live(drive, worker)
            assert_held(drive, f"died after effect {at}: {worker.done[-3:]}")
        finally:
            drive.close()
        if not died:
            break
    assert at > 7
    assert not died


def assert_held(drive: Drive, when: str) -> None:
    for incident in drive.every:
        story = drive.store.story(incident.id)
        steps = [(step.kind, step.text) for step in story]
        told = [text for kind, text in steps if kind == "told" and text.endswith(" by log")]
        assert len(told) == len(set(told)), (when, steps)
        assert one_task(drive, incident), (when, steps)
        assert ended(incident), (when, incident.heal, incident.tell, steps)
    for receiver in drive.receivers:
        assert sorted(receiver.told) == sorted(set(drive.told)), (when, receiver.name, receiver.told)
    assert drive.store.spool.waiting() == [], when
    assert len(drive.every) == 1, when
    times = drive.world.times("writer")
    assert all(later - earlier >= COOLDOWN for earlier, later in pairwise(times)), (when, times)
    assert times, when
    assert drive.raw.zcard("t:due") <= 1, when  # at most the next verifying look


def one_task(drive: Drive, incident: Incident) -> bool:
    files = [file for folder in ("", "done") for file in (drive.directory / folder).glob(f"*{incident.id}.task")]
    return len(files) == (1 if incident.task_file else 0)


def ended(incident: Incident) -> bool:
    """It is over and all is told, or a person has it."""
    if incident.state is IncidentState.RESOLVED:
        return incident.tell is TellState.NONE
    return incident.tell is TellState.TOLD and incident.escalated_at is not None


class Post:
    """A broker that delivers each message twice, in any order, late or never; only the sweep is sure."""

    def __init__(self, drive: Drive, seed: int) -> None:
        self.drive = drive
        self.chance = random.Random(seed)
        self.waiting: list[tuple[Stage, Step]] = []

    def send(self, steps: Any) -> None:
        for step in steps:
            self._post(step.stage, step)

    def _post(self, stage: Stage, step: Step) -> None:
        self.waiting += [(stage, step)] * self.chance.choice([0, 1, 2, 2, 2])

    def deliver(self, most: int) -> None:
        for _ in range(min(most, len(self.waiting))):
            stage, step = self.waiting.pop(self.chance.randrange(len(self.waiting)))
            goes_on = self.drive.link(stage, step)
            following = _LINKS[_LINKS.index(stage) + 1 :]
            if goes_on and following:
                self._post(following[0], step)

    def second(self) -> None:
        drive = self.drive
        drive.clock.forward(1)
        drive.after()
        if drive.clock.seconds % PATROL == 0:
            for _ in range(self.chance.choice([1, 2])):
                self.send(patrol(drive.engine, CHECK).steps)
        if drive.clock.seconds % SWEEP == 0:
            for _ in range(self.chance.choice([1, 2])):
                self.send(sweep(drive.engine))
        self.deliver(self.chance.randrange(4))


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 8))])
def test_messages_that_come_twice_late_never_or_in_any_order_change_nothing(
    drive: Drive, story: Callable[[Drive], None], seed: int
) -> None:
    drive.configure(HURRY)
    story(drive)
    post = Post(drive, seed)
    while drive.clock.seconds < LONG:
        post.second()
    while drive.clock.seconds < LONG + 60:
        drive.advance(SWEEP)
    assert_held(drive, f"seed {seed}")


def test_one_look_delivered_twice_counts_once(drive: Drive) -> None:
    never(drive)

    class Slow:
        """Between reading the last look and storing this one, another delivery does the whole."""

        def __init__(self) -> None:
            self.clock = drive.clock

        def __getattr__(self, name: str) -> Any:
            return getattr(drive.store, name)

        def last_look(self, *given: Any) -> Any:
            answer = drive.store.last_look(*given)
            drive.patrol()
            return answer

    done = patrol(drive.through(Slow()), CHECK)
    assert done.steps == []
    assert drive.only().failing_looks == 1
    assert drive.world.times("writer") == [0]


def test_while_one_worker_acts_another_delivery_of_its_message_does_nothing(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.dies_at_once("writer")
    steps = patrol(drive.engine, CHECK).steps
    again = []

    def meanwhile() -> None:
        if len(drive.world.restarted) == 1:
            again.append(drive.link(Stage.HEAL, steps[0]))

    drive.world.after_order = meanwhile
    drive.follow(steps)
    assert again == [False]
    assert drive.world.times("writer") == [0]


def test_while_one_worker_tells_another_delivery_of_its_message_does_nothing(drive: Drive) -> None:
    drive.configure(checks={CHECK: check(remedy=None)})
    holds(drive)
    steps = patrol(drive.engine, CHECK).steps
    again = []

    def meanwhile() -> None:
        if not again:
            again.append(drive.link(Stage.ALERT, steps[0]))

    drive.log.meanwhile = meanwhile
    drive.follow(steps)
    assert again == [False]
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1


def test_a_worker_that_lost_its_lease_before_the_order_does_not_give_it(drive: Drive) -> None:
    drive.world.start("writer")
    drive.clock.forward(15)
    drive.world.crash("writer")

    class Slow:
        """Sleeps through its lease between the claim and the order; another one takes over meanwhile."""

        def __init__(self) -> None:
            self.clock = drive.clock

        def __getattr__(self, name: str) -> Any:
            return getattr(drive.store, name)

        def claim(self, *given: Any) -> Any:
            answer = drive.store.claim(*given)
            drive.clock.forward(70)
            drive.leases_run_out()
            drive.world.dies_at_once("writer")
            drive.follow(sweep(drive.engine))
            return answer

    steps = patrol(drive.engine, CHECK).steps
    drive.link(Stage.HEAL, steps[0], drive.through(Slow()))
    assert drive.world.times("writer") == [85]
