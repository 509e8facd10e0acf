"""Signs of life, as the watch reads them and the status shows them; and what several watches agree on."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from guardian.ports import Clock
from guardian.store import codec
from guardian.store.codec import ms, span
from guardian.store.keys import Keys
from guardian.store.scripts import Scripts, Server, server_errors
from guardian.store.values import Presence, ProcessSign, WatchSeen

KEPT = timedelta(days=1)
"""A canary, a watch or a worker without a sign for longer is forgotten."""

_TOLD_KEPT = timedelta(days=1)
_NODE_KEPT, _BEAT_KEPT = timedelta(days=7), timedelta(days=1)
_PROCESS_KEPT = timedelta(minutes=10)


class Signs:
    """Part of the Store. All methods raise StoreError."""

    def __init__(self, server: Server, keys: Keys, scripts: Scripts, clock: Clock) -> None:
        self._server, self._keys, self._scripts, self._clock = server, keys, scripts, clock

    def canary_seen(self, queue: str) -> None:
        """A task went through this queue and was worked on."""
        now = ms(self._clock.now())
        with server_errors():
            self._server.set(self._keys.canary(queue), now, px=KEPT)

    def canaries(self, queues: Iterable[str]) -> Mapping[str, datetime | None]:
        wanted = list(queues)
        return dict(zip(wanted, self._moments([("get", self._keys.canary(queue)) for queue in wanted]), strict=True))

    def looked_at(self, pairs: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], datetime | None]:
        """When each (check, node) was last looked at, without what the check remembers."""
        wanted = list(pairs)
        reads = [("hget", self._keys.look(check, node), "at") for check, node in wanted]
        return dict(zip(wanted, self._moments(reads), strict=True))

    def _moments(self, reads: Sequence[tuple[Any, ...]]) -> list[datetime | None]:
        pipe = self._server.pipeline(transaction=False)
        for command, *arguments in reads:
            getattr(pipe, command)(*arguments)
        with server_errors():
            return [codec.optional_moment(value) for value in pipe.execute()]

    def node_seen(self, node: str, role: str) -> None:
        """A worker of this role takes tasks there."""
        now = ms(self._clock.now())
        pipe = self._server.pipeline(transaction=False)
        pipe.zadd(self._keys.nodes, {f"{node} {role}": now})
        pipe.zremrangebyscore(self._keys.nodes, "-inf", now - span(_NODE_KEPT))
        with server_errors():
            pipe.execute()

    def presences(self) -> Sequence[Presence]:
        with server_errors():
            held = self._server.zrange(self._keys.nodes, 0, -1, withscores=True)
        found = ((*name.rsplit(" ", 1), score) for name, score in held)
        return [Presence(node, role, codec.moment(int(score))) for node, role, score in found]

    def beat_ticked(self, now: datetime) -> None:
        with server_errors():
            self._server.set(self._keys.beat, ms(now), px=_BEAT_KEPT)

    def last_beat(self) -> datetime | None:
        with server_errors():
            return codec.optional_moment(self._server.get(self._keys.beat))

    def process_seen(self, process: ProcessSign) -> None:
        """One process of Guardian lives; beside the sign of its role, which is the same for all that do the same."""
        now = ms(self._clock.now())
        pipe = self._server.pipeline(transaction=False)
        pipe.zadd(self._keys.processes, {codec.sign_text(process): now})
        pipe.zremrangebyscore(self._keys.processes, "-inf", now - span(_PROCESS_KEPT))
        with server_errors():
            pipe.execute()

    def processes(self) -> Mapping[ProcessSign, datetime]:
        """When each process of Guardian was seen last, of those seen lately."""
        with server_errors():
            held = self._server.zrange(self._keys.processes, 0, -1, withscores=True)
        return {codec.sign(text): codec.moment(int(score)) for text, score in held}

    def watch_seen(self, node: str, blind: Sequence[str]) -> None:
        """The watch of this node lives, and sees these troubles."""
        text = json.dumps({"at": ms(self._clock.now()), "blind": list(blind)})
        pipe = self._server.pipeline(transaction=False)
        pipe.hset(self._keys.watches, node, text)
        pipe.pexpire(self._keys.watches, KEPT)
        with server_errors():
            pipe.execute()

    def watches(self, now: datetime) -> Sequence[WatchSeen]:
        """One a node; those forgotten are removed."""
        with server_errors():
            held = self._server.hgetall(self._keys.watches)
            found = [_watch(node, json.loads(text)) for node, text in sorted(held.items())]
            gone = [each.node for each in found if now - each.seen_at > KEPT]
            if gone:
                self._server.hdel(self._keys.watches, *gone)
        return [each for each in found if each.node not in gone]

    def open_trouble(self, subject: str, id_: str, kept: timedelta) -> str:
        """The id under which all watches know the trouble; to be renewed within `kept` while it lasts."""
        return str(self._scripts.run("blind", "open", subject, id_, span(kept)))

    def claim_step(self, step: str, watch: str, lease: timedelta) -> str:
        """go, busy (another watch is at it) or told."""
        return str(self._scripts.run("blind", "claim", step, watch, span(lease)))

    def step_told(self, step: str, watch: str) -> None:
        self._scripts.run("blind", "told", step, watch, span(_TOLD_KEPT))


def _watch(node: str, held: Mapping[str, Any]) -> WatchSeen:
    return WatchSeen(node, codec.moment(held["at"]), tuple(map(str, held["blind"])))
