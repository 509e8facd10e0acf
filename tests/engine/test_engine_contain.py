"""Containing: a flag that stands for an incident, from its first failing look to its end; whoever dies in between, and
whatever comes twice, it is put once, a person hears of it once, and it is gone when the incident is."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.engine.patrol import patrol
from guardian.engine.rehearsal import first_look
from guardian.engine.sweep import sweep
from guardian.heal import pause_pipeline, throttle_pipeline
from guardian.model import Action, Arming, HealState, Memory, Mode, Reason, Status, TellState, Verdict
from guardian.ports import EVERYTHING, Containment, Flag
from guardian.settings import Model, PositiveDuration
from tests.engine.drive import SWEEP, Drive
from tests.engine.test_engine_death import HURRY, Death, Mortal, Post
from tests.redis_server import RedisServer

QUALITY = "quality"


class Params(Model):
    lasts: PositiveDuration | None = None
    share: float = 0.0


@dataclass
class Results:
    """What the results log says of each agent, and `all`. `news`: more of it came."""

    bad: set[str] = field(default_factory=set)
    news: bool = True
    known: tuple[str, ...] = (EVERYTHING, "writer", "reader")

    def judge(self, sample: set[str], params: Params, memory: Memory, now: datetime) -> Judgement:
        return Judgement([self._verdict(each, each in sample) for each in self.known], memory)

    def _verdict(self, target: str, bad: bool) -> Verdict:
        if bad:
            return Verdict(target, Status.FAIL, "6 fallbacks in a row", news=self.news)
        return Verdict(target, Status.OK, "good results")

    def check(self, remedy: str) -> Check:
        return Check(
            "Quality",
            every=timedelta(seconds=10),
            params=Params,
            probe=lambda _ports, _params, _only=None: set(self.bad),
            judge=self.judge,
            evidence=lambda _sample, _target: TargetEvidence(),
            remedy=remedy,
            order=_order,
        )


def _order(params: Params, target: str) -> Containment:
    scope = EVERYTHING if target == EVERYTHING else f"agent:{target}"
    return Containment(scope, params.share, params.lasts)


@pytest.fixture
def results(drive: Drive) -> Results:
    return set_up(drive)


def set_up(drive: Drive, text: str = "", remedy: str = "pause_pipeline", results: Results | None = None) -> Results:
    results = results or Results()
    drive.configure(
        text,
        checks={QUALITY: results.check(remedy)},
        remedies={"pause_pipeline": pause_pipeline.REMEDY, "throttle_pipeline": throttle_pipeline.REMEDY},
        flags_file=drive.folder / "flags.json",
    )
    at = drive.clock.began - timedelta(days=1)  # the clock of these tests stands before the file's real time
    drive.engine = replace(drive.engine, config=drive.engine.config.model_copy(update={"mode_written_at": at}))
    return results


def standing(drive: Drive) -> Mapping[str, Flag]:
    return {flag.scope: flag for flag in drive.store.flags.standing()}


def mirrored(drive: Drive) -> list[str]:
    return [each["scope"] for each in json.loads((drive.folder / "flags.json").read_text())["flags"]]


def acts(drive: Drive) -> list[str]:
    """What became of flags, as the history has it."""
    held = [json.loads(fields["act"]) for _, fields in drive.store.past.entries(None, 10_000) if "act" in fields]
    return [act["verb"] for act in held if act["verb"] in ("pause", "throttle", "resume")]


def test_it_is_put_at_once_stands_while_it_fails_and_is_gone_with_the_incident(drive: Drive, results: Results) -> None:
    results.bad = {EVERYTHING}
    drive.until(10)
    incident = drive.only()
    assert standing(drive)[EVERYTHING] == Flag(
        EVERYTHING, 0.0, "quality, all: 6 fallbacks in a row", "guardian", drive.clock.now(), None, incident.id
    )
    assert mirrored(drive) == [EVERYTHING]
    assert (incident.action, incident.reason, incident.heal) == (Action.ALERT, Reason.STANDING, HealState.NONE)
    assert [kind for kind, _ in drive.story(incident)] == [
        "seen", "evidence", "decided", "claimed", "contained", "told",
    ]  # fmt: skip
    drive.until(300)
    assert (drive.told, drive.tasks()) == ([("alert", EVERYTHING)], [])
    drive.until(320)
    assert (drive.told, len(drive.tasks())) == ([("alert", EVERYTHING)], 1)
    assert (drive.only().attempt, acts(drive)) == (1, ["pause"])
    results.bad = set()
    drive.until(330)
    assert standing(drive) == {}
    assert mirrored(drive) == []
    assert drive.told[-1] == ("resolved", EVERYTHING)
    assert acts(drive) == ["pause", "resume"]
    assert "all is paused" in drive.log.got[0][1].text
    assert "contained" in drive.log.got[0][1].text


def test_the_mirror_follows_at_once_and_waits_for_no_sweep(drive: Drive, results: Results) -> None:
    results.bad = {EVERYTHING}
    drive.patrol(QUALITY)
    assert mirrored(drive) == [EVERYTHING]


def test_each_agent_has_a_flag_of_its_own(drive: Drive, results: Results) -> None:
    results.bad = {"writer", "reader"}
    drive.until(10)
    assert set(standing(drive)) == {"agent:writer", "agent:reader"}
    results.bad = {"reader"}
    drive.until(20)
    assert set(standing(drive)) == {"agent:reader"}


def test_of_however_many_at_once_each_is_paused_and_no_fleet_is_braked(drive: Drive, results: Results) -> None:
    results.known = tuple(f"a{number}" for number in range(6))
    drive.until(10)
    results.bad = set(results.known)
    drive.until(20)
    assert set(standing(drive)) == {f"agent:{name}" for name in results.known}
    assert {each.key.target for each in drive.open} == set(results.known)


def test_what_a_person_lifted_is_not_put_again_for_that_incident_but_for_the_next(
    drive: Drive, results: Results
) -> None:
    results.bad = {EVERYTHING}
    drive.until(10)
    assert drive.store.flags.lift(EVERYTHING, "ann")
    drive.until(100)
    assert standing(drive) == {}
    assert (drive.only().reason, drive.only().attempt) == (Reason.LIFTED, 1)
    assert drive.told == [("alert", EVERYTHING)]
    results.bad = set()
    drive.until(110)
    results.bad = {EVERYTHING}
    drive.until(120)
    assert standing(drive)[EVERYTHING].incident == drive.open[0].id


def test_what_ran_out_is_put_again_only_when_something_happens_anew(drive: Drive) -> None:
    results = set_up(drive, f'[checks.{QUALITY}]\nlasts = "1m"')
    results.bad, results.news = {EVERYTHING}, True
    drive.until(10)
    results.news = False
    drive.until(60)
    assert set(standing(drive)) == {EVERYTHING}
    drive.until(80)
    assert (standing(drive), mirrored(drive)) == ({}, [])
    assert drive.only().reason is Reason.RAN_OUT
    results.news = True
    drive.until(90)
    assert standing(drive)[EVERYTHING].since == drive.clock.now()
    assert (drive.only().attempt, drive.only().reason) == (2, Reason.STANDING)
    assert drive.told == [("alert", EVERYTHING)]


def test_in_observe_mode_nothing_is_put_and_it_says_what_would_have_been(drive: Drive) -> None:
    results = set_up(drive, 'mode = "observe"')
    results.bad = {EVERYTHING}
    drive.until(10)
    assert (standing(drive), acts(drive)) == ({}, [])
    assert drive.only().reason is Reason.OBSERVING
    assert "would heal by pause_pipeline (failing)" in [step.text.partition("; ")[2] for step in story(drive)]
    [would] = first_look(drive.engine, QUALITY, drive.clock.now()).would
    assert would.remedy == "pause_pipeline"


def story(drive: Drive) -> Any:
    return drive.store.story(drive.only().id)


def test_disarmed_between_deciding_and_acting_nothing_is_put(drive: Drive, results: Results) -> None:
    results.bad = {EVERYTHING}
    steps = patrol(drive.engine, QUALITY).steps
    drive.store.arm(Arming(Mode.OBSERVE, "ann", drive.clock.now()))
    drive.follow(steps)
    assert (standing(drive), drive.only().reason) == ({}, Reason.OBSERVING)


def test_silenced_without_heal_nothing_is_put(drive: Drive, results: Results) -> None:
    drive.silence(seconds=600, no_heal=True)
    results.bad = {EVERYTHING}
    drive.until(30)
    assert (standing(drive), drive.only().reason) == ({}, Reason.SILENCED)


def test_where_a_persons_flag_stands_it_is_left_and_when_that_goes_the_incidents_comes(
    drive: Drive, results: Results
) -> None:
    own = Flag(EVERYTHING, 0.5, "deploy", "ann", drive.clock.now())
    drive.store.flags.put(own)
    results.bad = {EVERYTHING}
    drive.until(30)
    assert standing(drive) == {EVERYTHING: own}
    assert (drive.only().reason, drive.told) == (Reason.STANDING, [("alert", EVERYTHING)])
    drive.store.flags.lift(EVERYTHING, "ann")
    drive.until(40)
    assert standing(drive)[EVERYTHING].incident == drive.only().id


def test_a_lower_share_takes_the_place_of_what_stands_step_by_step(drive: Drive) -> None:
    results = Results({EVERYTHING})
    for share in (0.5, 0.25, 0.5):  # what stands is not eased while it fails
        set_up(drive, f"[checks.{QUALITY}]\nshare = {share}", "throttle_pipeline", results)
        drive.advance(20)
    assert standing(drive)[EVERYTHING].share == 0.25
    assert acts(drive) == ["throttle", "throttle"]
    assert (drive.only().attempt, drive.told) == (2, [("alert", EVERYTHING)])


def test_a_look_that_cannot_see_ends_nothing(drive: Drive, results: Results) -> None:
    results.bad = {EVERYTHING}
    drive.until(10)
    results.known = ()
    check = replace(results.check("pause_pipeline"), judge=lambda *_: Judgement([Verdict("log", Status.UNKNOWN, "?")]))
    drive.engine = replace(drive.engine, checks={QUALITY: check})
    drive.until(60)
    assert set(standing(drive)) == {EVERYTHING}


class Stubborn:
    """guardian.ports.Flags that say yes to each put and keep none."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._drive.store.flags, name)

    def put(self, flag: Flag) -> bool:
        return True


