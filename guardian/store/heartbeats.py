"""What workers told of themselves through the client."""

from collections.abc import Mapping
from datetime import timedelta

from guardian.ports import Clock, WorkerSeen
from guardian.store import codec
from guardian.store.codec import ms
from guardian.store.keys import Keys
from guardian.store.scripts import Scripts, Server, server_errors

_KEPT = timedelta(days=1)


class Heartbeats:
    """guardian.ports.Heartbeats, part of the Store. Times are the store's. Raises StoreError."""

    def __init__(self, server: Server, keys: Keys, scripts: Scripts, clock: Clock) -> None:
        self._server, self._keys, self._scripts, self._clock = server, keys, scripts, clock

    def seen(self, worker: str, task: str | None = None) -> None:
        self._scripts.run("heartbeat", worker, ms(self._clock.now()), task or "")

    def workers(self) -> Mapping[str, WorkerSeen]:
        oldest = ms(self._clock.now() - _KEPT)
        pipe = self._server.pipeline(transaction=True)
        pipe.zrangebyscore(self._keys.heartbeats, f"({oldest}", "+inf", withscores=True)
        pipe.hgetall(self._keys.heartbeat_tasks)
        with server_errors():
            seen, tasks = pipe.execute()
        return {worker: WorkerSeen(worker, codec.moment(int(at)), tasks.get(worker)) for worker, at in seen}
