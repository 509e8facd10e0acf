"""Two real queues of each kind, to be filled and emptied as their users do, and to be looked at as configured."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis
import sqlalchemy as sa
from kombu import Connection

from guardian.config.queues import Params
from guardian.queues.opening import opened
from guardian.queues.watched import Watched
from guardian.store.urls import broker_url
from tests.redis_server import RedisServer

AT = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


@dataclass
class Stand:
    """Queues `a` and `b`. `put(queue, item, at)` adds one, `take(queue)` gives all that is there, the oldest first."""

    settings: dict[str, dict[str, Any]]
    put: Callable[[str, str, float], None]
    take: Callable[[str], Sequence[str]]
    break_it: Callable[[], None]
    has_age: bool = True
    moves: bool = True

    def queues(self, **more: Any) -> Watched:
        return opened(Params.model_validate({"queues": self.settings, **more}))


def folder(place: Path) -> Stand:
    for name in "ab":
        (place / name).mkdir()

    def put(queue: str, item: str, at: float) -> None:
        file = place / queue / f"{item}.json"
        file.write_text(item)
        os.utime(file, (at, at))

    def take(queue: str) -> Sequence[str]:
        files = sorted((place / queue).glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_text() for file in files]

    def broken() -> None:
        for file in (place / "a").iterdir():
            file.unlink()
        (place / "a").rmdir()

    settings = {name: {"folder": str(place / name), "pattern": "*.json"} for name in "ab"}
    return Stand(settings, put, take, broken)


def redis_list(server: RedisServer) -> Stand:
    client = redis.Redis(unix_socket_path=str(server.socket), decode_responses=True)

    def put(queue: str, item: str, at: float) -> None:
        client.lpush(queue, json.dumps({"id": item, "at": at * 1000}))

    def take(queue: str) -> Sequence[str]:
        held: Any = client.lrange(queue, 0, -1)
        return [json.loads(each)["id"] for each in reversed(held)]

    def broken() -> None:
        client.delete("a")
        client.set("a", "no list")

    return Stand({name: {"redis_list": name, "url": server.url, "time": "at"} for name in "ab"}, put, take, broken)


def table(url: str, driver: str | None = None) -> Stand:
    engine = sa.create_engine(driver or url, poolclass=sa.NullPool)
    jobs = sa.Table(
        "jobs", sa.MetaData(), sa.Column("id", sa.String(40), primary_key=True), sa.Column("state", sa.String(10)),
        sa.Column("agent", sa.String(10)), sa.Column("created_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    jobs.create(engine)

    def put(queue: str, item: str, at: float) -> None:
        with engine.begin() as connection:
            when = datetime.fromtimestamp(at, UTC)
            connection.execute(jobs.insert().values(id=item, state="waiting", agent=queue, created_at=when))

    def take(queue: str) -> Sequence[str]:
        wanted = sa.select(jobs.c.id).where(jobs.c.agent == queue, jobs.c.state == "waiting")
        with engine.begin() as connection:
            return list(connection.execute(wanted.order_by(jobs.c.created_at)).scalars())

    common = {"table": "jobs", "key": "id", "time": "created_at", "url": url}
    settings = {name: {**common, "where": {"agent": name, "state": "waiting"}} for name in "ab"}
    return Stand(settings, put, take, lambda: jobs.drop(engine))


def query(url: str) -> Stand:
    stand = table(url)
    words = "SELECT count(*), min(created_at) FROM jobs WHERE agent = '{}'"
    stand.settings = {name: {"query": words.format(name), "url": url} for name in "ab"}
    stand.moves = False
    return stand


def celery(server: RedisServer) -> Stand:
    url = broker_url(server.url)

    def put(queue: str, item: str, at: float) -> None:
        with Connection(url) as connection, connection.SimpleQueue(queue) as simple:
            simple.put({"id": item})

    def take(queue: str) -> Sequence[str]:
        with Connection(url) as connection:
            channel: Any = connection.default_channel
            return [json.loads(raw)["body"] for raw in reversed(channel.client.lrange(queue, 0, -1))]

    settings = {name: {"celery_queue": name, "url": url} for name in "ab"}
    return Stand(settings, put, take, server.kill, has_age=False, moves=False)