def test_it_is_verified_by_its_flag_and_a_person_hears_at_once_that_it_does_not_stand(
    drive: Drive, results: Results
) -> None:
    drive.engine = replace(drive.engine, ports=replace(drive.engine.ports, flags=Stubborn(drive)))
    results.bad = {EVERYTHING}
    drive.until(10)
    assert (drive.only().reason, drive.only().at_once) == (Reason.HEAL_FAILED, True)
    assert "does not stand" in next(step.text for step in story(drive) if step.kind == "heal failed")
    assert (drive.told, len(drive.tasks())) == ([("alert", EVERYTHING)], 1)


# whoever dies in between


def comes_and_goes(drive: Drive, results: Results) -> None:
    results.bad = {EVERYTHING}
    drive.after = lambda: results.bad.clear() if drive.clock.seconds > 60 else None


def a_person_lifts_it(drive: Drive, results: Results) -> None:
    """As soon as it stands."""
    comes_and_goes(drive, results)
    ends, lifted = drive.after, []

    def after() -> None:
        ends()
        if not lifted and drive.store.flags.lift(EVERYTHING, "ann"):
            lifted.append(drive.clock.seconds)

    drive.after = after


STORIES = {story.__name__: story for story in (comes_and_goes, a_person_lifts_it)}
LONG = 110


