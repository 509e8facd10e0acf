"""The control flags: which stand, by the store's clock, and which were taken away."""

import json
from collections.abc import Sequence

from guardian.ports import Clock, Flag, Lifted
from guardian.store import codec
from guardian.store.codec import ms
from guardian.store.keys import Keys
from guardian.store.scripts import Scripts, Server, server_errors


class Flags:
    """guardian.ports.Flags, part of the Store. Each change is one atomic call, and an entry of the history."""

    def __init__(self, server: Server, keys: Keys, scripts: Scripts, clock: Clock) -> None:
        self._server, self._keys, self._scripts, self._clock = server, keys, scripts, clock

    def standing(self) -> Sequence[Flag]:
        """By scope. One whose time is over is none, whether or not it was tidied away."""
        return self._read()[0]

    def lifted(self) -> Sequence[Lifted]:
        over = self._read()[1]
        with server_errors():
            held = self._server.hgetall(self._keys.flags_ended)
        return [*(codec.ended_flag(name.partition(" ")[2], text) for name, text in held.items()), *over]

    def _read(self) -> tuple[Sequence[Flag], Sequence[Lifted]]:
        now = self._clock.now()
        with server_errors():
            held = self._server.hgetall(self._keys.flags)
        found = [codec.flag(scope, json.loads(text)) for scope, text in sorted(held.items())]
        over = [Lifted(flag, None, flag.until) for flag in found if flag.until is not None and flag.until <= now]
        return [flag for flag in found if flag.until is None or flag.until > now], over

    def put(self, flag: Flag) -> bool:
        return bool(self._scripts.run("flag", "put", ms(self._clock.now()), flag.scope, codec.flag_text(flag)))

    def lift(self, scope: str, by: str, *, incident: str | None = None) -> bool:
        return bool(self._scripts.run("flag", "lift", ms(self._clock.now()), scope, by, incident or ""))

    def tidy(self) -> int:
        """Take away those whose time or whose incident is over. Gives how many; a repeat finds none."""
        return int(self._scripts.run("flag", "tidy", ms(self._clock.now())))
