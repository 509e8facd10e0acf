"""What could not be delivered yet, a channel at a time: kept in the store, bounded, oldest first.

Each method is one round trip and atomic; all raise StoreError. A notification is kept as it was made, so that it
outlives its incident.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from guardian.ports import Notification
from guardian.store import codec
from guardian.store.codec import ms, span
from guardian.store.keys import Keys
from guardian.store.scripts import Scripts, Server, server_errors

LONGEST_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Spooled:
    """A notification that waits. `due`: not before then. What it is of: `step` of an incident, or `digest` of
    `digest-DAY`."""

    entry: str
    due: datetime
    at: datetime
    incident: str
    step: str
    notification: Notification


@dataclass(frozen=True)
class ChannelState:
    """How a channel stands. `since`, `tries` and `trouble` are of the failures since something last got through;
    `refused`: trying again soon cannot help. `oldest`: the first that waits, by when it was to be told. `node` has
    seen the trouble first, and says so. `dropped`: given up for lack of room, or for age."""

    name: str
    undelivered: int = 0
    oldest: datetime | None = None
    since: datetime | None = None
    tries: int = 0
    next_try: datetime | None = None
    trouble: str | None = None
    refused: bool = False
    node: str | None = None
    dropped: int = 0


class Spool:
    def __init__(self, server: Server, keys: Keys, scripts: Scripts) -> None:
        self._server, self._keys, self._scripts = server, keys, scripts

    def keep(self, channel: str, notification: Notification, incident: str, step: str, now: datetime, why: str) -> int:
        """The channel counts as told of the step from here on; once for a step, however often it is kept. Gives how
        many others were dropped to make room."""
        text = _text(notification, incident, step, now)
        entry = f"{incident}:{step}"
        return int(self._scripts.run("spool", "keep", channel, ms(now), entry, text, incident, step, why))

    def failed(
        self, channel: str, now: datetime, again: datetime, trouble: str, *, refused: bool, node: str, entry: str = "",
        holder: bool = False,
    ) -> None:  # fmt: skip
        """`entry` is put back until then. `holder`: the one that claimed failed, and goes away."""
        self._scripts.run(
            "spool", "failed", channel, ms(now), ms(again), trouble, "1" if refused else "0", node, entry,
            "1" if holder else "0",
        )  # fmt: skip

    def worked(self, channel: str, now: datetime) -> None:
        """Something got through that was not kept here."""
        self._scripts.run("spool", "worked", channel, ms(now), 0)

    def claim(self, channel: str, now: datetime, lease: timedelta) -> str:
        """go, early (not due, or another worker is at it) or empty."""
        return str(self._scripts.run("spool", "claim", channel, ms(now), span(lease)))

    def first(self, channel: str) -> Spooled | None:
        """The one that is due first, now or later."""
        with server_errors():
            found = self._server.zrange(self._keys.spool(channel), 0, 0, withscores=True)
            text = self._server.hget(self._keys.spooled(channel), found[0][0]) if found else None
        return _spooled(found[0][0], int(found[0][1]), text) if text else None

    def done(self, channel: str, spooled: Spooled, now: datetime) -> None:
        self._scripts.run("spool", "done", channel, ms(now), spooled.entry, spooled.incident, spooled.step)

    def drop(self, channel: str, spooled: Spooled, now: datetime) -> None:
        self._scripts.run("spool", "drop", channel, ms(now), spooled.entry)

    def rest(self, channel: str, now: datetime) -> None:
        """The claim is given back."""
        self._scripts.run("spool", "rest", channel, ms(now), 0)

    def settle(self, channel: str, now: datetime) -> None:
        """Nobody needs to be told any more that it had trouble."""
        self._scripts.run("spool", "settle", channel, ms(now), 0)

    def take_due(self, now: datetime, resend: timedelta) -> Sequence[str]:
        """Channels from whose spool something is to be sent."""
        return [str(name) for name in self._scripts.run("take_channels", ms(now), span(resend))]

    def waiting(self) -> Sequence[str]:
        """Channels for which something waits, configured or not."""
        with server_errors():
            return [str(name) for name in self._server.zrange(self._keys.channels, 0, -1)]

    def states(self, channels: Iterable[str]) -> Mapping[str, ChannelState]:
        names = list(dict.fromkeys(channels))
        pipe = self._server.pipeline(transaction=True)
        for name in names:
            pipe.hgetall(self._keys.channel(name))
            pipe.zcard(self._keys.spool(name))
            pipe.zrange(self._keys.spool(name), 0, 0)
        with server_errors():
            held = pipe.execute() if names else []
            firsts = {name: first[0] for name, first in zip(names, held[2::3], strict=True) if first}
            texts = {name: self._server.hget(self._keys.spooled(name), entry) for name, entry in firsts.items()}
        return {
            name: _state(name, fields, count, texts.get(name))
            for name, fields, count in zip(names, held[::3], held[1::3], strict=True)
        }


def _state(name: str, fields: Mapping[str, str], count: int, first: str | None) -> ChannelState:
    return ChannelState(
        name=name,
        undelivered=count,
        oldest=codec.moment(json.loads(first)["at"]) if first else None,
        since=codec.optional_moment(fields.get("since")),
        tries=int(fields.get("tries", 0)),
        next_try=codec.optional_moment(fields.get("next")),
        trouble=fields.get("trouble"),
        refused=fields.get("refused") == "1",
        node=fields.get("node"),
        dropped=int(fields.get("dropped", 0)),
    )


def _text(notification: Notification, incident: str, step: str, now: datetime) -> str:
    fields = asdict(notification) | {"at": ms(notification.at)}
    return codec.json_text({"at": ms(now), "incident": incident, "step": step, "notification": fields})


def _spooled(entry: str, due: int, text: str) -> Spooled:
    held = json.loads(text)
    fields = held["notification"] | {"at": codec.moment(held["notification"]["at"])}
    return Spooled(
        entry,
        codec.moment(due),
        codec.moment(held["at"]),
        held["incident"],
        held["step"],
        Notification(**fields),
    )