def through(drive: Drive, store: Any) -> None:
    ports = replace(drive.engine.ports, flags=store.flags)
    drive.engine = replace(drive.engine, store=store, ports=ports)


def live(drive: Drive, worker: Mortal) -> bool:
    """`worker` does everything until it dies, then another one. Whether it did."""
    died, after = False, drive.after

    def then() -> None:
        after()
        drive.leases_run_out()

    drive.after = then
    through(drive, worker)
    while drive.clock.seconds < LONG:
        try:
            drive.advance(SWEEP)
        except Death:
            died = True
            through(drive, drive.store)
    return died


def assert_held(drive: Drive, when: str, *, by_hand: bool) -> None:
    incident = drive.only()
    steps = [(step.kind, step.text) for step in drive.store.story(incident.id)]
    assert acts(drive) == ["pause", "resume"], (when, steps)
    assert standing(drive) == {}, when
    assert mirrored(drive) == [], when
    assert incident.resolved_at is not None, (when, steps)
    assert incident.tell is TellState.NONE, (when, steps)
    assert sorted(drive.told) == sorted(set(drive.told)), (when, drive.told)
    assert {"alert", "resolved"} <= {step for step, _ in drive.told}, (when, drive.told)
    lifted = [each.by for each in drive.store.flags.lifted()]
    assert lifted == (["ann"] if by_hand else []), (when, lifted)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_dying_after_any_effect_it_is_put_once_told_once_and_gone_at_the_end(
    redis_server: RedisServer, tmp_path: Path, story: Callable[[Drive, Results], None]
) -> None:
    for at in range(1, 1000):
        folder = tmp_path / str(at)
        folder.mkdir()
        drive = Drive(redis_server, folder)
        try:
            drive.raw.flushall()
            results = set_up(drive, HURRY)
            story(drive, results)
            worker = Mortal(drive, at)
            died = live(drive, worker)
            assert_held(drive, f"died after effect {at}: {worker.done[-3:]}", by_hand=story is a_person_lifts_it)
        finally:
            drive.close()
        if not died:
            break
    assert at > 10
    assert {"put", "finish"} <= set(worker.done)
    assert ("tidy" in worker.done) is (story is comes_and_goes)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_messages_that_come_twice_late_never_or_in_any_order_change_nothing(
    drive: Drive, results: Results, story: Callable[[Drive, Results], None], seed: int
) -> None:
    set_up(drive, HURRY, results=results)
    story(drive, results)
    post = Twice(drive, seed)
    while drive.clock.seconds < LONG:
        post.second()
    drive.advance(60)
    assert_held(drive, f"seed {seed}", by_hand=story is a_person_lifts_it)


