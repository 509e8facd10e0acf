"""The live state as its users see it. Each method is one round trip and atomic; all raise StoreError."""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from guardian.model import Arming, Evidence, Incident, Key, OwnAct, Silence, Status, TellState, Transition
from guardian.ports import Clock
from guardian.store import codec, payloads
from guardian.store.codec import ms, span
from guardian.store.flags import Flags
from guardian.store.heartbeats import Heartbeats
from guardian.store.identity import Identity
from guardian.store.keys import HISTORY_LENGTH, SCHEMA, Keys
from guardian.store.past import Past
from guardian.store.scans import Scans
from guardian.store.scripts import Scripts, Server, server_errors
from guardian.store.signs import Signs
from guardian.store.spool import Spool
from guardian.store.starts import Starts
from guardian.store.values import (
    CheckSummary,
    Claim,
    ClaimOutcome,
    ClaimTerms,
    Facts,
    LastLook,
    Look,
    Plan,
    Planned,
    Recorded,
)

_CONNECT_SECONDS, _ANSWER_SECONDS = 3, 10
_DUE_AT_ONCE = 200


class StoreClock:
    """The server's time, one TIME read each."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def now(self) -> datetime:
        with server_errors():
            seconds, micros = self._server.time()
        return _time(seconds, micros)


class Store:
    """`identity` remembers which store this Guardian knew, so that one that came back empty is noticed: cures then
    wait for `hold`. `history`: entries that wait for the history at most. Time is the server's, unless another `clock`
    is given."""

    def __init__(
        self,
        server: Server,
        prefix: str,
        identity: Identity,
        hold: timedelta,
        clock: Clock | None = None,
        history: int = HISTORY_LENGTH,
    ) -> None:
        self.clock: Clock = clock or StoreClock(server)
        self._tells_time = clock is None
        self._server = server
        self._keys = Keys(prefix)
        self._scripts = Scripts(server, self._keys, history)
        self.spool = Spool(server, self._keys, self._scripts)
        self.scans = Scans(server, self._keys, self._scripts)
        self.signs = Signs(server, self._keys, self._scripts, self.clock)
        self.past = Past(server, self._keys, self._scripts)
        self.flags = Flags(server, self._keys, self._scripts, self.clock)
        self.heartbeats = Heartbeats(server, self._keys, self._scripts, self.clock)
        self.starts = Starts(server, self._keys, self._scripts, self.clock)
        self._identity = identity
        self._hold = hold
        self._id: str | None = None

    def close(self) -> None:
        self._server.close()

    # looks

    def last_look(self, check: str, node: str) -> LastLook:
        pipe = self._server.pipeline(transaction=True)
        pipe.time()
        pipe.hgetall(self._keys.look(check, node))
        pipe.hgetall(self._keys.verdicts(check, node))
        pipe.exists(self._keys.brake(node))
        pipe.hgetall(self._keys.acts(node))
        with server_errors():
            (seconds, micros), look, states, braked, acts = pipe.execute()
        return LastLook(
            now=_time(seconds, micros) if self._tells_time else self.clock.now(),
            version=int(look.get("version", 0)),
            at=codec.optional_moment(look.get("at")),
            memory=json.loads(look.get("memory", "{}")),
            states={target: codec.state(text) for target, text in states.items()},
            braked=bool(braked),
            acts=[codec.act(target, text) for target, text in acts.items()],
        )

    def acts(self, node: str) -> Sequence[OwnAct]:
        """Guardian's own last act on each target of the node."""
        with server_errors():
            held = self._server.hgetall(self._keys.acts(node))
        return [codec.act(target, text) for target, text in held.items()]

    def acknowledged(self, node: str, checks: Collection[str]) -> frozenset[str]:
        """Targets with an open incident of one of these checks that a person took."""
        with server_errors():
            opened = self._server.hgetall(self._keys.open)
        own = [each for each in self.incidents(opened.values()) if each.key.node == node and each.key.check in checks]
        return frozenset(each.key.target for each in own if each.acked_at is not None and each.resolved_at is None)

    def record(self, look: Look) -> Recorded:
        """Of two deliveries of one look one wins. A store that came back empty is joined anew, and the look is lost."""

        def record(identity: str) -> Mapping[str, Any]:
            answer: Mapping[str, Any] = json.loads(self._scripts.run("record", payloads.look_text(look, identity)))
            return answer

        answer = self._with_identity(record)
        if not answer["won"]:
            return Recorded(won=False)
        incidents = {
            (check, target): id_
            for name, id_ in dict(answer["incidents"]).items()
            for check, _, target in [name.partition("|")]
        }
        return Recorded(won=True, incidents=incidents, opened=list(answer["opened"]), resolved=list(answer["resolved"]))

    def facts(
        self,
        incidents: Iterable[str],
        window: timedelta,
        now: datetime,
        beside: Mapping[str, Collection[Key]] = MappingProxyType({}),
    ) -> Sequence[Facts]:
        """Those that are still open, in the order given. `beside`: whose open incidents bear on each of them."""
        found = [each for each in self.incidents(incidents) if each.resolved_at is None]
        others = self.open_of({key for each in found for key in beside.get(each.id, ())})
        pipe = self._server.pipeline(transaction=False)
        pipe.hget(self._keys.store, "recovering_until")
        for each in found:
            node = each.key.node
            pipe.hgetall(self._keys.heal(node, each.subject))
            pipe.zcount(self._keys.cures(node, each.subject), f"({ms(now - window)}", "+inf")
            pipe.hgetall(self._keys.brake(node))
        with server_errors():
            recovering, *rest = pipe.execute()
        return [
            Facts(
                incident=each,
                cooldown_until=_cooldown(heal, now),
                cures=cures,
                held=bool(brake) and ms(now) < int(brake["next"]),
                recovering=int(recovering or 0) > ms(now),
                beside={key: others.get(key) for key in beside.get(each.id, ())},
            )
            for each, heal, cures, brake in zip(found, rest[::3], rest[1::3], rest[2::3], strict=True)
        ]

    def plan(
        self, plans: Sequence[Plan], now: datetime, *, resend: timedelta, release_every: timedelta
    ) -> Sequence[Planned]:
        """Store decisions; each only if its incident still is as the decider saw it."""
        given = {"now": ms(now), "resend": span(resend), "release_every": span(release_every)}
        payload = codec.script_text(given | {"plans": [payloads.plan_fields(plan) for plan in plans]})
        answers = json.loads(self._scripts.run("plan", payload)) if plans else []
        return [Planned(answer["id"], answer["attempt"], answer["outcome"]) for answer in answers]

    # one attempt

    def claim(self, incident: str, attempt: int, token: str, act: str, terms: ClaimTerms, now: datetime) -> Claim:
        def claim(identity: str) -> Mapping[str, Any]:
            outcome, fence, claimed_at = self._scripts.run(
                "claim", identity, incident, attempt, token, ms(now), span(terms.lease), span(terms.cooldown),
                terms.budget, span(terms.window), act, terms.takeovers, terms.remedy, "1" if terms.vouched else "0",
            )  # fmt: skip
            return {"lost_store": outcome == "lost", "claim": (outcome, fence, claimed_at)}

        outcome, fence, claimed_at = self._with_identity(claim)["claim"]
        if outcome == "lost":
            outcome = ClaimOutcome.STALE  # the incident went with the store
        return Claim(ClaimOutcome(outcome), int(fence), codec.optional_moment(claimed_at))

    def holds(self, node: str, subject: str, token: str) -> bool:
        return bool(self._scripts.run("holds", node, subject, token))

    def finish(
        self, incident: str, attempt: int, token: str, now: datetime, *, cooldown: timedelta, outcome: str, text: str,
        verify_at: datetime, reason: str = "", tell: bool = True,
    ) -> bool:  # fmt: skip
        """`outcome`: done, failed, broken or contained. Without `tell` nobody is told of it. False when the lease
        was lost meanwhile."""
        return bool(
            self._scripts.run(
                "finish",
                incident,
                attempt,
                token,
                ms(now),
                span(cooldown),
                outcome,
                text,
                ms(verify_at),
                reason,
                "1" if tell else "0",
            )
        )

    def refuse(
        self, incident: str, attempt: int, now: datetime, reason: str, *, tell: bool, at_once: bool = True
    ) -> bool:
        """`at_once`: where a person is told, the escalation does not wait."""
        how = ("1" if at_once else "2") if tell else "0"
        return bool(self._scripts.run("refuse", incident, attempt, ms(now), reason, how))

    def verified(
        self, incident: str, attempt: int, now: datetime, *, outcome: str, text: str, again: datetime, unknowns: int,
        reason: str, always_tell: bool, tell: bool = True,
    ) -> str:  # fmt: skip
        """`outcome`: healthy, failing or unknown. Gives resolved, good end (that too, and it is to be told), failed,
        again or stale. Without `tell` nobody is told that it failed."""
        return str(
            self._scripts.run(
                "verified", incident, attempt, ms(now), outcome, text, ms(again), unknowns, reason,
                "1" if always_tell else "0", "1" if tell else "0",
            )
        )  # fmt: skip

    def keep_evidence(self, incident: str, evidence: Evidence, text: str, now: datetime) -> None:
        self._scripts.run("evidence", incident, ms(now), codec.evidence_text(evidence), text)

    def link(self, incident: str, root_id: str, parent_id: str) -> None:
        """Note the message that carries the incident now; what the sweep sends later hangs below it."""
        self._scripts.run("link", incident, root_id, parent_id)

    # telling

    def claim_telling(self, incident: str, step: TellState, now: datetime, lease: timedelta) -> str:
        """go, early (not due, or another worker is at it) or stale."""
        return str(self._scripts.run("tell", "claim", incident, step, ms(now), span(lease)))

    def mark_told(self, incident: str, step: TellState, channel: str, now: datetime) -> None:
        self._scripts.run("tell", "mark", incident, step, ms(now), channel)

    def pass_over(self, incident: str, step: TellState, channel: str, now: datetime) -> None:
        """The step is not for this channel."""
        self._scripts.run("tell", "pass", incident, step, ms(now), channel)

    def alert_turns(self, incident: str) -> tuple[Mapping[str, bool], bool]:
        """Of each channel that had its turn with the alert, whether the alert was for it; and, of one that is over,
        whether an alert was due of it at all."""
        start = f"told:{TellState.ALERT}:"
        with server_errors():
            fields = self._server.hgetall(self._keys.incident(incident))
        turns = {name.removeprefix(start): at != "0" for name, at in fields.items() if name.startswith(start)}
        return turns, "alert_was_due" in fields

    def finish_telling(
        self, incident: str, step: TellState, now: datetime, *, escalate_after: timedelta, task_file: str = ""
    ) -> None:
        self._scripts.run("tell", "done", incident, step, ms(now), span(escalate_after), task_file)

    def postpone_telling(self, incident: str, step: TellState, now: datetime, at: datetime, why: str) -> None:
        """After a try that failed; counted."""
        self._scripts.run("tell", "later", incident, step, ms(now), ms(at), why)

    def hold_telling(self, incident: str, step: TellState, now: datetime, at: datetime, why: str) -> None:
        """Nothing was tried."""
        self._scripts.run("tell", "hold", incident, step, ms(now), ms(at), why)

    def told(self, incident: str, step: TellState) -> tuple[frozenset[str], int]:
        """The channels that have this step already, and how many tries failed."""
        with server_errors():
            fields = self._server.hgetall(self._keys.incident(incident))
        start = f"told:{step}:"
        return frozenset(name.removeprefix(start) for name in fields if name.startswith(start)), int(
            fields.get(f"tries:{step}", 0)
        )

    # the sweep

    def take_due(self, now: datetime, resend: timedelta) -> Sequence[tuple[str, str]]:
        """(incident, track) of what is due and was not done; track is heal or tell."""
        members = self._scripts.run("take_due", ms(now), _DUE_AT_ONCE, span(resend))
        return [(incident, track) for incident, track in (member.split(" ") for member in members)]

    # people

    def acknowledge(self, incident: str, author: str, now: datetime, comment: str = "") -> str:
        """acknowledged, already or stale."""
        return str(self._scripts.run("acknowledge", incident, author, ms(now), comment))

    def add_silence(self, silence: Silence) -> None:
        now = ms(self.clock.now())
        self._scripts.run("silence", "add", silence.id, codec.silence_text(silence), now, silence.author)

    def remove_silence(self, id_: str, author: str = "") -> bool:
        return bool(self._scripts.run("silence", "remove", id_, "", ms(self.clock.now()), author))

    def silences(self, now: datetime) -> Sequence[Silence]:
        """Those in force; what is over is removed."""
        with server_errors():
            held = [codec.silence(text) for text in self._server.hgetall(self._keys.silences).values()]
            over = [silence.id for silence in held if silence.until <= now]
            if over:
                self._server.hdel(self._keys.silences, *over)
        return [silence for silence in held if silence.until > now]

    def arm(self, arming: Arming) -> None:
        """Have every node act, or only watch, from now on."""
        self._scripts.run("arm", arming.mode, arming.by, ms(arming.at), arming.comment)

    def arming(self) -> Arming | None:
        """The last such word; None where there was none that this version understands."""
        with server_errors():
            return codec.arming(self._server.hgetall(self._keys.arming))

    # reading

    def incident(self, id_: str) -> Incident | None:
        return next(iter(self.incidents([id_])), None)

    def incidents(self, ids: Iterable[str]) -> Sequence[Incident]:
        """Those that are (still) kept, in the order given."""
        pipe = self._server.pipeline(transaction=False)
        for id_ in ids:
            pipe.hgetall(self._keys.incident(id_))
        with server_errors():
            held = pipe.execute()
        return [codec.incident(fields) for fields in held if fields.get("id")]

    def story(self, id_: str) -> Sequence[Transition]:
        with server_errors():
            return [codec.transition(text) for text in self._server.lrange(self._keys.story(id_), 0, -1)]

    def open_incidents(self) -> Sequence[Incident]:
        with server_errors():
            ids = self._server.hvals(self._keys.open)
        return sorted(self.incidents(ids), key=lambda incident: incident.opened_at)

    def open_of(self, keys: Collection[Key]) -> Mapping[Key, Incident]:
        """The open incident of each key that has one."""
        if not keys:
            return {}
        with server_errors():
            ids = self._server.hmget(self._keys.open, [payloads.open_field(key) for key in keys])
        return {each.key: each for each in self.incidents(filter(None, ids)) if each.resolved_at is None}

    def closed_incidents(self, most: int) -> Sequence[Incident]:
        """The newest first."""
        with server_errors():
            ids = self._server.zrange(self._keys.closed, 0, most - 1, desc=True)
        return self.incidents(ids)

    def checks(self, pairs: Iterable[tuple[str, str]]) -> Sequence[CheckSummary]:
        """The last look of each (check, node) that there was one of."""
        wanted = list(pairs)
        pipe = self._server.pipeline(transaction=False)
        for check, node in wanted:
            pipe.hgetall(self._keys.look(check, node))
        with server_errors():
            held = pipe.execute()
        return [
            CheckSummary(
                check,
                node,
                Status(look["status"]),
                look["message"],
                codec.moment(look["at"]),
                float(look["seconds"]),
            )
            for (check, node), look in zip(wanted, held, strict=True)
            if "at" in look
        ]

    def cooldowns(self, incidents: Sequence[Incident], now: datetime) -> Mapping[Key, datetime]:
        """Until when the targets of these incidents cool down, of those that do."""
        pipe = self._server.pipeline(transaction=False)
        for each in incidents:
            pipe.hgetall(self._keys.heal(each.key.node, each.subject))
        with server_errors():
            held = pipe.execute()
        ends = {each.key: _cooldown(heal, now) for each, heal in zip(incidents, held, strict=True)}
        return {key: end for key, end in ends.items() if end is not None}

    def queue_depths(self, queues: Sequence[str]) -> Mapping[str, int]:
        """Messages that wait; Celery's queues are lists below the same prefix."""
        pipe = self._server.pipeline(transaction=False)
        for queue in queues:
            pipe.llen(self._keys.prefix + queue)
        with server_errors():
            return dict(zip(queues, pipe.execute(), strict=True))

    # identity

    def _with_identity(self, call: Any) -> Any:
        """Call with the store's identity; once more after joining a store that is not the one of before."""
        if self._id is None:
            self._join()
        answer = call(self._id)
        if answer.get("lost_store"):
            self._join()
            answer = call(self._id)
        return answer

    def _join(self) -> None:
        known = self._id or self._identity.known() or ""
        id_ = self._scripts.run("hello", ms(self.clock.now()), SCHEMA, known, uuid.uuid4().hex, span(self._hold))
        self._id = str(id_)
        self._identity.learned(self._id)


def connect(url: str, answer_seconds: float = _ANSWER_SECONDS, retries: int = 1) -> Server:
    """Connects at first use; each call is bounded in time, and tried once more on a new connection."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        encoding_errors="surrogatepass",  # names and texts of strangers come back as they were
        socket_connect_timeout=min(_CONNECT_SECONDS, answer_seconds),
        socket_timeout=answer_seconds,
        health_check_interval=30,
        retry=Retry(NoBackoff(), retries),
    )


def _cooldown(heal: Mapping[str, str], now: datetime) -> datetime | None:
    until = codec.optional_moment(heal.get("cooldown_until"))
    return until if until is not None and until > now else None


def _time(seconds: int, micros: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros)
