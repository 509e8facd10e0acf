"""A store on a real server, and the calls that patrols and workers make of it, with `now` in the test's hand."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from guardian.model import (
    Action,
    Decision,
    Evidence,
    Incident,
    Key,
    Reason,
    Severity,
    Status,
    TargetState,
    TellState,
    Verdict,
)
from guardian.store.codec import moment, ms
from guardian.store.identity import Identity
from guardian.store.keys import Keys
from guardian.store.store import Store, connect
from guardian.store.values import Claim, ClaimTerms, Facts, Look, Plan, Planned, Recorded, Seen

CHECK, NODE, TARGET = "process_health", "node-1", "writer"
MS = timedelta(milliseconds=1)
HOLD = timedelta(seconds=300)
RESEND = timedelta(seconds=15)
RELEASE_EVERY = timedelta(seconds=30)
ESCALATE_AFTER = timedelta(minutes=5)
TELL_LEASE = timedelta(seconds=60)
VERIFY_AFTER = timedelta(seconds=10)
TERMS = ClaimTerms(
    lease=timedelta(seconds=60),
    cooldown=timedelta(seconds=300),
    budget=5,
    window=timedelta(minutes=30),
    takeovers=2,
)


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


class World:
    """Times are whole milliseconds, as the store keeps them; they begin at the server's own time."""

    def __init__(self, url: str, identity: Path | None = None) -> None:
        self.url = url
        self.client = connect(url)
        self.keys = Keys("g:")
        self._stores: list[Store] = []
        self.store = self.another(identity)
        self.now = moment(ms(self.store.clock.now()))

    def another(self, identity: Path | None = None) -> Store:
        """Another process' store: a connection and an identity of its own."""
        store = Store(connect(self.url), self.keys.prefix, Identity(identity), HOLD)
        self._stores.append(store)
        return store

    def close(self) -> None:
        for each in (self.client, *self._stores):
            each.close()

    def later(self, length: timedelta) -> None:
        self.now += length

    # looks

    def seen(
        self,
        status: Status,
        target: str = TARGET,
        message: str = "",
        *,
        check: str = CHECK,
        opens: bool | None = None,
        subject: str = "",
    ) -> Seen:
        message = message or f"{target} is {status}"
        state = TargetState(status, message, Severity.HIGH, self.now, self.now)
        opens = (status is Status.FAIL) if opens is None else opens
        return Seen(check, Verdict(target, status, message), state, opens, subject)

    def look_value(self, *seen: Seen, check: str = CHECK, **changes: Any) -> Look:
        given: dict[str, Any] = {
            "version": self.store.last_look(check, NODE).version,
            "memory": {"looks": 1},
            "status": Status.FAIL,
            "message": "a look",
            "seconds": 0.25,
            "gone": {},
            "release_every": RELEASE_EVERY,
        }
        return Look(check=check, node=NODE, now=self.now, seen=seen, **given | changes)

    def look(self, *seen: Seen, check: str = CHECK, **changes: Any) -> Recorded:
        return self.store.record(self.look_value(*seen, check=check, **changes))

    def fails(self, target: str = TARGET, *, check: str = CHECK, subject: str = "") -> str:
        """The incident that this look opened or added to."""
        seen = self.seen(Status.FAIL, target, check=check, subject=subject)
        return self.look(seen, check=check).incidents[check, target]

    def is_ok(self, target: str = TARGET, *, check: str = CHECK) -> Recorded:
        return self.look(self.seen(Status.OK, target, check=check), check=check)

    # incidents

    def incident(self, id_: str) -> Incident:
        found = self.store.incident(id_)
        assert found is not None
        return found

    def facts(self, id_: str) -> Facts:
        return self.store.facts([id_], TERMS.window, self.now)[0]

    def kinds(self, id_: str) -> list[str]:
        """Its story, a word each."""
        return [transition.kind for transition in self.store.story(id_)]

    def due(self) -> Mapping[tuple[str, str], datetime]:
        held = self.client.zrange(self.keys.due, 0, -1, withscores=True)
        return {tuple(member.split(" ")): moment(int(score)) for member, score in held}

    def open_names(self) -> Mapping[str, str]:
        return dict(self.client.hgetall(self.keys.open))

    # steps

    def decide(
        self,
        incident: str | Incident,
        action: Action = Action.HEAL,
        reason: Reason = Reason.FAILING,
        *,
        at_once: bool = False,
        cure: bool = True,
        evidence: Evidence | None = None,
    ) -> Planned:
        """An Incident decides as of when it was read, an id as of now."""
        known = self.incident(incident) if isinstance(incident, str) else incident
        plan = Plan(known, Decision(action, reason, at_once), cure, evidence, "taken" if evidence else "")
        return self.store.plan([plan], self.now, resend=RESEND, release_every=RELEASE_EVERY)[0]

    def planned(self, target: str = TARGET, *, check: str = CHECK, subject: str = "") -> str:
        """A failing target whose heal is decided."""
        id_ = self.fails(target, check=check, subject=subject)
        assert self.decide(id_).outcome == "heal"
        return id_

    def claim(
        self,
        id_: str,
        token: str = "token",  # noqa: S107
        terms: ClaimTerms = TERMS,
        *,
        attempt: int | None = None,
        store: Store | None = None,
    ) -> Claim:
        known = self.incident(id_).attempt if attempt is None else attempt
        return (store or self.store).claim(id_, known, token, "restart", terms, self.now)

    def lose_lease(self, key: Key, token: str = "token") -> None:  # noqa: S107
        """Waits until the server says that a short lease is over."""
        wait_until(lambda: not self.store.holds(key.node, key.target, token))

    def finish(
        self,
        id_: str,
        token: str = "token",  # noqa: S107
        outcome: str = "done",
        *,
        attempt: int | None = None,
        cooldown: timedelta = TERMS.cooldown,
    ) -> bool:
        known = self.incident(id_).attempt if attempt is None else attempt
        return self.store.finish(
            id_, known, token, self.now, cooldown=cooldown, outcome=outcome, text=f"it is {outcome}",
            verify_at=self.now + VERIFY_AFTER, reason=Reason.HEAL_FAILED,
        )  # fmt: skip

    def healed(self, target: str = TARGET, *, check: str = CHECK) -> str:
        """A failing target that was restarted and waits for the verifying look."""
        id_ = self.planned(target, check=check)
        assert self.claim(id_).outcome == "granted"
        assert self.finish(id_)
        return id_

    def verify(
        self,
        id_: str,
        outcome: str = "healthy",
        *,
        attempt: int | None = None,
        always_tell: bool = False,
        unknowns: int = 3,
        store: Store | None = None,
    ) -> str:
        known = self.incident(id_).attempt if attempt is None else attempt
        return (store or self.store).verified(
            id_, known, self.now, outcome=outcome, text=f"looks {outcome}", again=self.now + VERIFY_AFTER,
            unknowns=unknowns, reason=Reason.HEAL_FAILED, always_tell=always_tell,
        )  # fmt: skip

    # telling

    def alerting(self, target: str = TARGET, *, at_once: bool = False) -> str:
        """A failing target of which a person is to hear."""
        id_ = self.fails(target)
        assert self.decide(id_, Action.ALERT, Reason.OBSERVING, at_once=at_once).outcome == "tell"
        return id_

    def tell_claim(self, id_: str, step: TellState, store: Store | None = None) -> str:
        return (store or self.store).claim_telling(id_, step, self.now, TELL_LEASE)

    def tell_done(self, id_: str, step: TellState, task_file: str = "") -> None:
        self.store.finish_telling(id_, step, self.now, escalate_after=ESCALATE_AFTER, task_file=task_file)

    def tell(self, id_: str, step: TellState, task_file: str = "") -> None:
        """One step told by one channel, from claim to end."""
        assert self.tell_claim(id_, step) == "go"
        self.store.mark_told(id_, step, "log", self.now)
        self.tell_done(id_, step, task_file)
