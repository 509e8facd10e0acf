"""Random lives of incidents, with stale and duplicate calls, dead workers and time that goes on: what always holds.

Two checks look at targets of the same names, so that they share a target's cooldown. A worker that dies is a lease of
no length: it is over at once by the server's clock.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from guardian.model import Action, HealState, Incident, IncidentState, Reason, Status, TellState
from guardian.store.values import ClaimOutcome, Look, Seen
from tests.redis_server import RedisServer
from tests.store.world import CHECK, MS, TERMS, World

CHECKS = (CHECK, "gateway")
TARGETS = ("writer", "reader")
BUDGET = 3
LIVE = replace(TERMS, budget=BUDGET, cooldown=timedelta(minutes=5), window=timedelta(minutes=30))
DEAD = replace(LIVE, lease=timedelta(0))
HEALS = {HealState.PLANNED, HealState.ACTING, HealState.VERIFYING}
TELLS = {TellState.ALERT, TellState.ESCALATE, TellState.RESOLVED, TellState.CLOSE}
STEPS = (TellState.ALERT, TellState.ESCALATE, TellState.RESOLVED, TellState.CLOSE)

checks = st.sampled_from(CHECKS)
targets = st.sampled_from(TARGETS)
picks = st.integers(0, 999)
seldom = st.integers(0, 9).map(lambda n: n == 7)
waits = st.sampled_from(
    [MS, timedelta(seconds=10), timedelta(minutes=1), LIVE.cooldown - MS, LIVE.cooldown, LIVE.window, LIVE.window - MS]
)


def heals(*states: HealState) -> Callable[["Lives"], bool]:
    return lambda machine: any(each.heal in states for each in machine.known)


def telling(machine: "Lives") -> bool:
    return any(each.tell in TELLS for each in machine.known)


@dataclass
class Target:
    """What the machine knows of the cures of one target: the model beside the store."""

    fence: int = 0
    token: str = "never"  # noqa: S105
    began: list[datetime] = field(default_factory=list)
    attempt: tuple[str, int] | None = None
    cool_until: datetime | None = None
    takeovers: int = 0


class Lives(RuleBasedStateMachine):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.world = World(url)
        self.world.client.flushdb()
        self.ids: list[str] = []
        self.known: list[Incident] = []
        self.old: list[Incident] = []
        self.looks: list[Look] = []
        self.tokens: list[str] = ["never"]
        self.models: dict[str, Target] = defaultdict(Target)
        self.told: dict[tuple[str, TellState], int] = defaultdict(int)

    def teardown(self) -> None:
        self.world.close()

    # looks

    @initialize()
    def first_look(self) -> None:
        self.look(CHECK, (Status.FAIL, Status.OK), lasting=False)

    @rule(
        check=checks,
        statuses=st.tuples(*[st.sampled_from([Status.FAIL, Status.FAIL, *Status])] * 2),
        lasting=st.booleans(),
    )
    def look(self, check: str, statuses: tuple[Status, Status], lasting: bool) -> None:
        look = self.world.look_value(
            *(self._seen(*each, check, lasting) for each in zip(statuses, TARGETS, strict=True))
        )
        self._record(replace(look, check=check, version=self.world.store.last_look(check, look.node).version))

    @rule(check=checks, name=targets)
    def fail(self, check: str, name: str) -> None:
        self._record(self.world.look_value(self._seen(Status.FAIL, name, check, False), check=check))

    @rule(check=checks, name=targets)
    def go(self, check: str, name: str) -> None:
        self._record(self.world.look_value(check=check, gone={name: "gone"}))

    @rule(pick=picks)
    def deliver_again(self, pick: int) -> None:
        assert not self.world.store.record(self.looks[pick % len(self.looks)]).won

    def _seen(self, status: Status, target: str, check: str, lasting: bool) -> Seen:
        opens = status is Status.FAIL or (status is Status.UNKNOWN and lasting)
        return self.world.seen(status, target, check=check, opens=opens)

    def _record(self, look: Look) -> None:
        recorded = self.world.store.record(look)
        assert recorded.won
        self.ids += recorded.opened
        self.looks.append(look)

    # one attempt

    @precondition(heals(HealState.NONE))
    @rule(pick=picks, action=st.sampled_from([Action.HEAL, Action.HEAL, Action.ALERT, *Action]), at_once=st.booleans())
    def decide(self, pick: int, action: Action, at_once: bool) -> None:
        self._decide(self._incident(pick, HealState.NONE), action, list(Reason)[pick % 3], at_once=at_once)

    def _decide(self, known: Incident, action: Action, reason: Reason, *, at_once: bool = False) -> None:
        self.old.append(known)
        fresh = known.state is IncidentState.OPEN and known.heal is HealState.NONE
        answer = self.world.decide(known, action, reason, at_once=at_once)
        assert (answer.outcome == "stale") == (not fresh)
        assert answer.attempt == known.attempt + (answer.outcome == "heal")

    @rule(pick=picks)
    def decide_on_old_knowledge(self, pick: int) -> None:
        if not self.old:
            return
        known = self.old[pick % len(self.old)]
        now = self.world.incident(known.id)
        if (now.state, now.attempt) != (known.state, known.attempt):
            assert self.world.decide(known).outcome == "stale"

    @precondition(heals(HealState.PLANNED, HealState.ACTING))
    @rule(pick=picks, dies=st.booleans(), stale=seldom)
    def claim(self, pick: int, dies: bool, stale: bool) -> None:
        self._claim(self._incident(pick, HealState.PLANNED, HealState.ACTING), dies=dies, stale=stale)

    def _claim(self, known: Incident, *, dies: bool, stale: bool = False) -> None:
        token, terms, attempt = f"token-{len(self.tokens)}", DEAD if dies else LIVE, known.attempt - stale
        claim = self.world.claim(known.id, token, terms, attempt=attempt)
        model = self.models[known.key.target]
        if claim.outcome in (ClaimOutcome.GRANTED, ClaimOutcome.TAKEOVER):
            assert not stale
            assert claim.fence > model.fence
            model.fence, model.token = claim.fence, token
            self.tokens.append(token)
        if claim.outcome is ClaimOutcome.GRANTED:
            self._granted(model, known)
        elif claim.outcome is ClaimOutcome.TAKEOVER:
            model.takeovers += 1
            assert model.attempt == (known.id, attempt)
            assert (claim.claimed_at, model.takeovers <= LIVE.takeovers) == (model.began[-1], True)

    def _granted(self, model: Target, known: Incident) -> None:
        now = self.world.now
        assert model.cool_until is None or model.cool_until <= now, "granted within the cooldown"
        model.began.append(now)
        assert sum(at > now - LIVE.window for at in model.began) <= BUDGET
        model.attempt, model.takeovers, model.cool_until = (known.id, known.attempt), 0, now + LIVE.cooldown

    @precondition(heals(HealState.ACTING))
    @rule(pick=picks, which=picks, stale=seldom, outcome=st.sampled_from(["done", "done", "failed", "broken"]))
    def finish(self, pick: int, which: int, stale: bool, outcome: str) -> None:
        known = self._incident(pick, HealState.ACTING)
        self._finish(known, self.tokens[which % len(self.tokens)] if stale else None, outcome)

    def _finish(self, known: Incident, token: str | None, outcome: str) -> None:
        token = token or self.models[known.key.target].token
        if self.world.finish(known.id, token, outcome, cooldown=LIVE.cooldown):
            model = self.models[known.key.target]
            assert model.attempt == (known.id, known.attempt)
            assert token != "never"  # noqa: S105
            model.cool_until = self.world.now + LIVE.cooldown
            assert not self.world.finish(known.id, token, outcome, attempt=known.attempt)

    @precondition(heals(HealState.PLANNED))
    @rule(pick=picks, tell=st.booleans(), stale=seldom)
    def refuse(self, pick: int, tell: bool, stale: bool) -> None:
        known = self._incident(pick, HealState.PLANNED)
        planned = known.heal in (HealState.PLANNED, HealState.ACTING) and not stale
        attempt = known.attempt - stale
        answer = self.world.store.refuse(known.id, attempt, self.world.now, Reason.COOLDOWN, tell=tell)
        assert answer == (planned and known.state is IncidentState.OPEN)

    @precondition(heals(HealState.VERIFYING))
    @rule(pick=picks, stale=seldom, outcome=st.sampled_from(["healthy", "healthy", "failing", "unknown"]))
    def verify(self, pick: int, stale: bool, outcome: str) -> None:
        self._verify(self._incident(pick, HealState.VERIFYING), outcome, stale=stale)

    def _verify(self, known: Incident, outcome: str, *, stale: bool = False) -> None:
        answer = self.world.verify(known.id, outcome, attempt=known.attempt - stale, unknowns=2)
        assert (answer == "stale") == (stale or known.heal is not HealState.VERIFYING)
        over = TellState.RESOLVED if answer == "good end" else TellState.NONE
        assert answer not in ("resolved", "good end") or self.world.incident(known.id).tell is over
        if answer in ("resolved", "good end"):
            self.models[known.key.target].cool_until = None

    @rule(pick=picks, steps=st.integers(1, 5), dies=seldom, outcome=st.sampled_from(["healthy", "failing", "unknown"]))
    def work(self, pick: int, steps: int, dies: bool, outcome: str) -> None:
        """What comes next for one incident, step by step, as good workers would do it: the way deep into a life."""
        id_ = self._incident(pick, *HealState).id
        for _ in range(steps):
            known = self.world.incident(id_)
            match known.heal:
                case HealState.NONE:
                    self._decide(known, Action.HEAL, Reason.FAILING)
                case HealState.PLANNED:
                    self._claim(known, dies=dies)
                case HealState.ACTING:
                    self._finish(known, None, "done")
                case HealState.VERIFYING:
                    self._verify(known, outcome)

    # telling

    @precondition(telling)
    @rule(
        pick=picks,
        step=st.sampled_from(STEPS),
        fits=st.booleans(),
        ending=st.sampled_from(["done", "die", "later", "hold"]),
    )
    def tell(self, pick: int, step: TellState, fits: bool, ending: str) -> None:
        known, world = self._telling(pick), self.world
        step = known.tell if fits and known.tell in TELLS else step
        went = world.tell_claim(known.id, step) == "go"
        assert not went or (known.tell is step and known.tell_due is not None and known.tell_due <= world.now)
        if not went or ending == "die":
            return
        if ending == "done":
            self.told[known.id, step] += 1
            world.store.mark_told(known.id, step, "log", world.now)
            world.tell_done(known.id, step, "x.task" if step is TellState.ESCALATE and pick % 2 else "")
        elif ending == "later":
            world.store.postpone_telling(known.id, step, world.now, world.now + timedelta(seconds=10), "503")
        else:
            world.store.hold_telling(known.id, step, world.now, world.now + timedelta(minutes=1), "silenced")

    @precondition(telling)
    @rule(pick=picks, step=st.sampled_from(STEPS))
    def tell_late(self, pick: int, step: TellState) -> None:
        """A worker that was thought dead comes back with its answer for a step that is over."""
        known = self._incident(pick)
        if known.tell is not step:
            self.world.tell_done(known.id, step)

    @rule(pick=picks)
    def acknowledge(self, pick: int) -> None:
        known = self._incident(pick)
        expected = "already" if known.acked_at else "acknowledged"
        over = known.state is IncidentState.RESOLVED
        assert self.world.store.acknowledge(known.id, "me", self.world.now) == ("stale" if over else expected)

    # time

    @rule()
    def sweep(self) -> None:
        before = {member for member, at in self.world.due().items() if at <= self.world.now}
        resend = timedelta(seconds=15)
        assert set(self.world.store.take_due(self.world.now, resend)) == before
        assert all(self.world.due()[member] == self.world.now + resend for member in before)

    @rule(length=waits)
    def wait(self, length: timedelta) -> None:
        self.world.later(length)

    # what always holds

    @invariant()
    def whatever_was_done(self) -> None:
        self.known = self._incidents()
        self._one_incident_is_open_per_key()
        self._what_waits_for_something_is_due_and_nothing_else()
        self._what_is_over_has_no_heal_and_expires_and_what_is_open_does_not()
        assert all(times == 1 for times in self.told.values())

    def _one_incident_is_open_per_key(self) -> None:
        opened = [each for each in self.known if each.state is IncidentState.OPEN]
        names = {f"{each.key.check}|{each.key.node}|{each.key.target}": each.id for each in opened}
        assert len(names) == len(opened)
        assert self.world.open_names() == names

    def _what_waits_for_something_is_due_and_nothing_else(self) -> None:
        expected = {(each.id, "heal") for each in self.known if each.heal in HEALS}
        expected |= {(each.id, "tell") for each in self.known if each.tell in TELLS}
        assert set(self.world.due()) == expected

    def _what_is_over_has_no_heal_and_expires_and_what_is_open_does_not(self) -> None:
        pipe = self.world.client.pipeline(transaction=False)
        for each in self.known:
            pipe.pttl(self.world.keys.incident(each.id))
        for each, left in zip(self.known, pipe.execute(), strict=True):
            over = each.state is IncidentState.RESOLVED
            assert not over or each.heal is HealState.NONE
            assert (left > 0) == over

    def _incidents(self) -> list[Incident]:
        return list(self.world.store.incidents(self.ids))

    def _incident(self, pick: int, *heals: HealState) -> Incident:
        """One whose heal stands where the rule has something to do; seldom, and where there is none, any."""
        every = self._incidents()
        fitting = [each for each in every if each.heal in heals and each.state is IncidentState.OPEN]
        chosen = fitting if fitting and pick % 8 != 7 else every
        return chosen[pick % len(chosen)]

    def _telling(self, pick: int) -> Incident:
        every = self._incidents()
        fitting = [each for each in every if each.tell in TELLS] or every
        return fitting[pick % len(fitting)]


def test_whatever_happens_in_whatever_order(redis_server: RedisServer) -> None:
    run_state_machine_as_test(
        lambda: Lives(redis_server.url),
        settings=settings(
            max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
