"""What the store keeps for the history: the stream that waits for it, whose turn it is to feed it, and what comes
back from it after the store was lost. All raise StoreError."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from guardian.store import codec
from guardian.store.codec import ms, span
from guardian.store.keys import Keys
from guardian.store.scripts import Scripts, Server, server_errors

Entry = tuple[str, Mapping[str, str]]
"""An entry of the stream: its id, and its fields (see lua/common.lua)."""


@dataclass(frozen=True)
class Standing:
    """How this store stands to the history. `lost` is the identity of the one before it, where it came back empty
    and that is known; `failing_since` the first run since the last that worked, `why` it failed;
    `gap` what the history missed; `fed_number` of
    the last entry that it has."""

    id: str
    made_at: datetime
    lost: str | None
    read_back: bool
    failing_since: datetime | None
    why: str
    gap: str
    gap_at: datetime | None
    pruned_at: datetime | None
    fed_number: int


@dataclass(frozen=True)
class LostIncident:
    """As the history has it, in texts as the store keeps them. `state` is what was known of its target, `story` its
    steps."""

    fields: Mapping[str, str]
    evidence: str | None
    state: str
    story: Sequence[str]


@dataclass(frozen=True)
class LostHeal:
    node: str
    subject: str
    incident: str
    attempt: int
    act: str
    claimed_at: datetime
    cooldown_until: datetime | None
    cure: bool


@dataclass(frozen=True)
class Restored:
    """`superseded`: of an incident that was not put back, the one that goes on instead."""

    outcome: str
    restored: Sequence[str] = ()
    superseded: Mapping[str, str] | None = None


class Past:
    """Made by the store, over its connection."""

    def __init__(self, server: Server, keys: Keys, scripts: Scripts) -> None:
        self._server, self._keys, self._scripts = server, keys, scripts

    # feeding

    def standing(self) -> Standing | None:
        """None while nobody has joined the store."""
        with server_errors():
            store = self._server.hgetall(self._keys.store)
            state = self._server.hgetall(self._keys.history_state)
        if "id" not in store:
            return None
        return Standing(
            id=store["id"],
            made_at=codec.moment(store["made_at"]),
            lost=store.get("lost"),
            read_back="read_back" in store,
            failing_since=codec.optional_moment(state.get("failing_since")),
            why=state.get("why", ""),
            gap=state.get("gap", ""),
            gap_at=codec.optional_moment(state.get("gap_at")),
            pruned_at=codec.optional_moment(state.get("pruned_at")),
            fed_number=int(state.get("fed_number", 0)),
        )

    def entries(self, after: str | None, most: int) -> Sequence[Entry]:
        """What waits, the oldest first."""
        with server_errors():
            return list(self._server.xrange(self._keys.history, f"({after}" if after else "-", "+", most))

    def waiting(self) -> int:
        with server_errors():
            return int(self._server.xlen(self._keys.history))

    def fed(self, upto: str, count: int) -> None:
        """The history has everything up to this entry, for good. `count`: its number."""
        time, _, number = upto.partition("-")
        with server_errors():
            self._server.xtrim(self._keys.history, minid=f"{time}-{int(number) + 1}", approximate=False)
            self._server.hset(self._keys.history_state, "fed_number", count)

    def take_turn(self, length: timedelta) -> bool:
        """Whether it is this caller's turn. A turn that is not ended runs out by the server's clock."""
        with server_errors():
            return bool(self._server.set(self._keys.history_turn, 1, nx=True, px=length))

    def end_turn(self, rest: timedelta | None = None) -> None:
        """`rest`: nobody has a turn before that is over."""
        with server_errors():
            if rest is None:
                self._server.delete(self._keys.history_turn)
            else:
                self._server.set(self._keys.history_turn, 1, px=rest)

    def begins(self, now: datetime) -> datetime:
        """Note that a run begins. Gives the beginning of the first one since the last that `works`: a run that is
        killed by a database which does not answer says nothing else."""
        with server_errors():
            self._server.hsetnx(self._keys.history_state, "failing_since", ms(now))
            return codec.moment(self._server.hget(self._keys.history_state, "failing_since") or ms(now))

    def fails(self, why: str) -> None:
        with server_errors():
            self._server.hset(self._keys.history_state, "why", why)

    def works(self) -> None:
        with server_errors():
            self._server.hdel(self._keys.history_state, "failing_since", "why")

    def missed(self, what: str, now: datetime) -> None:
        """Note a gap in the history."""
        with server_errors():
            self._server.hset(self._keys.history_state, mapping={"gap": what, "gap_at": ms(now)})

    def pruned(self, now: datetime) -> None:
        with server_errors():
            self._server.hset(self._keys.history_state, "pruned_at", ms(now))

    # reading back

    def restore(
        self,
        store: str,
        incidents: Sequence[LostIncident],
        heals: Sequence[LostHeal],
        *,
        now: datetime,
        verify_at: datetime,
        since: datetime | None,
        hold: timedelta,
        window: timedelta,
    ) -> Restored:
        """Once per store. `since`: up to when the history had everything; None: it knows nothing, the hold stands."""
        given = {
            "store": store,
            "now": ms(now),
            "verify_at": ms(verify_at),
            "hold": span(hold),
            "window": span(window),
            "incidents": [_without_none(vars(each)) for each in incidents],
            "heals": [_heal(each) for each in heals],
        }
        if since is not None:
            given["since"] = ms(since)
        answer = json.loads(self._scripts.run("restore", codec.script_text(given)))
        return Restored(answer["outcome"], list(answer.get("restored", ())), dict(answer.get("superseded", ())))

    # the digest

    def claim_digest(self, day: date, now: datetime, lease: timedelta) -> str:
        """go, early (another worker is at it) or sent."""
        return str(self._scripts.run("digest", "claim", day.isoformat(), ms(now), span(lease)))

    def mark_digest(self, day: date, channel: str, now: datetime) -> None:
        self._scripts.run("digest", "mark", day.isoformat(), ms(now), channel)

    def finish_digest(self, day: date, now: datetime, text: str) -> None:
        """Nothing more is to be told of this day, nor of an earlier one."""
        self._scripts.run("digest", "done", day.isoformat(), ms(now), text)

    def digest(self) -> tuple[date | None, frozenset[str]]:
        """The last day that is told of; of the one under way the channels that have it, or whose spools do."""
        with server_errors():
            held = self._server.hgetall(self._keys.digest)
        told = frozenset(name.removeprefix("told:") for name in held if name.startswith("told:"))
        return date.fromisoformat(held["sent"]) if "sent" in held else None, told


def _heal(heal: LostHeal) -> Mapping[str, object]:
    until = heal.cooldown_until
    return _without_none(
        vars(heal) | {"claimed_at": ms(heal.claimed_at), "cooldown_until": ms(until) if until else None}
    )


def _without_none(given: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if value is not None}