class Twice(Post):
    """The same for this check, and its sweeps keep the flags."""

    def second(self) -> None:
        drive = self.drive
        drive.clock.forward(1)
        drive.after()
        chance: random.Random = self.chance
        if drive.clock.seconds % 10 == 0:
            for _ in range(chance.choice([1, 2])):
                self.send(patrol(drive.engine, QUALITY).steps)
        if drive.clock.seconds % SWEEP == 0:
            for _ in range(chance.choice([1, 2])):
                self.send(sweep(drive.engine))
                drive.sweep()
        self.deliver(chance.randrange(4))


class DiesAfterPut(Stubborn):
    def put(self, flag: Flag) -> bool:
        assert self._drive.store.flags.put(flag)
        raise Death("put")


def test_a_person_who_lifts_it_before_the_next_worker_takes_over_has_the_last_word(
    drive: Drive, results: Results
) -> None:
    results.bad = {EVERYTHING}
    healthy = drive.engine
    drive.engine = replace(healthy, ports=replace(healthy.ports, flags=DiesAfterPut(drive)))
    with pytest.raises(Death):
        drive.patrol(QUALITY)
    drive.engine = healthy
    assert drive.store.flags.lift(EVERYTHING, "ann")
    drive.after = drive.leases_run_out
    drive.advance(90)
    assert ("taken over", None) in drive.story(drive.only())
    assert (standing(drive), acts(drive)) == ({}, ["pause", "resume"])
    assert drive.only().reason is Reason.LIFTED
