"""A Redis list. An item is moved by LMOVE: in one step, from the newest end of the one to that of the other."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from guardian.config.queues import End
from guardian.errors import RemedyError
from guardian.ports import QueueReading
from guardian.queues.base import Queue, place_of
from guardian.units import moment

if TYPE_CHECKING:
    from redis import Redis


class RedisList:
    """`newest`: the end where items are added. `field`: where JSON items say when they came."""

    def __init__(self, name: str, url: str, key: str, newest: End, field: str | None, answer: timedelta) -> None:
        self._name, self._url, self.key, self.newest, self._field = name, url, key, newest, field
        self._answer = answer.total_seconds()

    @contextmanager
    def _connected(self) -> Iterator["Redis"]:
        from redis import Redis  # noqa: PLC0415  loaded only where there is such a queue
        from redis.backoff import NoBackoff  # noqa: PLC0415  as above
        from redis.retry import Retry  # noqa: PLC0415  as above

        with Redis.from_url(
            self._url, socket_timeout=self._answer, socket_connect_timeout=self._answer, retry=Retry(NoBackoff(), 0)
        ) as client:
            yield client

    def look(self) -> QueueReading:
        """An empty list does not exist in Redis: it holds nothing."""
        with self._connected() as client:
            found: Any = client
            depth = int(found.llen(self.key))
            last = found.lindex(self.key, -1 if self.newest is End.LEFT else 0) if self._field else None
        return QueueReading(self._name, depth, self._time(last), place_of("redis", self._url))

    def _time(self, item: bytes | str | None) -> datetime | None:
        try:
            content = json.loads(item) if item is not None else None
        except (ValueError, RecursionError):
            return None
        return moment(content.get(self._field)) if isinstance(content, dict) else None

    def move(self, to: Queue, most: int) -> int:
        if not isinstance(to, RedisList):
            raise RemedyError(f"{self._name}: items of a Redis list are moved into one only", done=False)
        ends: Any = (self.newest.upper(), to.newest.upper())
        with self._connected() as client:
            found: Any = client
            for moved in range(most):
                if found.lmove(self.key, to.key, *ends) is None:
                    return moved
        return most
