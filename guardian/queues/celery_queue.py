"""A queue of Celery's, on any broker that kombu speaks. Its depth is asked by declaring it passively: nothing is made,
nothing is taken out, and nothing can be moved in one step."""

from datetime import timedelta
from typing import Any

from guardian.errors import RemedyError
from guardian.ports import QueueReading
from guardian.queues.base import Queue

_GONE_WHEN_EMPTY = frozenset({"redis"})
"""Brokers on which a queue that holds nothing does not exist."""

_NOT_FOUND = 404


class CeleryQueue:
    def __init__(self, name: str, url: str, queue: str, answer: timedelta) -> None:
        self._name, self._url, self._queue = name, url, queue
        self._answer = answer.total_seconds()

    def look(self) -> QueueReading:
        from kombu import Connection  # noqa: PLC0415  loaded only where there is such a queue

        limits = {"socket_timeout": self._answer, "socket_connect_timeout": self._answer}
        options = limits if self._url.startswith("redis") else {}
        with Connection(self._url, connect_timeout=self._answer, transport_options=options) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            try:
                channel: Any = connection.default_channel
                declared = channel.queue_declare(queue=self._queue, passive=True)
            except connection.channel_errors as error:
                if connection.transport.driver_type in _GONE_WHEN_EMPTY and _is_absent(error):
                    return QueueReading(self._name)
                if _is_absent(error):
                    return QueueReading(self._name, error=f"the broker has no queue {self._queue}")
                raise
            return QueueReading(self._name, int(declared.message_count))

    def move(self, to: Queue, most: int) -> int:  # noqa: ARG002
        raise RemedyError(f"{self._name}: what waits at a broker cannot be moved in one step", done=False)


def _is_absent(error: BaseException) -> bool:
    return getattr(error, "reply_code", None) == _NOT_FOUND or "NOT_FOUND" in str(error)
